"""Weeks by a company's wall clock, and which of them the weekly digest tells of at a moment."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.company import DigestTime
from engine.scorecard.periods import Period, period_of

_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")
_WEEK = timedelta(days=7)


class NotAWeek(ValueError):
    """The text names no week that has begun; `str()` says how to write one."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week of ISO 8601, from `monday` to Sunday by the wall clock of an IANA time zone."""

    monday: date
    zone: str

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: "2026-W47"."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def number(self) -> int:
        """The number in its year, from 1."""
        return self.monday.isocalendar().week

    @property
    def period(self) -> Period:
        """From its first local midnight to that of the next Monday, in UTC."""
        return Period(_instant(self.monday, time.min, self.zone), _instant(self.monday + _WEEK, time.min, self.zone))

    @property
    def before(self) -> "Week":
        """The week that ends where this one begins."""
        return Week(self.monday - _WEEK, self.zone)


def week_of(at: datetime, zone: str) -> Week:
    """The week that holds a moment."""
    begins = period_of("week", at, zone).begins
    return Week(begins.astimezone(ZoneInfo(zone)).date(), zone)


def week_named(name: str, now: datetime, zone: str) -> Week:
    """The week called "2026-W47"; raises NotAWeek, also for one that is still to come."""
    running = week_of(now, zone)
    found = _NAME.fullmatch(name)
    try:
        week = Week(date.fromisocalendar(int(found[1]), int(found[2]), 1), zone) if found else None
    except ValueError:
        week = None
    if week is None or week.monday > running.monday:
        raise NotAWeek(f"{name!r} is no week that has begun: write it like {running.name}, which is this week.")
    return week


def due_week(now: datetime, when: DigestTime, zone: str) -> Week:
    """The week that the newest regular digest tells of: it ended last before the day of that digest.

    It follows from dates alone, so it never goes back while time goes on, and each week has one day on which it falls
    due: neither a clock that is moved nor a clock that stood still makes two digests of a week.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    nearest = today + timedelta(days=(when.weekday - today.weekday()) % 7)
    day = next(day for day in _back_from(nearest) if due_at(day, when, zone) <= now)
    return Week(day - timedelta(days=day.weekday()) - _WEEK, zone)


def due_at(day: date, when: DigestTime, zone: str) -> datetime:
    """When the digest of a day is due: a time that the clock skips is shifted forward, of two alike the first counts."""
    return _instant(day, time.fromisoformat(when.at), zone)


def _back_from(day: date) -> list[date]:
    return [day, day - _WEEK, day - 2 * _WEEK]


def _instant(day: date, at: time, zone: str) -> datetime:
    """With fold 0 Python reads a skipped time by the offset before the gap, so it falls as far behind the gap."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
