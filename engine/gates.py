"""Stops a run before it begins because something is missing: one gate with one owner, and it goes on by itself."""

from dataclasses import dataclass
from datetime import datetime

from contracts.lifecycle import Event
from contracts.vocabulary import DecisionKind, WaitingFor
from contracts.wording import moment
from engine.cost import cost_so_far
from engine.course import Course
from engine.writes import Extra, both
from escalation import blockers
from escalation.asked import owned_by
from escalation.blockers import Blocker, Trouble
from storage.claims import NO_LEASE
from storage.transitions import Happening

_UNTRIED = "Nothing was tried: it was missing before the run."


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing, who sees to it and how; it is looked for again at `until`, and `beside` is written with that."""

    cause: str
    owner: str
    sentence: str
    action: str
    until: datetime
    beside: Extra | None = None


def shut(course: Course, missing: Missing) -> None:
    """Let the task wait at the gate; its owner is asked once, however many tasks wait there."""
    company, lane = course.bench.business.company, course.lane.lane
    blocker = Blocker(missing.cause, course.task.lane, missing.owner, missing.sentence, missing.action)
    identity = blockers.identity(blocker, course.bench.now())
    again = f"It is looked for again at {moment(missing.until, company.timezone)}."
    who = course.bench.requester(missing.owner)
    owner = f"Owner: {who.name if who else missing.owner}."
    course.told = {**course.told, "wait": f"{missing.sentence} {owner} {again}"}
    asked = owned_by(missing.owner, company.last_resort)
    trouble = Trouble(lane.title, [_UNTRIED], asked, again, cost_so_far, kind=DecisionKind.GATE)
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.BLOCKER,
        "waiting_on": identity,
        "due_at": missing.until,
        "sentence": missing.sentence,
        "holds_subject": False,
    }
    content = {"cause": missing.cause, "owner": missing.owner, "sentence": missing.sentence, "action": missing.action}
    course.commit(
        [Happening(Event.PARKED, content)],
        columns,
        point="step",
        extra=both(lambda unit: blockers.join(unit, blocker, identity, course.task, trouble), missing.beside),
    )
