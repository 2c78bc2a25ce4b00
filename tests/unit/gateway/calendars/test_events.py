"""What a calendar says of being away: what is marked or called so, for as long as it runs, where its owner is."""

from datetime import UTC, datetime

import pytest

from gateway.calendars.events import NoCalendar, running
from gateway.confined import Unread, read_in_child
from tests.unit.gateway.calendars.feeds import calendar, called, event, out

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
OUT = out(":20261130T080000Z", ":20261204T170000Z")


def spans(raw: bytes, now: datetime = NOON, timezone: str = "UTC") -> list[tuple[str, str]]:
    return [(one["since"], one["until"]) for one in running(raw, now, timezone)]


def test_what_outlook_marks_as_out_of_office_is_an_absence_whatever_it_is_called() -> None:
    assert spans(calendar(OUT)) == [("2026-11-30T08:00:00+00:00", "2026-12-04T17:00:00+00:00")]


@pytest.mark.parametrize(
    "summary",
    [
        "Out of office",
        "OOO",
        "OOO - Lisbon",
        "PTO",
        "Vacation",
        "vacation in Porto",
        "On annual leave until Friday",
        "Parental leave",
        "Holiday",
        "🌴 Out of the office",
    ],
)
def test_what_is_called_so_is_an_absence(summary: str) -> None:
    assert len(spans(calendar(called(summary)))) == 1


@pytest.mark.parametrize(
    "summary",
    ["Holiday party", "Plan the vacation", "PTO policy review", "Leave the office on time", "Ooopsie", "Standup", ""],
)
def test_what_only_speaks_of_it_is_none(summary: str) -> None:
    assert spans(calendar(called(summary))) == []


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_keeps_nobody_busy_is_none(line: str) -> None:
    assert spans(calendar(called("Vacation", line))) == []


def test_what_is_over_or_to_come_or_short_is_none() -> None:
    over = out(":20261128T080000Z", ":20261130T110000Z", uid="over")
    coming = out(":20261130T130000Z", ":20261204T170000Z", uid="coming")
    short = out(":20261130T110000Z", ":20261130T145900Z", uid="short")

    assert spans(calendar(over, coming, short)) == []


@pytest.mark.parametrize(
    ("timezone", "since", "until"),
    [
        ("Europe/Berlin", "2026-11-29T23:00:00+00:00", "2026-11-30T23:00:00+00:00"),
        ("Asia/Tokyo", "2026-11-29T15:00:00+00:00", "2026-11-30T15:00:00+00:00"),
    ],
)
def test_a_day_is_one_where_its_owner_is(timezone: str, since: str, until: str) -> None:
    assert spans(calendar(called("Vacation")), timezone=timezone) == [(since, until)]


def test_a_time_without_a_zone_is_one_where_its_owner_is() -> None:
    floating = out(":20261130T080000", ":20261130T180000")

    assert spans(calendar(floating), timezone="Europe/Berlin") == [
        ("2026-11-30T07:00:00+00:00", "2026-11-30T17:00:00+00:00")
    ]


def test_a_zone_that_the_feed_defines_itself_counts() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    ours = out(";TZID=Ours:20261130T080000", ";TZID=Ours:20261130T180000")

    assert spans(calendar(ours, before=(zone,))) == [("2026-11-30T05:00:00+00:00", "2026-11-30T15:00:00+00:00")]


EVERY_MONDAY = out(":20261102T080000Z", ":20261102T180000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO")


def test_what_comes_again_is_one_absence_each_time() -> None:
    (first,) = running(calendar(EVERY_MONDAY), NOON, "UTC")
    (second,) = running(calendar(EVERY_MONDAY), datetime(2026, 12, 7, 12, tzinfo=UTC), "UTC")

    assert (first["since"], second["since"]) == ("2026-11-30T08:00:00+00:00", "2026-12-07T08:00:00+00:00")
    assert first["reference"] != second["reference"]
    assert spans(calendar(EVERY_MONDAY), datetime(2026, 12, 8, 12, tzinfo=UTC)) == []


def test_what_comes_again_keeps_its_hour_over_the_end_of_summer_time() -> None:
    daily = out(
        ";TZID=Europe/Berlin:20261020T080000", ";TZID=Europe/Berlin:20261020T180000", "RRULE:FREQ=DAILY", uid="daily"
    )

    before, after = (spans(calendar(daily), datetime(2026, 10, day, 12, tzinfo=UTC)) for day in (24, 26))

    assert before == [("2026-10-24T06:00:00+00:00", "2026-10-24T16:00:00+00:00")]
    assert after == [("2026-10-26T07:00:00+00:00", "2026-10-26T17:00:00+00:00")]


@pytest.mark.parametrize(
    "exception",
    [
        "EXDATE:20261130T080000Z",
        event(
            "RECURRENCE-ID:20261130T080000Z",
            "DTSTART:20261130T080000Z",
            "DTEND:20261130T180000Z",
            "SUMMARY:Here after all",
        ),
        event(
            "RECURRENCE-ID:20261130T080000Z",
            "DTSTART:20261130T080000Z",
            "DTEND:20261130T180000Z",
            "SUMMARY:Berlin",
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
            "STATUS:CANCELLED",
        ),
    ],
    ids=["left out", "renamed", "cancelled"],
)
def test_a_single_time_may_be_different(exception: str) -> None:
    is_line = exception.startswith("EXDATE")
    monday = out(
        ":20261102T080000Z", ":20261102T180000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO", *([exception] if is_line else [])
    )

    assert spans(calendar(monday, *([] if is_line else [exception]))) == []


def test_one_that_was_read_twice_is_the_same_absence() -> None:
    later = NOON.replace(hour=16)

    assert running(calendar(OUT), NOON, "UTC") == running(calendar(OUT), later, "UTC")


@pytest.mark.parametrize("raw", [b"", b"<html>Sign in</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n", b"{}"])
def test_what_is_no_calendar_says_so(raw: bytes) -> None:
    with pytest.raises(NoCalendar, match="it is no calendar"):
        running(raw, NOON, "UTC")


@pytest.mark.parametrize("often", ["SECONDLY", "MINUTELY", "HOURLY"])
def test_nobody_is_away_by_the_hour(often: str) -> None:
    forever = out(":20000101T000000Z", ":20000102T000000Z", f"RRULE:FREQ={often}")

    assert spans(calendar(forever)) == []


def test_a_rule_that_never_comes_to_an_end_ends_the_child_and_not_us() -> None:
    never = out(":20000101T000000Z", ":20000102T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0")

    with pytest.raises(Unread, match="reading it took too long"):
        read_in_child("gateway.calendars.events", calendar(never), f"{NOON.timestamp()}", "UTC")


def test_the_child_gives_what_it_found() -> None:
    found = read_in_child("gateway.calendars.events", calendar(OUT), f"{NOON.timestamp()}", "UTC")

    assert b'"since": "2026-11-30T08:00:00+00:00"' in found


def test_the_child_says_why_there_is_nothing() -> None:
    with pytest.raises(Unread, match="it is no calendar"):
        read_in_child("gateway.calendars.events", b"<html>", f"{NOON.timestamp()}", "UTC")
