"""What authors of workers and tools declare, and what is refused at once."""

import pytest

from contracts.authoring import (
    Deterministic,
    Governance,
    Judgment,
    Transient,
    effect,
    operations_of,
    reads,
    worker,
)
from contracts.vocabulary import BlastRadius, EffectClass, FailureClass


class Till:
    """A tool with one read and one effect."""

    @reads(timeout_s=2.0)
    def balance(self) -> int:
        """What is in it."""
        return 7

    @effect("keyed", look="paid", blast="spending", timeout_s=3.0, settle_s=0.5)
    def pay(self, *, amount: int, key: str) -> dict[str, int]:
        """Pay."""
        return {"amount": amount}

    def paid(self, *, key: str) -> None:
        """The look."""

    def unmarked(self) -> None:
        """Not an operation."""


def test_only_marked_methods_are_operations() -> None:
    found = operations_of(Till)

    assert set(found) == {"balance", "pay"}
    assert not found["balance"].is_effect
    assert (found["pay"].effect_class, found["pay"].blast) == (EffectClass.KEYED, BlastRadius.SPENDING)
    assert (found["pay"].timeout_s, found["pay"].settle_s, found["pay"].look) == (3.0, 0.5, "paid")


@pytest.mark.parametrize("kind", ["keyed", "readable"])
def test_an_effect_that_could_be_looked_up_names_its_look(kind: str) -> None:
    with pytest.raises(ValueError, match="names its look"):
        effect(kind, look=None)(lambda: None)


def test_an_effect_of_no_known_class_is_refused_when_it_is_declared() -> None:
    with pytest.raises(ValueError, match="hopeful"):
        effect("hopeful", look="x")(lambda: None)


@pytest.mark.parametrize("seconds", [-1, 3601, float("nan"), float("inf"), "1", True, None])
def test_a_world_says_in_finite_seconds_within_an_hour_how_far_it_lags(seconds: object) -> None:
    with pytest.raises(ValueError, match="settle_s is"):
        effect("readable", look="x", settle_s=seconds)(lambda: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1, 601, float("nan"), "1", True])
def test_a_call_has_some_seconds_and_at_most_ten_minutes(seconds: object) -> None:
    with pytest.raises(ValueError, match="timeout_s is"):
        reads(timeout_s=seconds)(lambda: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Transient, FailureClass.TRANSIENT),
        (Deterministic, FailureClass.DETERMINISTIC),
        (Judgment, FailureClass.JUDGMENT),
        (Governance, FailureClass.GOVERNANCE),
    ],
)
def test_a_failure_is_its_sentence_and_its_class(failure: type[Transient], kind: FailureClass) -> None:
    error = failure("The shop is closed.", cause="shop", retry_after_s=3.0)

    assert (str(error), error.kind, error.cause, error.retry_after_s) == ("The shop is closed.", kind, "shop", 3.0)


def test_a_worker_is_the_function_itself_with_a_mark() -> None:
    def check() -> int:
        return 3

    assert worker(check) is check
    assert check() == 3
