"""A review says of every criterion whether it is met and why, and passes exactly when all are."""

import pytest

from contracts.authoring import Point, Review, Reviewed
from contracts.contract import Reviewing, Step
from contracts.reviewing import WrongReview, bound, checked

STEP = Step(
    name="review",
    worker="editor",
    run="workers:review",
    gives="review",
    writes="verdict",
    progress="Reviewing.",
    reviews=Reviewing(step="draft", criteria=("sources", "tone")),
)


def review(verdict: str, **points: bool) -> Review:
    """A review with a sentence for each point."""
    made = [Point(criterion=name, passed=passed, sentence=f"{name} was read") for name, passed in points.items()]
    return Review.model_validate({"verdict": verdict, "points": [one.model_dump() for one in made]})


@pytest.mark.parametrize(
    ("verdict", "points", "told"),
    [
        ("pass", {"sources": True}, "The review has to say of each criterion whether it is met: sources, tone."),
        ("pass", {"sources": True, "tone": True, "length": True}, "The review has to say of each criterion"),
        ("pass", {"sources": True, "tone": False}, "The review passes exactly when every criterion is met."),
        ("revise", {"sources": True, "tone": True}, "The review passes exactly when every criterion is met."),
    ],
)
def test_a_verdict_that_does_not_follow_from_its_points_is_none(
    verdict: str, points: dict[str, bool], told: str
) -> None:
    with pytest.raises(WrongReview, match=told):
        checked(review(verdict, **points), STEP)


def test_a_point_without_a_reason_is_none() -> None:
    made = Review(
        verdict="pass", points=[Point(criterion=name, passed=True, sentence=" ") for name in ("sources", "tone")]
    )

    with pytest.raises(WrongReview, match="gives no reason for sources, tone"):
        checked(made, STEP)


def test_a_review_is_bound_to_the_digest_of_what_was_reviewed() -> None:
    made = checked(review("revise", sources=True, tone=False), STEP)

    one = bound(made, {"text": "a"}, by="Editor", round_=1)
    other = bound(made, {"text": "b"}, by="Editor", round_=1)

    assert isinstance(one, Reviewed)
    assert (one.findings, one.live) == (("tone was read",), True)
    assert one.of != other.of
