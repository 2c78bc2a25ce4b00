"""What follows when a try has failed, as the ladder says: a retry, another way, a peer, people, or the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from contracts.canonical import canonical
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import TACTICS, TO_PEERS, FailureClass, MoveKind, Rung, WaitingFor
from engine import blocking, branching, ending, fanning, taking_over
from engine.climbing import history_of
from engine.coordinating import Handing, place
from engine.course import Course
from engine.delegation import time_for
from engine.desk import Call, Kept
from engine.outages import outage_of
from engine.records import plainly
from engine.routing import packet_for
from engine.writes import Extra, both
from escalation.ladder import NextMove, how_it_went, ladder_of, next_move, other_way, to_a_peer, with_peers_left
from storage import circuits
from storage.artifacts import Artifact
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.transitions import Happening
from storage.tried import Tried


@dataclass(frozen=True, slots=True)
class Open:
    """An effect that is still open after a try: it is carried on with, and the step is not done otherwise meanwhile."""

    used: Sequence[Mapping[str, Any]]
    not_before_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Settled:
    """An effect that the world has refused and does not show: it is given up, with what is written `beside` the move."""

    used: Sequence[Mapping[str, Any]]
    beside: Extra | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A try that has failed, the move that follows, and what was used and is left; `coordinator` is what is kept of its part."""

    failure: Failed
    move: NextMove
    tries: int
    effect: Open | Settled | None
    kept: Kept
    counting: Extra | None = None
    coordinator: Mapping[str, Any] | None = None

    @property
    def holds_subject(self) -> bool:
        """Whether nobody else may work on the subject meanwhile."""
        return isinstance(self.effect, Open)

    @property
    def beside(self) -> Extra | None:
        """What is written beside the move."""
        own = self.effect.beside if isinstance(self.effect, Settled) else None
        return both(own, self.counting)


def after_failure(
    course: Course,
    failure: Failed,
    *,
    kept: Kept | None = None,
    effect: Open | Settled | None = None,
    down: bool = False,
) -> None:
    """Make the ladder's next move after a failed try and commit it; with an open effect the subject stays held.

    `kept` is what the try has left on the desk. With `down` nothing was tried: the system is known to be down.
    """
    if course.item is not None and not isinstance(effect, Open):
        fanning.after_failure(course, failure, beside=effect.beside if effect is not None else None)
        return
    ladder = ladder_of(course.lane.lane, course.step_name)
    if isinstance(effect, Open) or (down and course.stays):  # what was approved is not asked for otherwise
        ladder = replace(ladder, tactics=())
    tries = course.task.tries + (0 if down else 1)
    history = history_of(course, ladder, tries, failure, down=down)
    move = next_move(ladder, history, failure, chance=course.bench.chance())
    placed = place(course, Handing(ladder, history, failure, how_it_went(ladder, history, failure)), move)
    move = placed.move
    waits = move.kind in (MoveKind.RETRY, MoveKind.HUMAN) and effect is None
    counts = counting(course, failure) if not down or failure.system in course.probing else None
    trouble = _Trouble(failure, move, tries, effect, kept or Kept(), counts, placed.said)
    row = _row(course, trouble)
    if waits and branching.goes_on_elsewhere(course, move.reason, tries=tries):
        _record(course, trouble, replace(row, move=MoveKind.PUT_OFF))
        return
    _record(course, trouble, row)
    _MOVES[move.kind](course, trouble)


def counting(course: Course, failure: Failed) -> Extra | None:
    """Counts a transient failure of an outside system, and tells this runner what is down by now."""
    if failure.kind is not FailureClass.TRANSIENT or not failure.system:
        return None
    bench, runtime = course.bench, course.bench.claimant.runtime

    def count(unit: Unit) -> None:
        circuits.failed(unit, failure.system, runtime, failure.sentence)
        bench.down = circuits.down(unit, runtime)

    return count


def goes_on_otherwise(course: Course, failure: Failed, proposed: Call) -> bool:
    """Try a tactic that the contract has for what was proposed and breaks a rule; False when it has none left."""
    ladder = ladder_of(course.lane.lane, course.step_name)
    if not ladder.tactics:
        return False
    tries = course.task.tries + 1
    move = other_way(ladder, history_of(course, ladder, tries, failure), failure)
    if move is not None:
        _make(course, _Trouble(failure, move, tries, None, Kept(failing=proposed)))
    return move is not None


def goes_to_a_peer(course: Course, failure: Failed) -> bool:
    """Hand the step to the next peer on its ladder because its own worker gets no work; False when there is none."""
    handing = _handing(course, failure, course.task.tries)
    move = to_a_peer(handing.ladder, handing.history, handing.told)
    if move is None:
        taking_over.keep(course, handing.history)
        return False
    placed = place(course, handing, move)
    _make(course, _Trouble(failure, placed.move, course.task.tries, None, Kept(), coordinator=placed.said))
    return True


def passes_over(course: Course, failure: Failed, *, effect: Open | None, asks: bool) -> None:
    """Take the step from a peer of whom nothing more comes: the next peer who was not tried has it, else people are asked.

    Without `asks` the lane's coordinator has no part in it.
    """
    tries = course.task.tries + 1
    handing = _handing(course, failure, tries)
    move = to_a_peer(handing.ladder, handing.history, handing.told) or NextMove(MoveKind.HUMAN, handing.told)
    placed = place(course, handing, move, asks=asks)
    _make(course, _Trouble(failure, placed.move, tries, effect, Kept(), coordinator=placed.said))


def _handing(course: Course, failure: Failed, tries: int) -> Handing:
    """The step as it is handed on where nothing else would be tried first."""
    ladder = ladder_of(course.lane.lane, course.step_name)
    history = history_of(course, ladder, tries, failure)
    return Handing(ladder, history, failure, with_peers_left(failure.sentence, ladder, history))


def _make(course: Course, trouble: _Trouble) -> None:
    """Make a move that needs no weighing."""
    _record(course, trouble, _row(course, trouble))
    _MOVES[trouble.move.kind](course, trouble)


def _record(course: Course, trouble: _Trouble, row: Tried) -> None:
    """Hold the try and what is left of it until the next commit."""
    course.failed.append(row)
    course.papers.extend(replace(artifact, canonical=False) for artifact in trouble.kept.artifacts)


def _row(course: Course, trouble: _Trouble) -> Tried:
    move, failure, kept = trouble.move, trouble.failure, trouble.kept
    return Tried(
        step=course.step_name,
        worker=course.worker,
        runtime=course.lane.lane.workers[course.worker].runtime,
        tactic=course.tactic,
        failure_class=failure.kind,
        failure_case=failure.case,
        cause=failure.cause,
        sentence=failure.sentence,
        move=move.kind,
        chosen=move.chosen,
        reason=move.reason,
        used=[plainly(call) for call in (trouble.effect.used if trouble.effect else kept.used())],
        kept=[artifact.name for artifact in kept.artifacts],
        notes=kept.notes,
    )


def _retry(course: Course, trouble: _Trouble) -> None:
    not_before = trouble.effect.not_before_s if isinstance(trouble.effect, Open) else 0.0
    _wait(course, trouble, max(trouble.move.wait_s or 0.0, not_before), tries=trouble.tries)


def _try_otherwise(course: Course, trouble: _Trouble) -> None:
    reason = trouble.move.reason
    course.told = {**course.told, "tried": [*course.told.get("tried", []), reason], "by": _BY[trouble.move.kind]}
    _wait(course, trouble, 0.0, tries=0)


_BY: Mapping[MoveKind, str] = {
    MoveKind.AMEND: "The worker changed what it had asked for and completed the task.",
    MoveKind.OTHER_TOOL: "The worker switched to a different tool and completed the task.",
    MoveKind.REDUCED_SCOPE: "The worker did less than was asked for, and says so.",
}
"""What is told once a task is done that had to be done otherwise."""


def _wait(course: Course, trouble: _Trouble, wait_s: float, *, tries: int) -> None:
    failure, move = trouble.failure, trouble.move
    content = {
        "class": failure.kind,
        "cause": failure.cause,
        "sentence": move.reason,
        "try": trouble.tries,
        "wait_s": wait_s,
        "move": move.kind,
        "tactic": move.chosen,
    }
    course.told = {**course.told, "wait": move.reason}
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": failure.cause,
        "due_at": course.bench.now() + timedelta(seconds=wait_s),
        "tries": tries,
        "sentence": move.reason,
        "holds_subject": trouble.holds_subject,
    }
    course.commit([Happening(Event.RETRY_SET, content)], columns, point="step", extra=trouble.beside)


def _delegate(course: Course, trouble: _Trouble) -> None:
    """Route the step to a peer with a packet that has everything; the originator still owns the outcome."""
    failure, reason = trouble.failure, trouble.move.reason
    packet = packet_for(course, failure, reason)
    originator, course.rung, course.peer = course.worker, Rung.PEER, trouble.move.chosen
    kept = Artifact(
        f"packet-{course.step_name}.json", "application/json", canonical(packet.document()), course.step_name
    )
    course.told = {**course.told, "wait": reason, "tried": [*course.told.get("tried", []), reason]}
    content = {
        "from": originator,
        "to": course.worker,
        "cause": failure.cause,
        "packet": kept.digest,
        "tries": trouble.tries,
        "because": reason,
        "within_s": time_for(course.step),
        **({"coordinator": dict(trouble.coordinator)} if trouble.coordinator is not None else {}),
    }
    columns = {**NO_LEASE, "due_at": course.bench.now(), "tries": 0, "sentence": reason}
    columns |= {"holds_subject": trouble.holds_subject}
    course.papers.append(kept)
    course.commit([Happening(Event.DELEGATED, content)], columns, point="step", extra=trouble.beside)
    course.bench.deployment.wakeups.wake(course.task.company, course.task.runtime)


def _ask_people(course: Course, trouble: _Trouble) -> None:
    hold = blocking.Hold(subject=trouble.holds_subject, outage=outage_of(course, trouble.failure))
    blocking.block(course, trouble.failure, trouble.move.reason, hold=hold, beside=trouble.beside)


def _refuse(course: Course, trouble: _Trouble) -> None:
    """The contract ends it; where an effect was under way the table of moves knows that as a failure."""
    if trouble.effect is not None:
        _stop(course, trouble)
        return
    ending.refuse(course, trouble.failure.case, trouble.move.reason, {}, beside=trouble.beside)


def _stop(course: Course, trouble: _Trouble) -> None:
    ending.fail(course, trouble.failure, trouble.move.reason, beside=trouble.beside)


_MOVES: Mapping[MoveKind, Callable[[Course, _Trouble], None]] = {
    MoveKind.RETRY: _retry,
    **dict.fromkeys(TACTICS, _try_otherwise),
    **dict.fromkeys(TO_PEERS, _delegate),
    MoveKind.HUMAN: _ask_people,
    MoveKind.REFUSE: _refuse,
    MoveKind.STOP: _stop,
}
