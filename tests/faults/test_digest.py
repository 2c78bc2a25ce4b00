"""The clock dies around a digest's commit, and dies again: its row and its letter come together, and once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from contracts.company import DigestTime
from engine.scorecard.weeks import due_at, week_of
from tests.faults.plant import Plant
from tests.stories.stack import until

POINTS = ("digest.before_commit", "digest.after_commit")
NEW_YORK = "America/New_York"


def rows(works: Plant, query: str) -> list[Any]:
    """Rows of the record."""
    with works.database.transaction("morning") as unit:
        return list(unit.connection.execute(text(query)))


def until_due(works: Plant) -> str:
    """Move on to the hour of this week's digest; the digest's name."""
    now = datetime.now(UTC) + timedelta(seconds=works.offset_s)
    week = week_of(now, NEW_YORK)
    due = due_at(week.monday + timedelta(days=7), DigestTime(), NEW_YORK)
    works.later((due - now).total_seconds() + 1)
    return f"care:{week.name}"


@pytest.mark.parametrize("point", POINTS)
def test_a_clock_that_dies_around_a_digest_leaves_one_row_and_one_letter(works: Plant, point: str) -> None:
    """Nobody plays a mail server here, so Ruth has it in her direct message."""
    works.crew.arm("clock", point)
    name = until_due(works)
    until(lambda: works.crew.has_died_at(point), f"a death at {point}")

    (row,) = until(lambda: rows(works, f"select name from digest where name = '{name}'"), "the digest on record")
    (letter,) = rows(works, f"select id, person from outbox where dedupe = 'digest:{row.name}'")
    until(lambda: copies(works, letter.id), "Ruth told")

    assert letter.person == "ruth"
    assert copies(works, letter.id) == 1
    trail = rows(works, "select content from audit_entry where trail = 'portfolio:care' order by seq")
    assert [entry.content["digest"] for entry in trail].count(name) == 1


def copies(works: Plant, letter: int) -> int:
    """How often a letter stands in Ruth's direct message."""
    messages = works.stack.look("messages", channel=works.stack.dm("U0RUTH"))
    return sum(one.get("metadata", {}).get("event_payload", {}).get("outbox") == letter for one in messages)
