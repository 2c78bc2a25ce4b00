"""What follows when the world shows only parts of an effect: the rest is waited for, done, or put to a person; or all is put back."""

from collections.abc import Sequence
from enum import StrEnum

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.mistakes import listed
from contracts.parts import Partly
from contracts.vocabulary import EffectClass, EffectState, FailureClass
from engine import blocking, caps, ending, heeding, undoing, world
from engine.course import Course
from engine.world import Effect
from engine.writes import Extra, both
from escalation.blockers import Choice
from storage.transitions import Happening


class Follows(StrEnum):
    """What is done about an effect that stands in part."""

    WAITS = "waits"
    COMPLETES = "completes"
    ENDS = "ends"
    STUCK = "stuck"


def what_follows(effect: Effect, found: Partly, *, has_arrived: bool, stops: bool, failed: bool) -> Follows:
    """The rest may only be late until the call `has_arrived`; with `stops` the task is to end; `failed` says that the call
    broke off for a reason that no repeat mends. One that got on all the same, since it was completed last, is completed
    further: it was refused what an earlier call had done, and the world did not show yet.
    """
    is_safe_at_once = effect.effect_class is EffectClass.KEYED and effect.state is EffectState.INTENDED
    if not has_arrived and not (is_safe_at_once and not failed and not stops):
        return Follows.WAITS
    if stops:
        return Follows.ENDS
    if effect.state is EffectState.DISPROVED:  # a person has said that it is to be completed
        return Follows.COMPLETES
    gets_on = len(found.missing) < len(effect.missing)
    changes_nothing = effect.state is EffectState.PERFORMED and list(found.missing) == effect.missing
    return Follows.STUCK if (failed and not gets_on) or changes_nothing else Follows.COMPLETES


def told(course: Course, effect: Effect, found: Partly, why: str) -> str:
    """What stands and what is missing, in words."""
    stands, verb = listed(list(found.done)), "is" if len(found.done) == 1 else "are"
    missing = "is" if len(found.missing) == 1 else "are"
    there = f"{stands} {verb} there, {listed(list(found.missing))} {missing} missing"
    return f"{effect.tool} stands in part for {course.task.name}: {there}. {why}".strip()


def stop(course: Course, effect: Effect, found: Partly, why: str, *, happenings: Sequence[Happening]) -> None:
    """Put back what stands, by its declared undo, and fail the task; without one, or of an item, a person decides."""
    sentence = told(course, effect, found, why)
    if effect.undo is None or course.item is not None or effect.effect_class is EffectClass.NEITHER:
        ask(course, effect, found, why, happenings=happenings)
        return
    _mark(course, effect, found, happenings)
    ending.fail(course, Failed(FailureClass.DETERMINISTIC, f"effect of {course.task.name}", sentence), sentence)


def ask(course: Course, effect: Effect, found: Partly, why: str, *, happenings: Sequence[Happening]) -> None:
    """Put to the lane's owner what stands and what is missing: it is completed, put back, or left so."""
    sentence = told(course, effect, found, why)
    otherwise = "Put it back" if effect.undo is not None else "Leave it so"
    choice = Choice("Complete it?", "complete it, once what kept it from that is mended.", ("Complete it", otherwise))
    hold = blocking.Hold(subject=True, looks_again=False, choice=choice)
    failure = Failed(FailureClass.JUDGMENT, f"effect of {course.task.name}", sentence)
    course.happenings.extend(happenings)
    beside = both(_noted(effect, found), caps.settling(course, effect))
    blocking.block(course, failure, sentence, event=Event.DISPROVED, hold=hold, beside=beside)


def end(course: Course, effect: Effect, found: Partly, *, happenings: Sequence[Happening]) -> bool:
    """End the task, as somebody or something wants it to, once what stands was put back; True when that has begun."""
    if effect.undo is None:
        ask(
            course,
            effect,
            found,
            "The task is to end, and nothing is declared that puts it back.",
            happenings=happenings,
        )
        return False
    _mark(course, effect, found, happenings)
    if undoing.is_ending(course):
        undoing.goes_on(course, beside=None)
        return True
    heeding.end(course)
    return False


def _mark(course: Course, effect: Effect, found: Partly, happenings: Sequence[Happening]) -> None:
    """Commit that an effect stands in part and is not completed: from now on it can be taken back."""
    seen = Happening(Event.LOOKED, {"key": effect.key, **world.as_parts(found)})
    beside = both(_noted(effect, found), caps.settling(course, effect))
    course.commit([*happenings, seen], {}, point="verify", extra=beside)


def _noted(effect: Effect, found: Partly) -> Extra:
    columns = {"state": EffectState.DISPROVED, "looks": effect.looks + 1, "seen": world.as_parts(found)}
    return lambda unit: world.note(unit, effect, **columns)
