"""Lets a lane's coordinator choose who takes a step over, among those who may; whatever it does, the step is placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.authoring import Judgment
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.loaded import Coordinator
from contracts.loading.coordinators import DESK, ROUTING
from contracts.placing import Placement, Routing
from contracts.standing import stopping, worker_unit
from contracts.vocabulary import TO_PEERS, MoveKind
from contracts.wording import duration
from engine import taking_over
from engine.candidates import routing_of
from engine.course import Course
from engine.failures import classify, plain
from engine.isolation import Place
from engine.records import PLACED, Attempt, denials
from engine.routing_desk import RoutingDesk
from escalation.ladder import History, Ladder, NextMove, Peer, comes_to_peers, eligible, to_this_peer
from storage.transitions import Happening

CONSULTED = "consulted"
"""Where the way of a task keeps the step that its coordinator was last asked about."""
_ENDS = frozenset({MoveKind.HUMAN, MoveKind.REFUSE, MoveKind.STOP})


@dataclass(frozen=True, slots=True)
class Handing:
    """A step that is handed on: its ladder and history, the failure, and how it went so far in a sentence."""

    ladder: Ladder
    history: History
    failure: Failed
    told: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Who has the step now, with the reason; `said` is what the record keeps of the coordinator, None where nobody was to be asked."""

    move: NextMove
    said: Mapping[str, Any] | None = None


def place(course: Course, handing: Handing, move: NextMove, *, asks: bool = True) -> Placed:
    """The move to a peer as the lane's coordinator has it, where it has one and there is a choice; else the one given.

    A coordinator that can't be asked, fails or chooses none of those who may leaves the contract's own choice standing,
    and that is on the record. With `asks` false nobody's code is run. What the rules of peers had to say is kept.
    """
    if move.kind in TO_PEERS or (move.kind in _ENDS and comes_to_peers(handing.failure)):
        taking_over.keep(course, handing.history)
    coordinator = course.lane.coordinator
    peers = tuple(eligible(handing.ladder, handing.history)) if coordinator is not None else ()
    if coordinator is None or move.kind not in TO_PEERS or len(peers) < 2:
        return Placed(move)
    why_not = _not_asked(course, coordinator) if asks else "it was not asked: the clock runs nobody's code"
    if why_not is not None:
        return _without(course, coordinator, move, why_not)
    return _asked(course, coordinator, handing, move, peers)


def _not_asked(course: Course, coordinator: Coordinator) -> str | None:
    """Why the coordinator is not asked (again); None when it is."""
    stand = stopping(course.bench.standings(), [worker_unit(course.task.lane, coordinator.name)])
    if stand is not None:
        return f"it is {stand.words}: {stand.because.rstrip('.')}"
    if course.task.lease_alone and course.way.get(CONSULTED) == course.step_name:
        return f"it gave no answer: its runner was lost, or ended after {duration(course.step.deadline)}"
    if course.task.deaths:
        return "it was not asked: this task has lost its runner twice"
    return None


def _without(course: Course, coordinator: Coordinator, move: NextMove, why_not: str) -> Placed:
    """The contract's own choice, and why the coordinator has no part in it."""
    job = course.lane.lane.workers[coordinator.name].job
    reason = f"{move.reason} The contract's order decided, without {job}: {why_not}."
    return Placed(NextMove(move.kind, reason, move.wait_s, move.chosen), {"by": coordinator.name, "failed": why_not})


def _asked(course: Course, coordinator: Coordinator, handing: Handing, move: NextMove, peers: Sequence[Peer]) -> Placed:
    routing = routing_of(course, handing.failure, handing.told, history=handing.history, peers=peers)
    _announce(course, coordinator, routing)
    job, started = course.lane.lane.workers[coordinator.name].job, course.bench.now()
    desk = RoutingDesk(job)
    try:
        chosen = _heard(_answer(course, coordinator, routing, desk), routing)
    except Exception as error:  # noqa: BLE001 - a coordinator is a stranger's code: whatever it raises leaves the contract's choice
        failure = classify(error, now=course.bench.now())
        _note(course, coordinator, desk, started, failure=failure)
        return _without(course, coordinator, move, failure.sentence.rstrip("."))
    _note(course, coordinator, desk, started, sentence=chosen.because)
    named = to_this_peer(next(one for one in peers if one.name == chosen.peer), handing.told)
    reason = f"{named.reason} {job}: {chosen.because}"
    return Placed(NextMove(named.kind, reason, chosen=chosen.peer), {"by": coordinator.name, "because": chosen.because})


def _announce(course: Course, coordinator: Coordinator, routing: Routing) -> None:
    """Have it on record that the coordinator is asked, before it is: if it hangs, its runner is ended and can't say so."""
    course.way = {**course.way, CONSULTED: course.step_name}
    content = {
        "coordinator": coordinator.name,
        "step": course.step_name,
        "may": [one.name for one in routing.candidates],
        "ruled_out": {one.name: one.because for one in routing.ruled_out},
    }
    course.commit([Happening(Event.CONSULTED, content)], {}, point="step")


def _answer(course: Course, coordinator: Coordinator, routing: Routing, desk: RoutingDesk) -> object:
    given: dict[str, Any] = {ROUTING: routing, DESK: desk}
    arguments = {parameter: given[what] for parameter, what in coordinator.arguments.items()}
    place = Place(course.bench.watch, course.task.number, course.lane.lane.isolation)
    answer: object = place.run(coordinator.function, arguments, desk, seconds=course.step.deadline)
    return answer


def _heard(answer: object, routing: Routing) -> Placement:
    """The choice, if it is one; raises Judgment."""
    if type(answer) is not Placement:
        raise Judgment("It named nobody.", cause="placement")
    peer, because = plain(answer.peer), plain(answer.because)
    may = [one.name for one in routing.candidates]
    if peer not in may:
        raise Judgment(f"It named {peer or 'nobody'}, who may not take it.", cause="placement")
    if not because:
        raise Judgment(f"It named {peer} and did not say why.", cause="placement")
    return Placement(peer, because if because.endswith((".", "!", "?")) else f"{because}.")


def _note(
    course: Course,
    coordinator: Coordinator,
    desk: RoutingDesk,
    started: datetime,
    *,
    sentence: str = "",
    failure: Failed | None = None,
) -> None:
    """Keep the attempt, and what the coordinator reached for and has no right to."""
    ended, name = course.bench.now(), coordinator.name
    outcome, told = ("failed", failure.sentence) if failure is not None else (PLACED, sentence)
    kind, cause = (failure.kind, failure.cause) if failure is not None else (None, None)
    course.used.add(started, ended, 0)
    course.attempts.append(Attempt(course.step_name, name, started, ended, outcome, told, kind, cause))
    course.happenings.extend(denials(name, course.step_name, desk.left))
