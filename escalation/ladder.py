"""What comes next after a failure: a pure function of the contract, the history and the failure."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.contract import Retries
from contracts.failed import Failed
from contracts.vocabulary import FailureClass
from contracts.wording import duration

LONGEST_PAUSE_S = 86400.0


class MoveKind(StrEnum):
    """What is done on a rung."""

    RETRY = "retry"
    PEER = "peer"
    BLOCK = "block"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class NextMove:
    """The move and its reason as a manager reads it; `wait_s` is set for a retry."""

    kind: MoveKind
    reason: str
    wait_s: float | None = None


def next_move(retries: Retries, failure: Failed, *, tries: int, chance: float, peer: str | None = None) -> NextMove:
    """The move after the `tries`-th try of a step has failed; `chance` in [0, 1) spreads the waiting (full jitter).

    `peer` is the job of one who was not tried yet: a human is asked only when there is none.

    Waiting follows "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): uniform up to the growing bound.
    """
    if failure.kind is FailureClass.TRANSIENT and tries < retries.tries:
        return _retry(retries, failure, tries, chance)
    if peer is not None and failure.kind in _FOR_A_PEER:
        spent = _LAST[failure.kind](failure, tries).reason
        return NextMove(MoveKind.PEER, f"{spent} {peer} takes over.")
    return _LAST[failure.kind](failure, tries)


def _retry(retries: Retries, failure: Failed, tries: int, chance: float) -> NextMove:
    bound = min(retries.longest_s, retries.first_s * retries.factor ** (tries - 1))
    wait = max(chance * bound, min(failure.retry_after_s or 0.0, LONGEST_PAUSE_S))
    return NextMove(MoveKind.RETRY, f"{failure.sentence} Trying again in {duration(max(1, round(wait)))}.", wait)


def _spent(failure: Failed, tries: int) -> NextMove:
    times = "once" if tries == 2 else "twice" if tries == 3 else f"{tries - 1} times"
    retried = f"We retried {times} with backoff and it stayed so." if tries > 1 else "It was tried once."
    return NextMove(MoveKind.BLOCK, f"{failure.sentence} {retried}")


def _unchanged(failure: Failed, tries: int) -> NextMove:
    return NextMove(MoveKind.FAIL, f"{failure.sentence} This was not retried: the same call would fail again.")


def _judgment(failure: Failed, tries: int) -> NextMove:
    return NextMove(MoveKind.BLOCK, f"{failure.sentence} The worker could not tell what is right.")


def _governance(failure: Failed, tries: int) -> NextMove:
    return NextMove(MoveKind.FAIL, f"{failure.sentence} The worker is not allowed to do this, so it was stopped.")


_FOR_A_PEER = (FailureClass.TRANSIENT, FailureClass.JUDGMENT)
_LAST = {
    FailureClass.TRANSIENT: _spent,
    FailureClass.DETERMINISTIC: _unchanged,
    FailureClass.JUDGMENT: _judgment,
    FailureClass.GOVERNANCE: _governance,
}
