"""Until when somebody is away, from the words of their own out-of-office reply."""

from datetime import UTC, datetime

import pytest

from gateway.mail.absence import back_on

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("I am out of office until 2026-12-07.", "2026-12-07"),
        ("Out of the office from 20 November to 4 December, back then.", "2026-12-04"),
        ("On leave until Dec 3rd, 2026", "2026-12-03"),
        ("I'm on vacation and back on January 5", "2027-01-05"),
        ("I am out of office. Call 020 7946 0991.", None),
        ("Out of office since 1 November", None),
        ("Out of office until 31 February", None),
        ("Out of office until 2031-01-01", None),
    ],
)
def test_the_last_day_named_within_two_months_counts(words: str, day: str | None) -> None:
    found = back_on(words, NOW, "Europe/Berlin")

    assert (found.date().isoformat() if found else None) == day
