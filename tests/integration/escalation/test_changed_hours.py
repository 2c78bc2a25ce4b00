"""Quiet hours and time zones that change while a decision waits: reminders follow them, deadlines and rungs stand."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.vocabulary import Answer
from escalation.questions import answer_question
from tests.builders import MORNING, House
from tests.integration.engine.worlds import deploy
from tests.integration.escalation.asking import noted, open_decisions, speak

pytestmark = pytest.mark.usefixtures("standing_clock")
OPENED = datetime(2027, 1, 8, 23, 30, tzinfo=UTC)  # half past six in the evening in New York, of a Friday
MORNING_THERE = datetime(2027, 1, 9, 13, 0, tzinfo=UTC)
STOCKHOLM = ("timezone: America/New_York\n  - id: kwame", "timezone: Europe/Stockholm\n  - id: kwame")
AN_HOUR, HOURS = 3600.0, 3600
STEP = ("for: 4h, remind: [1h, 3h]", "for: 20h, remind: [1h]")


@pytest.fixture
def waiting(office: House, home: Path) -> int:
    """A decision that was to be reminded of at half past seven in the evening: Mei was, Priya and Kwame sleep."""
    publish(office, home, quiet("19:00", "08:00"))
    office.wait((OPENED - now(office)).total_seconds())
    (decision,) = open_decisions(office)
    office.wait(AN_HOUR)
    office.sweep()
    assert (reminded(office), held(office)) == (["mei"], {"kwame": MORNING_THERE, "priya": MORNING_THERE})
    return decision


def quiet(since: str, until: str) -> tuple[str, str]:
    """Quiet hours, declared beside the company's time zone."""
    return (
        "\ntimezone: America/New_York\n",
        f'\ntimezone: America/New_York\nquiet: {{from: "{since}", to: "{until}"}}\n',
    )


def publish(office: House, home: Path, *changes: tuple[str, str]) -> None:
    """Publish the example with other words in its company.yaml, and an edge that waits over night."""
    folder = home / f"company-{len(list(home.glob('company-*')))}"
    shutil.copytree(MORNING, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, changed in (("company.yaml", changes), ("lanes/refunds/lane.yaml", (STEP,))):
        text = (folder / name).read_text()
        for old, new in changed:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / name).write_text(text)
    deploy(office, folder)


def now(office: House) -> datetime:
    found: datetime = office.rows("select chargehand_now() as now")[0].now
    return found


def reminded(office: House) -> list[str]:
    """Who was reminded, in turn."""
    return [row.person for row in office.rows("select person from outbox where message = 'reminder' order by id")]


def held(office: House) -> dict[str, datetime]:
    """Whose reminder waits, until when."""
    rows = office.rows("select person, due_at from timer where kind = 'waking' and fired_at is null")
    return {row.person: row.due_at for row in rows}


def the_rest(office: House) -> list[Any]:
    """What the contract counts by the clock on the wall: when the step ends, and what comes then."""
    timers = "select kind, silence_index, due_at, fired_at from timer where kind <> 'waking' order by 1, 2, 3"
    return [*office.rows(timers), *office.rows("select due_at, silence_index, entitled, silence from decision")]


def go_to(office: House, at: datetime) -> None:
    """The clock is at that moment, and goes its round."""
    office.wait((at - now(office)).total_seconds())
    office.sweep()


def test_who_moves_to_another_time_zone_is_reminded_in_their_morning_there(
    office: House, home: Path, waiting: int
) -> None:
    stood, theirs = the_rest(office), datetime(2027, 1, 9, 7, 0, tzinfo=UTC)

    publish(office, home, quiet("19:00", "08:00"), STOCKHOLM)

    moved = {"from": MORNING_THERE.isoformat(), "to": theirs.isoformat()}
    assert held(office) == {"kwame": MORNING_THERE, "priya": theirs}
    assert noted(office, waiting, "reminder_moved") == [{"person": "priya", "actor": "deployment", **moved}]
    (entry,) = office.rows(
        "select content from audit_entry where trail = 'person:priya' and event = 'time_zone_changed'"
    )
    assert entry.content == {"from": "America/New_York", "to": "Europe/Stockholm"}
    assert the_rest(office) == stood
    go_to(office, theirs)
    assert reminded(office) == ["mei", "priya"]
    go_to(office, MORNING_THERE)
    assert reminded(office) == ["mei", "priya", "kwame"]


@pytest.mark.parametrize(
    ("since", "until", "to"),
    [
        ("19:00", "10:00", datetime(2027, 1, 9, 15, 0, tzinfo=UTC)),
        ("19:00", "06:30", datetime(2027, 1, 9, 11, 30, tzinfo=UTC)),
        ("22:00", "08:00", None),
        ("19:00", "18:00", None),
    ],
    ids=["later", "earlier", "not quiet any more", "not before the deadline"],
)
def test_new_quiet_hours_move_what_waits_for_their_end(
    office: House, home: Path, waiting: int, since: str, until: str, to: datetime | None
) -> None:
    stood, then = the_rest(office), to or now(office)

    publish(office, home, quiet(since, until))

    assert held(office) == {"kwame": then, "priya": then}
    told = [(one["person"], one["to"]) for one in noted(office, waiting, "reminder_moved")]
    assert told == [("kwame", then.isoformat()), ("priya", then.isoformat())]
    assert the_rest(office) == stood
    go_to(office, then)
    assert sorted(reminded(office)) == ["kwame", "mei", "priya"]


def test_what_is_published_as_it_was_moves_nothing(office: House, home: Path, waiting: int) -> None:
    publish(office, home, quiet("19:00", "08:00"))

    assert held(office) == {"kwame": MORNING_THERE, "priya": MORNING_THERE}
    assert noted(office, waiting, "reminder_moved") == []
    assert office.rows("select 1 from audit_entry where event = 'time_zone_changed'") == []


def test_the_hour_that_somebody_chose_themselves_stands(office: House, home: Path, waiting: int) -> None:
    speak(office, waiting, Answer.SNOOZE, "priya", for_s=2 * HOURS)

    publish(office, home, quiet("19:00", "10:00"), STOCKHOLM)

    assert held(office).keys() == {"kwame"}
    office.wait(2 * AN_HOUR)
    office.sweep()
    assert reminded(office) == ["mei", "priya"]


def test_a_reminder_that_is_late_by_a_day_waits_for_the_next_morning(office: House, waiting: int) -> None:
    office.rows("update decision set due_at = due_at + interval '3 days' returning 1")
    office.rows("update timer set due_at = due_at + interval '3 days' where kind = 'lapse' returning 1")

    go_to(office, datetime(2027, 1, 10, 2, 0, tzinfo=UTC))

    morning = datetime(2027, 1, 10, 13, 0, tzinfo=UTC)
    assert (reminded(office), held(office)) == (["mei"], {"kwame": morning, "priya": morning})
    assert [one["actor"] for one in noted(office, waiting, "reminder_moved")] == ["clock", "clock"]
    go_to(office, morning)
    assert sorted(reminded(office)) == ["kwame", "mei", "priya"]


def test_while_a_question_stands_new_hours_are_kept_and_the_answer_reminds_nobody_at_night(
    office: House, home: Path, waiting: int
) -> None:
    speak(office, waiting, Answer.ASK, "mei", reason="Why so late?")
    office.wait(20 * AN_HOUR)  # past the deadline as it stood: it moves on by as much when the answer comes
    publish(office, home, quiet("19:00", "10:00"))
    office.wait(4 * AN_HOUR - 60)

    with office.deployment.database.transaction("morning") as unit:
        answer_question(unit, decision=waiting, person_id="anna", answer="The carrier was slow.", via="slack")
    office.sweep()

    morning = datetime(2027, 1, 10, 15, 0, tzinfo=UTC)
    assert (reminded(office), held(office)) == (["mei"], {"kwame": morning, "priya": morning})


def test_the_cards_of_who_has_moved_tell_its_times(office: House, home: Path, waiting: int) -> None:
    office.rows("update outbox set state = 'sent', channel = 'D1', ts = '1.1' where message = 'card' returning 1")

    publish(office, home, quiet("19:00", "08:00"))
    same = office.rows("select 1 from outbox where message = 'card' and state = 'pending'")
    publish(office, home, quiet("19:00", "08:00"), STOCKHOLM)
    again = office.rows("select 1 from outbox where message = 'card' and state = 'pending' and person = 'priya'")

    assert (len(same), len(again)) == (0, 1)
