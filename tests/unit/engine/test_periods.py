"""Days, weeks and months by the company's wall clock."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.scorecard.periods import Period, period_before, period_of

NEW_YORK = "America/New_York"
SUNDAY_EVENING = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)  # still 1 November there, and the day with 25 hours


@pytest.mark.parametrize(
    ("kind", "begins", "ends"),
    [
        ("day", datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("week", datetime(2026, 10, 26, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("month", datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_period_goes_from_local_midnight_to_local_midnight(kind: str, begins: datetime, ends: datetime) -> None:
    assert period_of(kind, SUNDAY_EVENING, NEW_YORK) == Period(begins, ends)


@pytest.mark.parametrize("kind", ["day", "week", "month"])
def test_the_period_before_ends_where_this_one_begins(kind: str) -> None:
    period = period_of(kind, SUNDAY_EVENING, NEW_YORK)

    before = period_before(kind, period, NEW_YORK)

    assert before.ends == period.begins
    assert before.ends - before.begins >= timedelta(hours=23)
