"""A week of silence in seconds, over the night in which clocks change: who was reminded when, by their own clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from contracts.contract import SilenceStep
from contracts.vocabulary import TaskState
from tests.builders import House
from tests.integration.engine.worlds import stuck
from tests.integration.escalation.asking import noted, open_decisions, with_edge

FRIDAY = datetime(2027, 3, 12, 17, 0, tzinfo=UTC)  # New York's and Los Angeles' clocks go on in the night to Sunday
HOURS = 7 * 24


def step(who: str, length: str, *remind: str) -> SilenceStep:
    """A step of silence."""
    return SilenceStep.model_validate({"who": who, "for": length, "remind": list(remind)})


def set_out(office: House, at: datetime) -> None:
    """Move the record's clock to a moment."""
    now = office.rows("select chargehand_now() as now")[0].now
    office.wait((at - now).total_seconds())


def reminders(office: House) -> list[tuple[str, datetime]]:
    """Who was reminded when, where they are."""
    zones = {row.id: ZoneInfo(row.timezone) for row in office.rows("select id, timezone from person")}
    rows = office.rows("select person, created_at from outbox where message = 'reminder' order by id")
    return [(row.person, row.created_at.astimezone(zones[row.person])) for row in rows]


def test_a_week_of_ladders_keeps_its_times_over_the_night_of_the_clocks(office: House) -> None:
    set_out(office, FRIDAY)
    office.rows(
        """update company set declared = declared || '{"quiet": {"from": "19:00", "to": "08:00"}}' returning 1"""
    )
    ladder = (
        step("group:finance-approvers", "2d", "6h", "9h", "40h"),
        step("manager-of:requester", "2d", "12h"),
        step("person:jonas", "2d"),
    )
    with_edge(office, steps=ladder)
    decisions = open_decisions(office, 3)

    for _ in range(HOURS):
        office.wait(3600)
        office.sweep()

    sent = reminders(office)
    assert {person for person, _ in sent} == {"kwame", "mei", "priya", "ruth"}
    assert all(time(8) <= at.time() < time(19) for _, at in sent), sent
    assert any(at.utcoffset() != sent[0][1].utcoffset() for person, at in sent if person == sent[0][0])
    for decision in decisions:
        asked = [entry["asked"] for entry in noted(office, decision, "next_in_line")]
        assert asked == [["ruth"], ["jonas"]]
        row = office.rows("select state, decided_at, opened_at from decision where number = :n", n=decision)[0]
        assert row.state == "expired"
        assert 6 * 86400 <= (row.decided_at - row.opened_at).total_seconds() <= 6 * 86400 + 3 * 3600
    states = {row.state for row in office.rows("select state from task")}
    assert states == {TaskState.REFUSED}
    assert stuck(office) == []
