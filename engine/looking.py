"""Looks whether the world shows an effect: now, later, or when somebody may try a system that is known to be down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.authoring import Seen
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.parts import Partly
from engine import circuits, world
from engine.course import Course
from engine.failing import understood
from engine.keeping import refuse_unkept_sight
from engine.reconciling import RESTORED
from engine.world import Effect
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.transitions import Happening


def look(course: Course, effect: Effect) -> tuple[Seen | Partly | None, Failed | None]:
    """What the world shows of an effect, or why that could not be seen."""
    course.used.calls += 1
    try:
        return _seen(course, effect), None
    except Exception as error:  # noqa: BLE001 - a look that fails is no answer: it is looked at again
        return None, understood(course, error, system=world.system_of(effect))


def _seen(course: Course, effect: Effect) -> Seen | Partly | None:
    seen = world.look(course.bench, effect, since=_since(course, effect))
    refuse_unkept_sight(effect.tool, _shown(seen))
    return seen


def _shown(seen: Seen | Partly | None) -> Mapping[str, Any]:
    if isinstance(seen, Seen):
        return {"reference": seen.reference, "at": seen.at, **seen.args}
    return {} if seen is None else world.as_parts(seen)


def _since(course: Course, effect: Effect) -> datetime:
    """Since when the world can show it: before this intention, if it was performed before or the record was restored."""
    is_first = effect.performs <= 1 and RESTORED not in course.task.origin
    return effect.intended_at if is_first else course.task.accepted_at


def has_arrived(course: Course, effect: Effect) -> bool:
    """Whether a call that was on its way must show by now."""
    _, operation = world.operation_of(course.bench, effect)
    return course.bench.now() >= world.settled_at(operation, effect)


def look_when_it_has_arrived(course: Course, effect: Effect) -> bool:
    """Commit that it is looked at when a call that is on its way must show; False, because nothing is left to do until then."""
    _, operation = world.operation_of(course.bench, effect)
    return look_later(course, effect, world.settled_at(operation, effect))


def look_later(course: Course, effect: Effect, when: datetime, *, shown: Mapping[str, Any] | None = None) -> bool:
    """Commit that it is looked at again, with what it has shown by now; False as above."""
    return _wait(course, effect, when, looks=effect.looks + 1, told=shown or {})


def waits_for_probe(course: Course, effect: Effect) -> bool:
    """Whether its system is known to be down and not this task is the one that tries it; it is looked at when one may,
    which is committed. That is no look: nothing was asked.
    """
    system = world.system_of(effect)
    when = circuits.probe_due(course, system)
    if when is None:
        return False
    told = {"because": f"{course.bench.down[system]} {system} is known to be down."}
    _wait(course, effect, when, looks=effect.looks, told=told)
    return True


def _wait(course: Course, effect: Effect, when: datetime, *, looks: int, told: Mapping[str, Any]) -> bool:
    content = {"key": effect.key, "looks": looks, "next": when.isoformat(), **told}
    happenings = [*back_to_verifying(course, effect), Happening(Event.LOOKED, content)]

    def extra(unit: Unit) -> None:
        world.note(unit, effect, looks=looks, state=effect.state, answer=effect.answer)

    columns = {**NO_LEASE, "due_at": when}
    course.commit(happenings, columns, point="verify", extra=extra)
    return False


def back_to_verifying(course: Course, effect: Effect) -> list[Happening]:
    """A task that waited with an open effect comes back as running: it is verifying again."""
    running = course.task.state == "running" and all(one.event is not Event.RESUMED for one in course.happenings)
    return [Happening(Event.RESUMED, {"key": effect.key, "performs": effect.performs})] if running else []
