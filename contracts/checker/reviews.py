"""Checks reviews: another worker's output, judged before anything is done with it."""

from collections.abc import Iterator, Mapping

from contracts.contract import Lane, Reviewing, Step
from contracts.graph import leading_to
from contracts.loading.lanes import REVIEW
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.mistakes import Mistake, Pointer, suggestion


def review_mistakes(lane: Lane, page: Page, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    """Reviews of nothing, of one's own work, twice the same criterion, and effects that a review comes too late for."""
    for index, step in enumerate(lane.steps):
        at: Pointer = ("steps", index)
        if (step.reviews is None) != (step.gives != REVIEW):
            message = f"{step.name} reviews a step, but gives {step.gives}" if step.reviews else "it reviews no step"
            hint = f"Write gives: {REVIEW}." if step.reviews else "Write reviews: {step: …, criteria: […]}."
            yield page.mistake((*at, "gives"), message, hint)
        for number, name in enumerate(step.recheck):
            if any(one.name == name and one.reviews for one in lane.steps):
                message = f"{name} is a review, which is made again by itself once its pass no longer counts"
                yield page.mistake((*at, "recheck", number), message, "Name the step that it reviews.")
        if step.reviews is not None:
            yield from _review(lane, page, at, step, step.reviews)
            yield from _effects(lane, page, step, step.reviews, bindings)


def _review(lane: Lane, page: Page, at: Pointer, step: Step, reviews: Reviewing) -> Iterator[Mistake]:
    earlier = leading_to(lane, step.name)
    place: Pointer = (*at, "reviews")
    if reviews.step not in earlier:
        message = f"{reviews.step} is no step before {step.name}"
        yield page.mistake((*place, "step"), message, suggestion(reviews.step, sorted(earlier)))
        return
    author = lane.step(reviews.step)
    shared = {step.worker, step.peer} & {author.worker, author.peer} - {None}
    for name in sorted(str(one) for one in shared):
        message = f"{name} would review its own work"
        yield page.mistake((*place, "step"), message, "Let another worker review it.")
    for number, criterion in enumerate(reviews.criteria):
        if criterion in reviews.criteria[:number]:
            yield page.mistake((*place, "criteria", number), f"the criterion {criterion!r} stands there twice")


def _effects(
    lane: Lane, page: Page, step: Step, reviews: Reviewing, bindings: Mapping[str, Binding]
) -> Iterator[Mistake]:
    """Sending back repeats all that comes after the author: nothing of it may have changed the world."""
    for index, other in enumerate(lane.steps):
        binding = bindings.get(other.name)
        is_late = other.name == reviews.step or reviews.step in leading_to(lane, other.name)
        if binding is not None and binding.proposes and is_late and step.name not in leading_to(lane, other.name):
            message = f"{other.name} changes the world before {step.name} has passed what it is made of"
            hint = (
                f"Let {other.name} come after {step.name}."
                if other.name != reviews.step
                else "Review a step that only reads."
            )
            yield page.mistake(("steps", index, "name"), message, hint)
