"""Where whoever is on a journey can die: each failpoint is passed by some lane, or it is known why it is passed by none."""

from contracts.vocabulary import EffectClass
from storage.failpoints import NAMES
from tests.faults.journeys import Journey

ALWAYS = {
    *("intake.before_commit", "intake.after_commit", "wake.before_enqueue", "wake.after_enqueue"),
    *("claim.before_commit", "claim.after_commit"),
    *("intend.before_commit", "intend.after_commit", "effect.before_call", "effect.after_call"),
    *("verify.before_commit", "verify.after_commit", "seal.before_commit", "seal.after_commit"),
}
LOOKED = {"verify.after_look"}
LATE = {"step.before_commit", "step.after_commit"}
ASKED = {"ask.before_commit", "ask.after_commit", "decide.before_commit", "timer.before_commit", "timer.after_commit"}
DECIDED = {"decide.after_commit"}
DOORS = {name for name in NAMES if name.startswith(("gateway.", "courier."))}
OF_NO_LANE = {name for name in NAMES if name.startswith("digest.")}
"""A digest is of a portfolio; test_digest.py kills the clock there."""


def places_inside(journey: Journey) -> set[str]:
    """Between the request that is accepted and the last that is kept of it."""
    looked = set() if journey.kind is EffectClass.NEITHER else LOOKED
    return ALWAYS | looked | (LATE if journey.late else set()) | (ASKED if journey.asks else set())


def places_at_the_doors(journey: Journey) -> set[str]:
    """Where it comes in, is answered, and is told of."""
    return DOORS | (DECIDED if journey.asks else set())
