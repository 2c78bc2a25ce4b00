"""What a review leads to: on with what passed, back to its author, or an end; and again when what passed has changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.authoring import Governance, Review, Reviewed
from contracts.contract import Step
from contracts.failed import Failed
from contracts.graph import after
from contracts.lifecycle import Event
from contracts.reviewing import FAIL, REVISE, bound, checked, passes
from contracts.vocabulary import FailureClass
from engine import blocking, ending
from engine.course import LISTS, Course
from engine.judging import Fallen
from escalation.approvals import lapse
from storage.outbox import Letter
from storage.transitions import Happening

ROUNDS = "rounds"


def as_kept(course: Course, step: Step, given: Review) -> Reviewed:
    """The review of a step's worker, bound to what it looked at; raises WrongReview, and Governance for an own work."""
    author = course.lane.lane.step(step.reviews.step) if step.reviews is not None else step
    if course.worker in (author.worker, author.peer):
        raise Governance(f"{course.worker} may not review its own work.", cause="rights")
    by = course.lane.lane.workers[course.worker].job
    return bound(checked(given, step), course.state[author.writes], by=by, round_=_rounds(course, step) + 1)


def ends_or_returns(course: Course, step: Step) -> bool:
    """Act on the verdict that has just been kept; False when it passed, so that the task simply goes on."""
    review = Reviewed.model_validate(course.state[step.writes])
    found = " ".join(review.findings)
    if review.verdict == FAIL:
        ending.refuse(course, passes(step), f"{review.by} does not pass it: {found}", {"round": review.round})
        return True
    if review.verdict != REVISE:
        return False
    author = course.lane.lane.step(step.reviews.step) if step.reviews is not None else step
    _send_back(course, step, author, review.findings)
    if _is_over(course, step):
        _stop(course, step, f"{review.by} has asked for changes {review.round} times: {found}")
    else:
        course.commit([], {}, point="step")
    return True


def is_made_again(course: Course, fallen: Fallen, letters: Sequence[Letter]) -> bool:
    """Whether a requirement fell because what was reviewed has changed since; then the review is made again.

    The effect is not carried out meanwhile, and approvals of it lapse: they were given for what was reviewed. Where an
    effect was carried out on that review before, nothing is made again: it would be carried out twice.
    """
    step = next((one for one in course.lane.lane.steps if one.reviews and passes(one) == fallen.requirement.name), None)
    if step is None or step.reviews is None or course.state.get(step.writes) is None:
        return False
    lane = course.lane
    if any(course.state.get(lane.lane.step(one).writes) for one in after(lane.lane, step.name) & lane.proposes):
        return False
    _send_back(course, step, step, (fallen.sentence,))
    if _is_over(course, step):
        _stop(course, step, fallen.sentence, letters=letters)
        return True
    course.commit([], {}, point="step", extra=lambda unit: lapse(unit, course.task.number), letters=letters)
    return True


def _send_back(course: Course, review: Step, to: Step, findings: Sequence[str]) -> None:
    """Take the task back to a step: all that came of it is to be made again, and the review's author reads why."""
    lane, number = course.lane.lane, _rounds(course, review) + 1
    again = {to.name, *after(lane, to.name)} - ({review.name} if to is not review else set())
    fields = {step.writes for step in lane.steps if step.name in again}
    course.state = {name: kept for name, kept in course.state.items() if name not in fields}
    course.way = {**course.way, ROUNDS: {**course.way.get(ROUNDS, {}), review.name: number}}
    begun: Mapping[str, Any] = course.way.get(LISTS, {})
    anew = {
        step.name: begun.get(step.name, 1) + 1 for step in lane.steps if step.name in again and step.each is not None
    }
    course.way = {**course.way, LISTS: {**begun, **anew}} if anew else course.way
    content = {"review": review.name, "round": number, "findings": list(findings), "to": to.name}
    course.happenings.append(Happening(Event.SENT_BACK, content))
    course.turn_to(to.name)
    course.turned = True


def _stop(course: Course, step: Step, sentence: str, *, letters: Sequence[Letter] = ()) -> None:
    """The stop rule of a review: its rounds are over, so the lane's owner is asked; "try again" begins them anew."""
    course.way = {**course.way, ROUNDS: {**course.way.get(ROUNDS, {}), step.name: 0}}
    course.turned = False
    failure = Failed(FailureClass.JUDGMENT, f"review {step.name} of {course.task.name}", sentence)
    blocking.block(course, failure, sentence, hold=blocking.Hold(looks_again=False), letters=letters)


def _rounds(course: Course, step: Step) -> int:
    rounds: Mapping[str, Any] = course.way.get(ROUNDS, {})
    return int(rounds.get(step.name, 0))


def _is_over(course: Course, step: Step) -> bool:
    return step.reviews is not None and _rounds(course, step) > step.reviews.rounds
