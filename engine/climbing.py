"""Reads the ladder of the step under way: what was tried of it, who can take it over, and what would come next."""

from dataclasses import replace

from contracts.contract import FITNESS
from contracts.failed import Failed
from contracts.standing import stopping, worker_unit
from contracts.vocabulary import TACTICS, TO_PEERS, FailureClass, MoveKind, Rung
from engine.course import Course
from engine.delegation import ends_at
from engine.routing import waiting_by_runtime
from engine.taking_over import with_rulings
from engine.track_record import fitness_of_workers
from escalation.ladder import History, Ladder, ladder_of, next_move


def would_ask_people(course: Course, failure: Failed) -> bool:
    """Whether the ladder has nothing left below people after one more such failure."""
    ladder = ladder_of(course.lane.lane, course.step_name)
    history = history_of(course, ladder, course.task.tries + 1, failure)
    return next_move(ladder, history, failure, chance=0.0).kind is MoveKind.HUMAN


def history_of(course: Course, ladder: Ladder, tries: int, failure: Failed, *, down: bool = False) -> History:
    """What was tried of the step under way, as the ladder reads it, and what peers' rules say of the failure."""
    chosen = [(one.move, one.chosen) for one in course.history]
    tactics = frozenset(name for move, name in chosen if move in TACTICS)
    handed = [name for move, name in chosen if move in TO_PEERS]
    peers = frozenset(handed) | _without_work(course, ladder)
    history = History(tries, tactics, peers, down, _left_s(course), handed_on=len(handed))
    if failure.kind is FailureClass.DETERMINISTIC:  # a peer would meet it too: none is looked for
        return history
    return with_rulings(course, ladder, _with_order(course, ladder, history), failure)


def _with_order(course: Course, ladder: Ladder, history: History) -> History:
    """The history with what peers who stand together are put in order by; as it was where none do."""
    if all(len(group) < 2 for group in ladder.peers):
        return history
    with course.bench.connection.transaction() as unit:
        load = waiting_by_runtime(unit)
        known = fitness_of_workers(course, unit) if ladder.order == FITNESS else {}
    fitness = tuple((name, score) for name, score in known.items() if score is not None)
    return replace(history, load=load, fitness=fitness)


def _left_s(course: Course) -> float | None:
    """What is left of the time of the peer who has the step; None when none has it."""
    if course.rung is not Rung.PEER:
        return None
    with course.bench.connection.transaction() as unit:
        end = ends_at(unit, course.task, course.step)
        return (end - unit.now).total_seconds() if end is not None else None


def _without_work(course: Course, ladder: Ladder) -> frozenset[str]:
    """The peers who get no work now: paused, retired or not yet begun."""
    stands = course.bench.standings() if ladder.peers else {}
    names = [peer.name for group in ladder.peers for peer in group] if stands else []
    return frozenset(name for name in names if stopping(stands, [worker_unit(course.task.lane, name)]) is not None)
