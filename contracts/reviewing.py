"""Reviews of one worker by another: a typed verdict on named criteria, bound to exactly what was looked at."""

from collections.abc import Iterator

from contracts.authoring import Review, Reviewed
from contracts.canonical import digest
from contracts.contract import Lane, Requirement, Step
from contracts.declared import Examples
from contracts.graph import leading_to
from contracts.vocabulary import Otherwise

PASS, FAIL, REVISE = "pass", "fail", "revise"


class WrongReview(ValueError):
    """A review that does not say what its contract asks for; the message says what is missing."""


def checked(review: Review, step: Step) -> Review:
    """The review, if it has a point for each criterion and its verdict follows from them; raises WrongReview."""
    named = [point.criterion for point in review.points]
    wanted = list(step.reviews.criteria) if step.reviews is not None else []
    if sorted(named) != sorted(wanted):
        raise WrongReview(f"The review has to say of each criterion whether it is met: {', '.join(wanted)}.")
    blank = [point.criterion for point in review.points if not point.sentence.strip()]
    if blank:
        raise WrongReview(f"The review gives no reason for {', '.join(blank)}.")
    if (review.verdict == PASS) != all(point.passed for point in review.points):
        raise WrongReview("The review passes exactly when every criterion is met.")
    return review


def bound(review: Review, document: object, *, by: str, round_: int) -> Reviewed:
    """The review of a document, bound to its digest."""
    return Reviewed(verdict=review.verdict, points=review.points, of=digest(document), by=by, round=round_, live=True)


def reviews_of(lane: Lane, step: str) -> tuple[Step, ...]:
    """The steps that review what a step gives."""
    return tuple(one for one in lane.steps if one.reviews is not None and one.reviews.step == step)


def passes(review: Step) -> str:
    """The name of the rule that a review is asked by before an effect."""
    return f"{review.name} passes"


def passed(lane: Lane, step: Step) -> Iterator[Requirement]:
    """A requirement for each review on the way to a step that changes the world: it passed, and it still counts."""
    leading = leading_to(lane, step.name)
    for review in lane.steps:
        if review.reviews is not None and review.name in leading:
            yield _requirement(review, step)


def _requirement(review: Step, step: Step) -> Requirement:
    at, reviewed = f"state.{review.writes}", review.reviews.step if review.reviews is not None else ""
    verdict = {"var": f"{at}.verdict"}
    counts = {"and": [{"==": [verdict, PASS]}, {"var": f"{at}.live"}]}
    optional = {"or": [{"===": [verdict, None]}, {"and": [{"!==": [verdict, None]}, *counts["and"]]}]}
    return Requirement(
        name=passes(review),
        before=step.name,
        rule=counts if review.when is None else optional,
        because=f"What {reviewed} gave has changed since {review.name} passed it.",
        otherwise=Otherwise.BLOCKED,
        examples=Examples(
            accepted=({f"{at}.verdict": PASS, f"{at}.live": True},),
            refused=({f"{at}.verdict": PASS, f"{at}.live": False}, {f"{at}.verdict": REVISE, f"{at}.live": True}),
        ),
    )
