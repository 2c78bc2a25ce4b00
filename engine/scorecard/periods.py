"""Days, weeks and months as the company's wall clock has them, also on the days when that clock is moved."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """From `begins` to before `ends`, both aware UTC."""

    begins: datetime
    ends: datetime


def period_of(kind: str, at: datetime, zone: str) -> Period:
    """The day, week (from Monday, ISO 8601) or month that holds a moment, in an IANA time zone."""
    today = at.astimezone(ZoneInfo(zone)).date()
    first = {"day": today, "week": today - timedelta(days=today.weekday()), "month": today.replace(day=1)}[kind]
    return Period(_midnight(first, zone), _midnight(_after(kind, first), zone))


def period_before(kind: str, period: Period, zone: str) -> Period:
    """The one that ends where another begins."""
    return period_of(kind, period.begins - timedelta(microseconds=1), zone)


def _after(kind: str, first: date) -> date:
    if kind == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if kind == "week" else 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
