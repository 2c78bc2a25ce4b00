"""When somebody wants to be reminded, from the words that they use."""

from datetime import UTC, datetime

import pytest

from escalation.moments import moment_of

NOW = datetime(2026, 10, 31, 20, 30, tzinfo=UTC)  # half past four in New York, on the day before its clocks go back


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("in 2 hours", "2026-10-31T22:30:00+00:00"),
        ("2h", "2026-10-31T22:30:00+00:00"),
        ("half an hour", "2026-10-31T21:00:00+00:00"),
        ("30 min", "2026-10-31T21:00:00+00:00"),
        ("later", "2026-10-31T21:30:00+00:00"),
        ("", "2026-10-31T21:30:00+00:00"),
        ("tonight", "2026-10-31T22:00:00+00:00"),
        ("Tomorrow.", "2026-11-01T14:00:00+00:00"),
        ("next week", "2026-11-07T14:00:00+00:00"),
    ],
)
def test_words_mean_a_moment_where_the_person_is(words: str, moment: str) -> None:
    found = moment_of(words, NOW, "America/New_York")

    assert found is not None
    assert found.astimezone(UTC).isoformat() == moment


@pytest.mark.parametrize("words", ["when pigs fly", "in March", "2 hours or so"])
def test_other_words_mean_no_moment(words: str) -> None:
    assert moment_of(words, NOW, "America/New_York") is None
