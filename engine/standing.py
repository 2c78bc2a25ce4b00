"""Holds a step against how its worker and everything above it stand: it goes on, goes to its peer, or waits with an owner."""

from collections.abc import Mapping, Sequence
from functools import partial

from contracts.contract import WorkerDeclaration
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.rights import tier_allows
from contracts.standing import TASK, VERSION, WORKER, Stand, above, stopping, takes, version_unit, worker_unit
from contracts.units import Unit as BusinessUnit
from contracts.units import unit_named
from contracts.vocabulary import FailureClass, Rung, WaitingFor
from engine import branching, pausing
from engine.course import Course
from engine.rights import Rights
from escalation import blockers
from escalation.approvers import named
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.standings import stand_of
from storage.transitions import Happening


def lets(course: Course, *, others: Sequence[str] = ()) -> bool:
    """Whether the step may begin; if not, it is handed to its peer or the task waits, and that is committed.

    `others` are steps whose workers have to work for it, too.
    """
    stands = course.bench.standings()
    if not stands:
        return True
    stand = _stopped(course, stands, others)
    if stand is None and takes(_own(course, course.worker), task=course.task.number, step=course.step_name):
        return True
    if _peer_takes_over(course, stands):
        return False
    if stand is not None and not _another_branch(course, stand):
        _wait(course, stand)
    return stand is None


def tier_in_force(course: Course, worker: str) -> int:
    """The least of a worker's own tier and the one that its standing leaves it."""
    declared, own = course.lane.lane.workers[worker], _own(course, worker)
    return declared.tier if own is None or own.tier is None else min(declared.tier, own.tier)


def _own(course: Course, worker: str) -> Stand | None:
    return course.bench.stands.get(worker_unit(course.task.lane, worker))


def _stopped(course: Course, stands: Mapping[str, Stand], others: Sequence[str]) -> Stand | None:
    """What stops the step: something above its worker, the task itself, its worker, or a tier too low for its effect."""
    workers = [course.worker, *(course.lane.lane.step(name).worker for name in others)]
    places = above(course.bench.business.company, course.lane.lane)
    units = [*places, f"{TASK}:{course.task.number}", *(worker_unit(course.task.lane, one) for one in workers)]
    units += [unit for one in workers for unit in _deployed(course, one)]
    return stopping(stands, units) or _too_low(course)


def _deployed(course: Course, worker: str) -> list[str]:
    """The version in which a worker is deployed here, whichever contract the task runs under."""
    loaded = course.bench.business.lanes.get(course.task.lane)
    versions = loaded.versions if loaded is not None else {}
    return [version_unit(course.task.lane, worker, versions[worker])] if worker in versions else []


def _too_low(course: Course) -> Stand | None:
    own, declared = _own(course, course.worker), course.lane.lane.workers[course.worker]
    if own is None or course.step_name not in course.lane.proposes:
        return None
    return None if _may_propose(course, declared) else own


def _may_propose(course: Course, worker: WorkerDeclaration) -> bool:
    tier = tier_in_force(course, course.worker)
    return any(tier_allows(tier, course.lane.effects[name].operation) for name in worker.writes)


def _peer_takes_over(course: Course, stands: Mapping[str, Stand]) -> bool:
    """Hand the step to a peer that gets work, if only its own worker does not; the lane's or the task's stop is theirs too."""
    own = _own(course, course.worker)
    if own is None or course.rung is not Rung.SELF or _stopped_above(course, stands):
        return False
    failure = Failed(FailureClass.GOVERNANCE, _cause(own), _sentence(course, own))
    return pausing.goes_to_a_peer(course, failure)


def _stopped_above(course: Course, stands: Mapping[str, Stand]) -> bool:
    places = above(course.bench.business.company, course.lane.lane)
    return stopping(stands, [*places, f"{TASK}:{course.task.number}"]) is not None


def _another_branch(course: Course, stand: Stand) -> bool:
    """Whether another branch of the task, done by others, is taken meanwhile."""
    is_worker = stand.unit.startswith(f"{WORKER}:")
    return is_worker and branching.goes_on_elsewhere(course, _sentence(course, stand), tries=course.task.tries)


def _wait(course: Course, stand: Stand) -> None:
    """Park the task until the unit gets work again; nobody is asked, since somebody has decided it."""
    sentence, owner = _sentence(course, stand), _answerable(course, stand)
    blocker = blockers.Blocker(
        cause=_cause(stand),
        lane=course.task.lane,
        owner=owner,
        sentence=sentence,
        action=_action(stand),
    )
    identity = blockers.identity(blocker, course.bench.now())
    course.told = {**course.told, "wait": f"{sentence} It goes on by itself when that is over."}
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.BLOCKER,
        "waiting_on": identity,
        "due_at": None,
        "sentence": sentence,
        "holds_subject": False,
    }
    happening = Happening(Event.PARKED, {"cause": blocker.cause, "owner": owner, "sentence": sentence})
    extra = partial(_stand_still, course, blocker, identity, stand)
    course.commit([happening], columns, point="step", extra=extra)


def _stand_still(course: Course, blocker: blockers.Blocker, identity: str, stand: Stand, unit: Unit) -> None:
    """Wait on the blocker; if the unit was let work again meanwhile, nobody would lift it, so it is lifted at once."""
    now = stand_of(unit, stand.unit, lock=True)
    blockers.put_up(unit, blocker, identity, course.task.number)
    if now is None or now != stand:
        blockers.lift(unit, course.task.lane, [blocker.cause], by=course.bench.actor)


def _cause(stand: Stand) -> str:
    return f"standing of {stand.unit}"


def _called(stand: Stand) -> str:
    kind, _, name = stand.unit.partition(":")
    return f"T-{name}" if kind == TASK else name if kind in ("lane", "worker") else stand.unit


def _action(stand: Stand) -> str:
    if stand.unit.startswith(f"{VERSION}:"):
        worker = stand.unit.partition(":")[2].partition("@")[0]
        return f"compare it, then let it work: chargehand compare {worker}, chargehand promote {worker}"
    return f"let it work again: chargehand resume {_called(stand)}"


def _sentence(course: Course, stand: Stand) -> str:
    with course.bench.connection.transaction() as unit:
        who = named(unit, stand.by.removeprefix("person:"))
    return f"{_title(course, stand)} is {stand.words}, by {who}: {stand.because.rstrip('.')}."


def _title(course: Course, stand: Stand) -> str:
    if stand.unit.startswith(f"{TASK}:"):
        return course.task.name
    if stand.unit.startswith(f"{VERSION}:"):
        return f"Version {stand.unit.partition('@')[2]} of {_worker_of(course, stand).title}"
    return unit_named(course.bench.business, stand.unit).title


def _worker_of(course: Course, stand: Stand) -> BusinessUnit:
    called = stand.unit.partition(":")[2].partition("@")[0]
    return unit_named(course.bench.business, f"{WORKER}:{called}")


def _answerable(course: Course, stand: Stand) -> str:
    if stand.unit.startswith(f"{TASK}:"):
        return course.lane.lane.owner
    if stand.unit.startswith(f"{VERSION}:"):
        return _worker_of(course, stand).answerable[0]
    return unit_named(course.bench.business, stand.unit).answerable[0]


def rights(course: Course, worker: str) -> Rights:
    """The rights in force for a worker of the task's lane."""
    return Rights(course.lane, course.lane.lane.workers[worker], tier_in_force(course, worker))
