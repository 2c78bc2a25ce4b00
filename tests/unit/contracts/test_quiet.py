"""Nobody is reminded at night, by their own clock, also in the nights in which the clocks change."""

from datetime import UTC, datetime

import pytest

from contracts.quiet import next_waking


@pytest.mark.parametrize(
    ("now", "timezone", "waking"),
    [
        ("2026-11-22T12:00", "Europe/Berlin", None),
        ("2026-11-22T18:59", "Europe/Berlin", "2026-11-23T07:00"),
        ("2026-11-22T23:30", "Europe/Berlin", "2026-11-23T07:00"),
        ("2026-11-23T07:00", "Europe/Berlin", None),
        ("2026-10-24T20:00", "Europe/Berlin", "2026-10-25T07:00"),  # the night with an hour more
        ("2026-03-28T20:00", "Europe/Berlin", "2026-03-29T06:00"),  # the night with an hour less
        ("2026-11-22T03:00", "America/Los_Angeles", "2026-11-22T16:00"),
    ],
)
def test_a_reminder_waits_for_the_morning(now: str, timezone: str, waking: str | None) -> None:
    found = next_waking(datetime.fromisoformat(now).replace(tzinfo=UTC), timezone, since="19:00", until="08:00")

    assert (found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if found else None) == waking


def test_a_quiet_hour_at_noon_ends_on_the_same_day() -> None:
    noon = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

    found = next_waking(noon, "UTC", since="12:00", until="13:00")

    assert found == datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
