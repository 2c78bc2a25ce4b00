"""The ladder as a pure table: failure class and tries in, one move and its sentence out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import Retries
from contracts.failed import Failed
from contracts.vocabulary import FailureClass
from escalation.ladder import LONGEST_PAUSE_S, MoveKind, next_move

RETRIES = Retries(tries=3, first_s=1, factor=3, longest_s=60)


def failed(kind: FailureClass, *, pause: float | None = None) -> Failed:
    """A failure of the shop."""
    return Failed(kind, "shop", "The shop can't be reached.", pause)


@pytest.mark.parametrize(
    ("kind", "tries", "move"),
    [
        (FailureClass.TRANSIENT, 1, MoveKind.RETRY),
        (FailureClass.TRANSIENT, 2, MoveKind.RETRY),
        (FailureClass.TRANSIENT, 3, MoveKind.BLOCK),
        (FailureClass.TRANSIENT, 99, MoveKind.BLOCK),
        (FailureClass.DETERMINISTIC, 1, MoveKind.FAIL),
        (FailureClass.JUDGMENT, 1, MoveKind.BLOCK),
        (FailureClass.GOVERNANCE, 1, MoveKind.FAIL),
    ],
)
def test_the_move_follows_from_the_class_and_the_tries(kind: FailureClass, tries: int, move: MoveKind) -> None:
    assert next_move(RETRIES, failed(kind), tries=tries, chance=0.5).kind is move


@pytest.mark.parametrize("kind", sorted(set(FailureClass) - {FailureClass.TRANSIENT}))
@given(tries=st.integers(1, 50), chance=st.floats(0, 1, exclude_max=True))
def test_only_a_transient_failure_is_ever_tried_again(kind: FailureClass, tries: int, chance: float) -> None:
    assert next_move(RETRIES, failed(kind), tries=tries, chance=chance).wait_s is None


@given(st.integers(1, 19), st.floats(0, 1, exclude_max=True))
def test_the_pause_is_spread_below_a_growing_bound_that_ends_somewhere(tries: int, chance: float) -> None:
    retries = Retries(tries=20, first_s=1, factor=3, longest_s=60)

    move = next_move(retries, failed(FailureClass.TRANSIENT), tries=tries, chance=chance)

    assert move.wait_s is not None
    assert 0 <= move.wait_s <= min(60, 3 ** (tries - 1))
    assert move.wait_s == pytest.approx(chance * min(60, 3 ** (tries - 1)))


@given(st.floats(0, allow_infinity=True, allow_nan=False))
def test_what_the_other_side_asks_for_is_waited_for_but_never_longer_than_a_day(pause: float) -> None:
    move = next_move(RETRIES, failed(FailureClass.TRANSIENT, pause=pause), tries=1, chance=0.0)

    assert move.wait_s == min(pause, LONGEST_PAUSE_S)
    assert math.isfinite(move.wait_s)


@pytest.mark.parametrize(
    ("kind", "tries", "sentence"),
    [
        (FailureClass.TRANSIENT, 2, "The shop can't be reached. Trying again in 2 s."),
        (FailureClass.TRANSIENT, 3, "The shop can't be reached. We retried twice with backoff and it stayed so."),
        (
            FailureClass.DETERMINISTIC,
            1,
            "The shop can't be reached. This was not retried: the same call would fail again.",
        ),
        (FailureClass.JUDGMENT, 1, "The shop can't be reached. The worker could not tell what is right."),
        (
            FailureClass.GOVERNANCE,
            1,
            "The shop can't be reached. The worker is not allowed to do this, so it was stopped.",
        ),
    ],
)
def test_the_reason_reads_as_one_would_tell_a_colleague(kind: FailureClass, tries: int, sentence: str) -> None:
    assert next_move(RETRIES, failed(kind), tries=tries, chance=0.5).reason == sentence


@pytest.mark.parametrize(
    ("tries", "words"), [(1, "It was tried once"), (2, "once"), (3, "twice"), (4, "3 times"), (20, "19 times")]
)
def test_the_number_of_retries_is_told_without_the_first_try(tries: int, words: str) -> None:
    spent = Retries(tries=tries)

    assert words in next_move(spent, failed(FailureClass.TRANSIENT), tries=tries, chance=0.5).reason
