"""Makes a call of an effect that nobody can look for once more, where it is known that the one before has changed nothing."""

from contracts.failed import Failed
from engine import looking, pausing, world
from engine.course import Course
from engine.world import Effect

NOT_MADE = "not_made"
"""Where a task keeps, by the key of an effect, why its last call is known to have changed nothing."""


def climbs(course: Course, effect: Effect, failure: Failed) -> bool:
    """The ladder decides when it is made again, or who is asked why it can't be; the effect stays open meanwhile."""
    course.happenings.extend(looking.back_to_verifying(course, effect))
    course.told = {**course.told, NOT_MADE: {effect.key: failure.sentence}}
    pausing.after_failure(course, failure, effect=pausing.Open(used=world.used(effect)))
    return False


def is_known(course: Course, effect: Effect) -> bool:
    """Whether the last call of an effect is known to have changed nothing."""
    return effect.key in course.told.get(NOT_MADE, {})


def forget(course: Course) -> None:
    """A call is made again: with the commit that says so, nothing is known of what it does."""
    course.told = {name: value for name, value in course.told.items() if name != NOT_MADE}
