"""Deciding several alike decisions with one answer: each is a decision of its own, and recorded alone."""

from collections import Counter
from collections.abc import Sequence

from engine.deployment import Deployment
from escalation.decisions import Outcome, OutcomeKind, Voice, decide
from storage.failpoints import passing

MOST = 20
_COUNTED = (OutcomeKind.DECIDED, OutcomeKind.COUNTED)


def decide_each(deployment: Deployment, company: str, voices: Sequence[Voice]) -> list[Outcome]:
    """Each in a transaction of its own, so that one that can't be decided spoils no other; a second try finds its votes."""
    outcomes = [_decide(deployment, company, voice) for voice in voices]
    for runtime in {outcome.wake for outcome in outcomes if outcome.wake}:
        deployment.wakeups.wake(company, runtime)
    deployment.wakeups.courier()
    return outcomes


def _decide(deployment: Deployment, company: str, voice: Voice) -> Outcome:
    with deployment.database.transaction(company) as unit:
        outcome = decide(unit, voice)
    passing("decide.after_commit")
    return outcome


def in_words(outcomes: Sequence[Outcome]) -> str:
    """How many were decided, and the reason of each that was not."""
    decided = sum(outcome.kind is OutcomeKind.DECIDED for outcome in outcomes)
    counted = sum(outcome.kind is OutcomeKind.COUNTED for outcome in outcomes)
    others = Counter(outcome.sentence for outcome in outcomes if outcome.kind not in _COUNTED)
    parts = [
        f"{decided} decided." if decided else "",
        f"{counted} counted; others must approve too." if counted else "",
    ]
    parts += [
        f"{number} not: {sentence}" if number > 1 else f"One not: {sentence}" for sentence, number in others.items()
    ]
    return " ".join(filter(None, parts))
