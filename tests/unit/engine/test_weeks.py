"""One digest for each local week, whatever the wall clock does and whenever our own clock was down."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from contracts.company import DigestTime
from engine.scorecard.periods import period_of
from engine.scorecard.weeks import NotAWeek, Week, due_at, due_week, week_named, week_of

BEGIN = datetime(2026, 1, 7, tzinfo=UTC)
WEEKS = 156
END = BEGIN + timedelta(weeks=WEEKS)
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Sydney",  # south of the equator
    "America/Santiago",  # south, and its clock is moved at midnight
    "Africa/Cairo",  # on a Friday at midnight
    "America/Nuuk",  # the skipped hour ends the day
    "Pacific/Apia",
)
TIMES = (
    DigestTime(),
    DigestTime(day="sunday", at="00:00"),
    DigestTime(day="sunday", at="02:30"),
    DigestTime(day="saturday", at="23:30"),
    DigestTime(day="friday", at="00:15"),
)


def sweeps(seed: int, *, every_min: int = 97) -> Iterator[datetime]:
    """Moments at which a clock sweeps over three years, never at the same minutes of an hour."""
    chance, at = random.Random(seed), BEGIN
    while at < END:
        yield at
        at += timedelta(minutes=every_min, seconds=chance.randrange(60))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("when", TIMES, ids=lambda when: f"{when.day} {when.at}")
def test_every_local_week_falls_due_once_and_at_the_company_s_hour(zone: str, when: DigestTime) -> None:
    due: list[tuple[datetime, Week]] = []
    for at in sweeps(1):
        week = due_week(at, when, zone)
        if not due or due[-1][1] != week:
            due.append((at, week))

    weeks = [week for _, week in due]
    assert len(weeks) == len({week.name for week in weeks})
    assert {later.monday - earlier.monday for earlier, later in pairwise(weeks)} == {timedelta(days=7)}
    assert len(weeks) in (WEEKS, WEEKS + 1)
    assert {"2026-W53", "2027-W01", "2028-W09"} <= {week.name for week in weeks}  # year end, leap day
    for at, week in due[1:]:
        assert week.period.ends <= at
        assert at - due_at(_day(at, when, zone), when, zone) < timedelta(minutes=100)


@pytest.mark.parametrize("zone", ZONES)
def test_a_clock_that_was_down_makes_up_for_the_newest_week_only(zone: str) -> None:
    """Down for up to three weeks at a time; what it made before is on record and not made again."""
    chance, made, when = random.Random(7), dict[str, datetime](), DigestTime()
    up_until, down_until = BEGIN + timedelta(days=3), BEGIN
    for at in sweeps(2, every_min=301):
        if at > up_until:
            down_until = at + timedelta(hours=chance.randrange(1, 22 * 24))
            up_until = down_until + timedelta(hours=chance.randrange(1, 21 * 24))
        if at < down_until:
            continue
        week = due_week(at, when, zone)
        assert week_of(at, zone).before.monday - week.monday <= timedelta(days=7)
        made.setdefault(week.name, at)

    in_order = sorted(made, key=lambda name: made[name])
    assert in_order == sorted(made)
    assert WEEKS // 3 < len(made) < WEEKS


@pytest.mark.parametrize("zone", ZONES)
def test_weeks_follow_each_other_without_a_gap(zone: str) -> None:
    week, lengths = week_of(END, zone), set()
    for _ in range(WEEKS):
        assert week.before.period.ends == week.period.begins
        assert week.period == period_of("week", week.period.begins, zone)
        assert week_named(week.name, END, zone) == week
        lengths.add((week.period.ends - week.period.begins) - timedelta(days=7))
        week = week.before

    hour = timedelta(hours=1)
    assert lengths in ({timedelta(0)}, {timedelta(0), hour, -hour})


def test_a_time_that_the_clock_skips_is_shifted_forward_and_the_first_of_two_counts() -> None:
    when, zone = DigestTime(day="sunday", at="02:30"), "America/New_York"

    skipped, doubled = due_at(date(2026, 3, 8), when, zone), due_at(date(2026, 11, 1), DigestTime(at="01:30"), zone)

    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 03:30 there
    assert doubled == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the one in summer time


@pytest.mark.parametrize("name", ["2026-W54", "2027-W53", "2026-47", "W47", "last", "2026-W48", "2030-W01", ""])
def test_what_names_no_week_that_has_begun_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(NotAWeek, match="write it like 2026-W47, which is this week"):
        week_named(name, datetime(2026, 11, 22, 12, tzinfo=UTC), "Europe/Berlin")


def _day(at: datetime, when: DigestTime, zone: str) -> date:
    """The newest day of a digest."""
    days = (at.astimezone(ZoneInfo(zone)).date() - timedelta(days=back) for back in range(9))
    return next(day for day in days if day.weekday() == when.weekday and due_at(day, when, zone) <= at)
