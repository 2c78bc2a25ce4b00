"""Finds in a calendar (RFC 5545) when its owner is away; runs in a child process only, because rules of recurrence can be endless."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Event

from gateway.confined import answer

MOST_EVENTS = 20_000
SHORTEST = timedelta(hours=4)
"""Who is out for less is asked all the same: a card waits that long for anybody."""

_OUT_OF_OFFICE = "OOF"  # X-MICROSOFT-CDO-BUSYSTATUS, [MS-OXCICAL] 2.1.3.1.1.20.31
_AWAY = re.compile(
    r"^\W*(?:out of (?:the )?office|ooo|pto|on (?:annual |parental |sick )?leave|(?:annual|parental|sick) leave"
    r"|(?:on )?(?:vacation|holidays?))(?:\W*$|\W*(?:until|in|to|with|[-:(–]))",
    re.IGNORECASE,
)
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})


class NoCalendar(ValueError):
    """What the feed gave is no calendar; `str()` says why, as the second half of a sentence."""


def running(raw: bytes, now: datetime, timezone: str) -> list[dict[str, str]]:
    """The absences that run at `now`: since and until (ISO 8601, UTC), and a reference that stays the same. Raises NoCalendar.

    An event counts when it is marked out of office, or called so while it makes its owner busy; a day without a time is one
    of `timezone`.
    """
    kept = Calendar()
    for event in _worth_expanding(_events(raw)):
        kept.add_component(event)
    found = recurring_ical_events.of(kept).between(now - timedelta(days=2), now + timedelta(days=2))
    spans = (_span(event, ZoneInfo(timezone)) for event in found if _is_absence(event))
    return [
        {"since": since.isoformat(), "until": until.isoformat(), "reference": reference}
        for since, until, reference in spans
        if since <= now < until and until - since >= SHORTEST
    ]


def _events(raw: bytes) -> list[Event]:
    try:
        calendars = Calendar.from_ical(raw, multiple=True)
    except (
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
    ) as error:  # what icalendar raises on real feeds
        raise NoCalendar("it is no calendar (iCalendar, RFC 5545)") from error
    if not calendars:
        raise NoCalendar("it is no calendar (iCalendar, RFC 5545)")
    events = [one for calendar in calendars for one in calendar.walk("VEVENT") if isinstance(one, Event)]
    if len(events) > MOST_EVENTS:
        raise NoCalendar(f"it has more than {MOST_EVENTS:,} events")
    return events


def _worth_expanding(events: Sequence[Event]) -> list[Event]:
    """The absences with what says otherwise of single ones (RECURRENCE-ID), but for those that would never end."""
    wanted = {str(event.get("UID", "")) for event in events if _is_absence(event)}
    return [event for event in events if str(event.get("UID", "")) in wanted and not _comes_too_often(event)]


def _comes_too_often(event: Event) -> bool:
    rule = event.get("RRULE")
    return isinstance(rule, dict) and not _TOO_OFTEN.isdisjoint(rule.get("FREQ", []))


def _is_absence(event: Event) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == _OUT_OF_OFFICE:
        return True
    busy = str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
    return busy and _AWAY.search(str(event.get("SUMMARY", ""))) is not None


def _span(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime, str]:
    since, until = _instant(event.start, zone), _instant(event.end, zone)
    return since, until, f"{event.get('UID', '')}@{since.isoformat()}"[:300]


def _instant(at: Any, zone: ZoneInfo) -> datetime:
    if isinstance(at, datetime):
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
    return datetime.combine(at if isinstance(at, date) else at.date(), time(0), zone).astimezone(UTC)


if __name__ == "__main__":
    at, where = datetime.fromtimestamp(float(sys.argv[1]), UTC), sys.argv[2]
    raise SystemExit(answer(lambda raw: running(raw, at, where), refusal=NoCalendar))
