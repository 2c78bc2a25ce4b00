"""Routes trouble: what a peer is handed, how busy peers are, and which people stand at the end of the ladder."""

from sqlalchemy import func, select

from contracts.contract import WorkerDeclaration
from contracts.failed import Failed
from contracts.packet import MOST_NAMES, Packet, capped
from contracts.vocabulary import TaskState
from contracts.wording import duration
from engine.course import Course
from engine.delegation import time_for
from escalation.asked import Asked, asked_by, owned_by
from storage.database import Unit
from storage.tables.work import tasks

_LONGEST_LINE = 400
AT_WORK = (TaskState.READY, TaskState.RUNNING, TaskState.VERIFYING)
"""The states in which a task is somebody's to do now."""


def packet_for(course: Course, failure: Failed, reason: str) -> Packet:
    """The packet with which the step under way is handed to a peer."""
    lane, step = course.lane.lane, course.step
    worker = lane.workers[step.worker]
    known = sorted(field for field in course.state if field in worker.takes)
    return Packet(
        subproblem=capped(f"{step.name} of {course.task.name}: {course.task.told['summary']}"),
        context=capped(
            f"Subject {course.task.subject}; known so far: {', '.join(known) or 'nothing yet'}. {failure.sentence}"
        ),
        tried=capped(_tried(course, reason)),
        desired_output=step.gives.partition(":")[2],
        success_condition=f"{worker.done}. {worker.outcome}. {lane.tell.promise}",
        rights=scope_of(worker),
        limits=f"at most {worker.cost.at_most} {course.bench.business.company.currency} a run; stops: {worker.stops}",
        originator=worker.job,
        deadline=f"{duration(time_for(step))} from now; then it is passed over",
        on_failure=f"{worker.job} takes over again and goes on up its ladder",
        may_read=["request", *known][:MOST_NAMES],
        artifacts=_artifacts(course)[:MOST_NAMES],
    )


def _tried(course: Course, reason: str) -> str:
    """Every try so far, the newest last; of many alike only how they ended."""
    earlier = [capped(one.reason, _LONGEST_LINE) for one in course.history]
    return " ".join([*dict.fromkeys(earlier), reason][-4:])


def scope_of(worker: WorkerDeclaration) -> str:
    """What a worker may read and change, in words."""
    reads, writes = ", ".join(worker.reads) or "nothing", ", ".join(worker.writes) or "nothing"
    return capped(f"tier {worker.tier}; reads {reads}; changes {writes}")


def _artifacts(course: Course) -> list[str]:
    """What is saved so far by name: of this shift, and of earlier tries."""
    fresh = [artifact.name for _, _, kept in course.results for artifact in kept.artifacts]
    return list(dict.fromkeys([*fresh, *(name for one in course.history for name in one.kept)]))


def people_asked(course: Course) -> Asked:
    """Who is asked when nothing is left to try; a task whose lane can't be run here asks its lane's owner."""
    lane, last_resort = course.lane.lane, course.bench.business.company.last_resort
    if course.stand_in:
        return owned_by(lane.owner, last_resort)
    return asked_by(lane, course.step.worker, last_resort)


def waiting_by_runtime(unit: Unit) -> tuple[tuple[str, int], ...]:
    """How many tasks each runtime has to do."""
    due = tasks.c.state.in_(AT_WORK)
    query = select(tasks.c.runtime, func.count()).where(tasks.c.company == unit.company, due).group_by(tasks.c.runtime)
    return tuple((runtime, count) for runtime, count in unit.connection.execute(query))
