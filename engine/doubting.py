"""Puts an effect of which nobody knows whether it happened, or that happened otherwise, to a human; it is never repeated."""

from collections.abc import Mapping
from typing import Any

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import EffectState, FailureClass
from engine import blocking, caps, looking, world
from engine.course import Course
from engine.world import Effect
from engine.writes import Extra, both

IN_DOUBT = "in_doubt"
"""Where a task keeps, by the key of an effect, why its call broke off while nobody knows what became of it."""


def disproved(course: Course, effect: Effect, different: Mapping[str, Any]) -> bool:
    """The world shows something else than what was asked for."""
    sentence = f"The world shows something else than what was asked for: {', '.join(sorted(different))}."
    return _to_a_human(course, effect, sentence, Event.DISPROVED, EffectState.DISPROVED)


def doubt(course: Course, effect: Effect, why: str) -> bool:
    """Nobody knows whether it happened, and `why`."""
    sentence = f"Nobody knows whether {effect.tool} happened for {course.task.name}. {why}"
    return _to_a_human(course, effect, sentence, Event.DOUBTED, EffectState.UNKNOWN)


def _to_a_human(course: Course, effect: Effect, sentence: str, event: Event, state: EffectState) -> bool:
    failure = Failed(FailureClass.JUDGMENT, f"effect of {course.task.name}", sentence)
    course.happenings.extend(looking.back_to_verifying(course, effect))
    unknown = (effect.key, effect.tool) if state is EffectState.UNKNOWN else None
    hold = blocking.Hold(subject=True, looks_again=False, unknown_effect=unknown)
    settle = None if unknown else caps.settling(course, effect)
    blocking.block(course, failure, sentence, event=event, hold=hold, beside=both(_noted(effect, state), settle))
    return False


def _noted(effect: Effect, state: EffectState) -> Extra:
    return lambda unit: world.note(unit, effect, state=state, looks=effect.looks + 1, answer=effect.answer)
