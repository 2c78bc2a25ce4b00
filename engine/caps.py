"""Holds effects against the caps above them: room is used in the transaction in which an effect is intended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.limits import ATTEMPT, SPANS, Limit, Use, limits_of, opens_at, place_of, use_of
from contracts.vocabulary import FailureClass, WaitingFor
from contracts.wording import first_large, moment
from engine import blocking
from engine.course import Course
from engine.world import Effect
from engine.writes import Extra
from storage import cap_uses
from storage.cap_uses import Span
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.pipeline import Query
from storage.transitions import Happening, Rows


@dataclass(slots=True)
class Reached(Exception):
    """No room for an effect; `opens` is when there is again, None when the effect alone is more than the cap."""

    limit: Limit
    opens: datetime | None


@dataclass(frozen=True, slots=True)
class Room:
    """What an effect takes of caps: `uses` are the rows that say so, `limits` those that it has to stay within."""

    company: str
    blast: str
    limits: Sequence[Limit]
    use: Use
    uses: Rows

    @property
    def queries(self) -> list[Query]:
        """What the transaction begins with that is to use this room."""
        spans = [_span(limit) for limit in self.limits]
        return cap_uses.counting(self.company, self.blast, spans) if spans else []

    @property
    def guards(self) -> list[Query]:
        """What fails where there is no such room, when it goes in one round trip with what uses it."""
        needs = [(_span(limit), self.use.of(limit.what), limit.most) for limit in self.limits]
        return cap_uses.needing(self.company, self.blast, needs) if needs else []

    def check(self, unit: Unit, rows: Sequence[Sequence[Any]]) -> None:
        """Raise Reached where there is none, by the rows of `queries`."""
        counted = cap_uses.used_of(rows[-1]) if rows else []
        for limit, used in zip(self.limits, counted, strict=True):
            if used + self.use.of(limit.what) > limit.most:
                raise Reached(limit, _opens(unit, limit, self.use))


def taking(course: Course, effect: Effect) -> Room | None:
    """What uses room for an effect, whose every try counts once; None when no cap is in force.

    Raises Reached where the effect alone is more than a cap.
    """
    blast = _blast(course, effect)
    limits = [limit for limit in _in_force(course) if limit.blast is blast]
    if not limits:
        return None
    use = use_of(course.lane.effects[effect.tool].operation, effect.args)
    _within_one(limits, use)
    place = place_of(course.bench.business.company, course.lane.lane)
    above = {level: place[level] for level in ("lane", "portfolio", "workspace")}
    size = {what: use.of(what) for what in Use.__slots__}
    company = course.task.company
    named = {"company": company, "key": effect.key, "task": effect.task, "blast": blast}
    uses = [{**named, **above, **size, "intended_at": effect.intended_at}]
    return Room(company, blast, [limit for limit in limits if limit.span != ATTEMPT], use, uses)


def _in_force(course: Course) -> tuple[Limit, ...]:
    """Those of the version that the task runs under, and those of today: a cap that is new or lowered holds at once."""
    lane, business = course.lane, course.bench.business
    today = business.lanes.get(lane.lane.lane)
    if today is None or today is lane:
        return lane.limits
    kept = limits_of(business.company, lane.lane)
    return tuple({(limit.cause, limit.most): limit for limit in (*today.limits, *kept)}.values())


def _blast(course: Course, effect: Effect) -> str:
    return course.lane.effects[effect.tool].operation.blast


def _within_one(limits: list[Limit], use: Use) -> None:
    for limit in limits:
        if use.of(limit.what) > limit.most:
            raise Reached(limit, None)


def _opens(unit: Unit, limit: Limit, use: Use) -> datetime:
    place = cap_uses.waiting(unit, limit.cause) + 1
    return opens_at(limit, cap_uses.uses(unit, _span(limit)), need=use.of(limit.what), place=place, now=unit.now)


def _span(limit: Limit) -> Span:
    return Span(limit.level, limit.node, limit.blast, limit.what, SPANS[limit.span])


def settling(course: Course, effect: Effect) -> Extra | None:
    """What lets the use of an effect grow old, once it is known that it has happened; that of one that is verified does."""
    return (lambda unit: cap_uses.settle(unit, effect.key)) if _in_force(course) else None


def giving_back(course: Course, effect: Effect) -> Extra | None:
    """What frees the room of an effect that was seen not to have happened."""
    return (lambda unit: cap_uses.give_back(unit, effect.key)) if _in_force(course) else None


def stop(course: Course, reached: Reached) -> None:
    """Let the task wait until there is room, or ask the lane's owner, as the cap says."""
    limit = reached.limit
    if reached.opens is not None and not limit.asks_owner:
        sentence = f"{first_large(limit.words)} is reached. It goes on at {_when(course, reached.opens)}."
        _defer(course, limit.cause, sentence, reached.opens)
        return
    action = f"raise {limit.words}, or leave it and stop what waits."
    if reached.opens is not None:
        action = f"raise {limit.words}, or try again from {_when(course, reached.opens)} on."
    hold = blocking.Hold(looks_again=False)
    blocking.block(course, _failure(course, reached), _reason(course, reached), action=action, hold=hold)


def _defer(course: Course, cause: str, sentence: str, until: datetime) -> None:
    """Let the task wait until there is room again for what it needs; nobody is asked, and it is tried again by itself."""
    content = {"cause": cause, "sentence": sentence, "until": until.isoformat()}
    course.told = {**course.told, "wait": sentence}
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": cause,
        "due_at": until,
        "sentence": sentence,
        "holds_subject": False,
    }
    course.commit([Happening(Event.DEFERRED, content)], columns, point="step")


def _failure(course: Course, reached: Reached) -> Failed:
    limit, opens = reached.limit, reached.opens
    sentence = f"{first_large(limit.words)} is reached."
    if opens is None:
        sentence = f"{course.task.name} alone is more than {limit.words}."
    return Failed(FailureClass.GOVERNANCE, limit.cause, sentence)


def _reason(course: Course, reached: Reached) -> str:
    if reached.opens is None:
        return f"{_failure(course, reached).sentence} Nothing was changed."
    return f"{_failure(course, reached).sentence} There is room again at {_when(course, reached.opens)}."


def _when(course: Course, at: datetime) -> str:
    return moment(at, course.bench.business.company.timezone)
