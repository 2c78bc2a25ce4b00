"""Takes a step that is done for each item of a list: item after item, pass after pass, until enough came out well."""

from contracts.failed import Failed
from contracts.gathering import gathered, needed
from contracts.lifecycle import Event
from contracts.vocabulary import FailureClass, ItemState
from contracts.wording import value_at
from engine import blocking, branching, fanning, freshness, pausing, proposals, steps, trust, world
from engine.climbing import would_ask_people
from engine.course import Course
from engine.desk import Kept
from engine.fan_out import FanOut
from engine.records import finished
from engine.world import Effect
from storage import items
from storage.items import Item
from storage.transitions import Happening


def take(course: Course) -> bool:
    """Take one item, or gather what came of all; True while there is work left in this shift."""
    fan_out = _opened(course)
    waiting = [item for item in fan_out.items.values() if item.state is ItemState.PENDING]
    if not waiting:
        return _gather(course)
    left = [item for item in waiting if item.ordinal not in fan_out.tried]
    if not left or fanning.ends_pass(fan_out):
        return _end_pass(course, waiting, is_whole=not left)
    return _take_item(course, min(left, key=lambda item: (item.tries, item.ordinal)))


def take_up(course: Course, effect: Effect) -> None:
    """The item that an open effect of an earlier shift is about is at work again, unless it is being taken back."""
    if course.step.each is not None and effect.undoes is None:
        fan_out = _opened(course)
        fan_out.at_work = fan_out.items[effect.ordinal]


def _opened(course: Course) -> FanOut:
    """The items of the step; those of a step that begins are written down before the first of them is taken."""
    if course.fan_out is None:
        with course.bench.connection.transaction() as unit:
            known = items.of_step(unit, course.task.number, course.step_name, course.list_round)
        course.fan_out = FanOut({item.ordinal: item for item in known})
        if not known:
            _fan_out(course, course.fan_out)
    return course.fan_out


def _fan_out(course: Course, fan_out: FanOut) -> None:
    listed = value_at(course.facts(course.bench.now()), course.step.each or "") or []
    for ordinal, one in enumerate(listed, 1):
        fanning.change(course, Item(ordinal, one))
    content = {"step": course.step_name, "items": len(fan_out.items)}
    fanning.progress(course)
    course.commit([Happening(Event.FANNED_OUT, content)], {}, point="step")


def _take_item(course: Course, item: Item) -> bool:
    fan_out = fanning.the(course)
    fan_out.tried.add(item.ordinal)
    fan_out.at_work = item
    if not steps.guard(course):
        return False
    tried = steps.run(course, course.step)
    if tried.proposal is not None:
        steps.keep_evidence(course, course.step, tried.proposal, tried.kept)
        bound = proposals.bind(course, tried.proposal, _revision(course, item))
        return proposals.weigh(course, bound, [])
    if tried.output is None:
        pausing.after_failure(course, tried.failure or steps.UNASKED, kept=tried.kept)
        return False
    return _keep(course, tried.output.model_dump(mode="json"), tried.kept)


def _revision(course: Course, item: Item) -> int:
    with course.bench.connection.transaction() as unit:
        return world.next_revision(unit, course.task, course.step_name, item.ordinal)


def _keep(course: Course, output: dict[str, object], kept: Kept) -> bool:
    course.keep(course.step_name, output, kept)
    trust.mark(course, course.step, kept, clears=False)
    happening = fanning.item_done(course, output, kept)
    fanning.take_in(course, output)
    course.commit([happening], {"tries": 0}, point="step", extra=steps.lifting(course))
    fanning.put_down(course)
    return True


def _end_pass(course: Course, waiting: list[Item], *, is_whole: bool) -> bool:
    """Wait, ask a peer, or give up what still waits: as the ladder says of the latest failure.

    Nothing is given up after a pass that has not come to all of them.
    """
    fan_out = fanning.the(course)
    is_outage, failure = fanning.is_outage(fan_out), list(fan_out.why_waiting.values())[-1]
    fan_out.begin_pass()
    if is_whole and not is_outage and _some_came_out_well(fan_out) and would_ask_people(course, failure):
        return _give_up(course, waiting)
    pausing.after_failure(course, failure)
    return False


def _some_came_out_well(fan_out: FanOut) -> bool:
    return any(item.state is ItemState.DONE for item in fan_out.items.values())


def _give_up(course: Course, waiting: list[Item]) -> bool:
    for item in waiting:
        fanning.the(course).at_work = item
        sentence = f"{item.sentence} It was tried {item.tries} times."
        fanning.leave(course, ItemState.FAILED, sentence)
    return False


def _gather(course: Course) -> bool:
    fan_out, step = fanning.the(course), course.step
    done = [item.output for item in fan_out.items.values() if item.state is ItemState.DONE]
    left = [item for item in fan_out.items.values() if item.state is not ItemState.DONE]
    if len(done) < needed(step.enough, len(fan_out.items)):
        _too_few(course, len(done), left)
        return False
    told = [{"item": item.item, "outcome": item.state, "rule": item.rule, "because": item.sentence} for item in left]
    document = gathered(done, told)
    course.state = {**course.state, step.writes: document}
    freshness.mark(course, step, Kept())
    course.happenings.append(finished(step.name, document, Kept()))
    return branching.advance(course) or steps.complete(course)


def _too_few(course: Course, done: int, left: list[Item]) -> None:
    """Too few came out well: the lane's owner is asked, and "try again" takes those that are left over once more."""
    step, total = course.step, len(fanning.the(course).items)
    first = left[0].sentence
    sentence = f"{done} of {total} {step.counted}, and {step.enough} are needed. The first that is left over: {first}"
    for item in left:
        fanning.change(course, Item(item.ordinal, item.item))
    failure = Failed(FailureClass.JUDGMENT, f"{step.name} of {course.task.name}", sentence)
    blocking.block(course, failure, sentence, hold=blocking.Hold(looks_again=False))
