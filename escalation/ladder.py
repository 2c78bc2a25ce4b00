"""What comes next after a failure: a pure function of the contract's ladder, the history and the failure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.contract import FITNESS, Lane, Tactic
from contracts.failed import Failed
from contracts.known_failures import ending
from contracts.running import Retries
from contracts.vocabulary import FailureClass, MoveKind, Otherwise
from contracts.wording import duration

LONGEST_PAUSE_S = 86400.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Who may take a step over: `name` in the lane file, its job, where it runs, and where the step's own worker does."""

    name: str
    job: str
    runtime: str
    home: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one step as its contract has them; peers who stand together are tried in the `order` that it states."""

    lane: str
    retries: Retries
    tactics: tuple[Tactic, ...]
    peers: tuple[tuple[Peer, ...], ...]
    order: str = "load"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a peer's rule says: whether it may take over (`holds`; None: it can't be told), and `because`, why not.

    `sentence` explains the verdict, `reads` are the facts that it read.
    """

    peer: str
    rule: str
    holds: bool | None
    because: str
    sentence: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """What was done about this step so far.

    `tries` counts those of the way that has just failed, by this worker and tactic; `tactics` and `peers` were tried before,
    and `handed_on` says how often it was handed to a peer.
    `down` says that the system is known to be down, so that trying it once more would only be one more failure. `left_s`
    is what is left of the time of the peer who has the step, `load` how many tasks wait for a runtime, and `fitness` how fit
    a peer is, from 0 to 1, as far as it is known. `rulings` are of peers who were not tried yet, judged on the facts `judged_on`.
    """

    tries: int
    tactics: frozenset[str] = frozenset()
    peers: frozenset[str] = frozenset()
    down: bool = False
    left_s: float | None = None
    load: tuple[tuple[str, int], ...] = ()
    fitness: tuple[tuple[str, float], ...] = ()
    rulings: tuple[Ruling, ...] = ()
    judged_on: Mapping[str, Any] = field(default_factory=dict)
    handed_on: int = 0

    @property
    def ruled_out(self) -> Mapping[str, str]:
        """The peers whose rule does not certainly hold, each with the reason."""
        return {one.peer: one.because for one in self.rulings if one.holds is not True}


@dataclass(frozen=True, slots=True)
class NextMove:
    """The move and its reason as a manager reads it; `wait_s` is set for a retry.

    `chosen` is the tactic that is tried or the peer who takes over.
    """

    kind: MoveKind
    reason: str
    wait_s: float | None = None
    chosen: str = ""


def ladder_of(lane: Lane, step: str) -> Ladder:
    """The ladder that a contract gives to one of its steps."""
    declared = lane.step(step)
    own = lane.workers[declared.worker]
    groups = tuple(
        tuple(Peer(name, lane.workers[name].job, lane.workers[name].runtime, own.runtime) for name in one)
        for one in lane.peers(step)
    )
    return Ladder(lane.lane, lane.retries, declared.tactics, groups, own.order)


def next_move(ladder: Ladder, history: History, failure: Failed, *, chance: float) -> NextMove:
    """The move after a try of a step has failed; `chance` in [0, 1) spreads the waiting (full jitter).

    Tried in this order: the same again (transient ones only), the declared tactics, the declared peers whose rules let
    them; each tactic and each peer once, so that every history ends. A human is asked only when nothing of that is left
    or could help: a peer would meet the same deterministic failure. What a worker is not allowed to do is nobody's to try, and stopped at once.
    """
    if failure.kind is not FailureClass.GOVERNANCE:
        for rung in _RUNGS:
            found = rung(ladder, history, failure, chance)
            if found is not None:
                return found
    return _last(ladder, history, failure)


def other_way(ladder: Ladder, history: History, failure: Failed) -> NextMove | None:
    """A tactic that was not tried yet after such a failure, if the contract has one."""
    return _tactic(ladder, history, failure, 0.0)


def _retry(ladder: Ladder, history: History, failure: Failed, chance: float) -> NextMove | None:
    """Waiting follows "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): uniform up to the growing bound."""
    retries = ladder.retries
    if failure.kind is not FailureClass.TRANSIENT or history.down or history.tries >= retries.tries:
        return None
    bound = min(retries.longest_s, retries.first_s * retries.factor ** (history.tries - 1))
    wait = max(chance * bound, min(failure.retry_after_s or 0.0, LONGEST_PAUSE_S))
    if history.left_s is not None and wait > history.left_s:
        return None
    return NextMove(MoveKind.RETRY, f"{failure.sentence} Trying again in {duration(max(1, round(wait)))}.", wait)


_WAYS = {
    "amend": (MoveKind.AMEND, "It is tried once more with other parameters"),
    "other-tool": (MoveKind.OTHER_TOOL, "The worker switches to a different tool"),
    "reduced-scope": (MoveKind.REDUCED_SCOPE, "The worker does less than was asked for"),
}


def _tactic(ladder: Ladder, history: History, failure: Failed, chance: float) -> NextMove | None:
    names = {failure.kind, failure.case, failure.cause}
    for tactic in ladder.tactics:
        if tactic.name not in history.tactics and names & set(tactic.after):
            kind, way = _WAYS[tactic.kind]
            reason = f"{failure.sentence} {way}: {tactic.because.rstrip('.')}."
            return NextMove(kind, reason, 0.0, tactic.name)
    return None


def comes_to_peers(failure: Failed) -> bool:
    """Whether a peer may do better after such a failure: any other would meet it too, or it is nobody's to try."""
    return failure.kind in (FailureClass.TRANSIENT, FailureClass.JUDGMENT)


def _peer(ladder: Ladder, history: History, failure: Failed, chance: float) -> NextMove | None:
    if not comes_to_peers(failure):
        return None
    return to_a_peer(ladder, history, how_it_went(ladder, history, failure))


def to_a_peer(ladder: Ladder, history: History, told: str) -> NextMove | None:
    """The next peer who was not tried yet takes over; `told` says how it went so far."""
    peer = next(eligible(ladder, history), None)
    return None if peer is None else to_this_peer(peer, told)


def to_this_peer(peer: Peer, told: str) -> NextMove:
    """That peer takes over."""
    kind = MoveKind.PEER if peer.runtime == peer.home else MoveKind.OTHER_RUNTIME
    return NextMove(kind, f"{told} {peer.job} on {peer.runtime} takes over.", chosen=peer.name)


def eligible(ladder: Ladder, history: History) -> Iterator[Peer]:
    """The peers who were not tried yet and may take it, those who stand together in the order of the ladder.

    None once it was handed on as often as the contract allows.
    """
    if history.handed_on < ladder.retries.peers:
        yield from _untried(ladder, history)


def _untried(ladder: Ladder, history: History) -> Iterator[Peer]:
    load, fitness = dict(history.load), dict(history.fitness)
    gone = {*history.peers, *history.ruled_out}

    def rank(peer: Peer) -> tuple[float, int]:
        """The fittest first, who is not known yet last; else, and among equals, the least busy."""
        fit = fitness.get(peer.name, -1.0) if ladder.order == FITNESS else 0.0
        return -fit, load.get(peer.runtime, 0)

    for group in ladder.peers:
        yield from sorted((one for one in group if one.name not in gone), key=rank)


_RUNGS: Sequence[Callable[[Ladder, History, Failed, float], NextMove | None]] = (_retry, _tactic, _peer)


def _last(ladder: Ladder, history: History, failure: Failed) -> NextMove:
    told = how_it_went(ladder, history, failure)
    if failure.otherwise is Otherwise.REFUSED:
        return NextMove(MoveKind.REFUSE, told)
    if failure.otherwise is Otherwise.BLOCKED or failure.kind in (FailureClass.TRANSIENT, FailureClass.JUDGMENT):
        return NextMove(MoveKind.HUMAN, told)
    return NextMove(MoveKind.STOP, told)


def how_it_went(ladder: Ladder, history: History, failure: Failed) -> str:
    """How it went, in a sentence that a manager understands."""
    told = _tries(ladder, history, failure)
    return with_peers_left(told, ladder, history) if comes_to_peers(failure) else told


def with_peers_left(told: str, ladder: Ladder, history: History) -> str:
    """How it went, and which peers do not take over, each with the reason."""
    ruled_out = [f"{name} was ruled out: {because}" for name, because in history.ruled_out.items()]
    return " ".join([told, *ruled_out, *_too_deep(ladder, history)])


def _too_deep(ladder: Ladder, history: History) -> Iterator[str]:
    """That it is not handed on any more although somebody is left, and what would change that."""
    most = ladder.retries.peers
    left = [one.name for one in _untried(ladder, history)] if history.handed_on >= most else []
    if left:
        times = {0: "never", 1: "once", 2: "twice"}.get(most, f"{most} times")
        way_out = f"raise retries.peers of {ladder.lane} to let {left[0]} take it over"
        yield f"A step of {ladder.lane} is handed on {times} at most; {way_out}."


def _tries(ladder: Ladder, history: History, failure: Failed) -> str:
    if failure.kind is FailureClass.TRANSIENT and history.down:
        return f"{failure.sentence} It was not called again, because it is known to be down."
    if failure.kind is FailureClass.TRANSIENT and history.tries <= 1:
        return f"{failure.sentence} It was tried once."
    retries = history.tries - 1
    times = {1: "once", 2: "twice"}.get(retries, f"{retries} times")
    how = ending(failure)
    places = {"times": times, "lane": ladder.lane, "cause": failure.cause}
    for name, value in places.items():
        how = how.replace(f"{{{name}}}", value)
    return f"{failure.sentence} {how}"
