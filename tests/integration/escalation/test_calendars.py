"""Whoever's calendar says that they are away is stood in for from then on, until it no longer says so."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from chargehand.doctor.diagnosis import Health
from chargehand.doctor.online import calendars
from chargehand.doctor.services import Patient
from chargehand.processes.clock import _follow_calendars
from chargehand.settings import Settings
from contracts.answers import OutcomeKind
from escalation.absences import come_back
from gateway.calendars import feed
from gateway.calendars.keeping import keep_absences
from tests.builders import House
from tests.integration.escalation.asking import noted, open_decisions, say
from tests.unit.gateway.calendars.feeds import calendar, out

NO_HTTP = 0
HOUR = timedelta(hours=1)


class Feed:
    """A calendar's server: what it says, with which status, after how long."""

    def __init__(self) -> None:
        self.says = calendar()
        self.status = 200
        self.slow_s = 0.0
        self.lacks = 0
        self.asked = 0
        door = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                door.asked += 1
                time.sleep(door.slow_s)
                if door.status == NO_HTTP:
                    self.wfile.write(b"who is there?\r\n\r\n")
                    return
                self.send_response_only(door.status)
                self.send_header("content-length", str(len(door.says) + door.lacks))
                self.end_headers()
                self.wfile.write(door.says)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}/priya.ics"

    def holds(self, *spans: tuple[datetime, datetime]) -> None:
        """Put absences into it."""
        self.says = calendar(*(out(_utc(since), _utc(until), uid=f"u{at}") for at, (since, until) in enumerate(spans)))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime(":%Y%m%dT%H%M%SZ")


@pytest.fixture
def priyas() -> Iterator[Feed]:
    """Priya's calendar, with nothing in it."""
    found = Feed()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def now(office: House) -> datetime:
    found: datetime = office.rows("select chargehand_now() as now")[0].now
    return found


def look(office: House, priyas: Feed) -> None:
    """One look at everybody's calendar."""
    keep_absences(office.deployment, "morning", {"priya": priyas.url})


def absences(office: House) -> list[Any]:
    return office.rows("select person, source, since, until, ended_at from absence order by since")


def entitled(office: House, decision: int) -> set[str]:
    return set(office.rows("select entitled from decision where number = :n", n=decision)[0].entitled)


def test_who_is_away_by_their_calendar_is_stood_in_for_in_what_is_open_and_in_what_comes(
    office: House, priyas: Feed
) -> None:
    office.rows("update person set manager = 'jonas' where id = 'priya' returning 1")
    (before,) = open_decisions(office)
    priyas.holds((now(office) - HOUR, now(office) + 48 * HOUR))

    look(office, priyas)

    (task,) = [office.asked(order="2009", form="later", amount=74000)]
    office.work()
    (after,) = [row.number for row in office.rows("select number from decision where task = :task", task=task)]
    assert [entitled(office, one) for one in (before, after)] == [{"jonas", "kwame", "mei", "priya"}] * 2
    assert noted(office, before, "substituted") == [{"away": "priya", "substitute": "jonas", "actor": "clock"}]
    told = office.rows("select details from outbox where message = 'notice' and person = 'priya'")
    assert told[0].details["sentence"].startswith("You are away, so Jonas")
    assert say(office, before, "jonas").kind is OutcomeKind.DECIDED


def test_nobody_is_stood_in_for_before_they_go_and_the_look_after_that_does_it(office: House, priyas: Feed) -> None:
    began = now(office)
    priyas.holds((began + HOUR, began + 24 * HOUR))
    look(office, priyas)
    assert absences(office) == []

    office.wait(3600 + 60)
    look(office, priyas)

    ((person, source, since, until, ended),) = absences(office)
    assert (person, source, ended) == ("priya", "calendar", None)
    assert (until - since, abs(since - began - HOUR) < timedelta(seconds=2)) == (23 * HOUR, True)


def test_what_is_read_again_unchanged_is_written_once(office: House, priyas: Feed) -> None:
    priyas.holds((now(office) - HOUR, now(office) + 24 * HOUR))

    for _ in range(3):
        look(office, priyas)

    assert len(absences(office)) == 1
    assert len(noted_of_priya(office, "away")) == 1


def noted_of_priya(office: House, event: str) -> list[Any]:
    query = "select actor, content from audit_entry where trail = 'person:priya' and event = :event"
    return office.rows(query, event=event)


def test_who_takes_it_out_of_their_calendar_is_back(office: House, priyas: Feed) -> None:
    priyas.holds((now(office) - HOUR, now(office) + 24 * HOUR))
    look(office, priyas)
    priyas.holds()

    look(office, priyas)
    look(office, priyas)

    assert [row.ended_at is not None for row in absences(office)] == [True]
    assert [row.actor for row in noted_of_priya(office, "back")] == ["calendar of priya"]


def test_who_comes_back_by_their_own_word_is_not_sent_away_again_by_the_same_event(office: House, priyas: Feed) -> None:
    began = now(office)
    priyas.holds((began - HOUR, began + 24 * HOUR))
    look(office, priyas)
    with office.deployment.database.transaction("morning") as unit:
        come_back(unit, "priya", by="person:priya")

    look(office, priyas)
    still_back = [row.ended_at is not None for row in absences(office)]
    priyas.holds((began - HOUR, began + 72 * HOUR))
    look(office, priyas)

    assert still_back == [True]
    assert [row.ended_at for row in absences(office)] == [None]


@pytest.mark.parametrize("trouble", ["broken", "gone", "large", "slow", "refused", "cut off", "no HTTP"])
def test_a_calendar_that_can_not_be_read_changes_nothing_and_is_told_without_its_address(
    office: House, priyas: Feed, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    priyas.holds((now(office) - HOUR, now(office) + 24 * HOUR))
    look(office, priyas)
    match trouble:
        case "broken":
            priyas.says = b"<html>Sign in</html>"
        case "gone":
            priyas.status = 404
        case "no HTTP":
            priyas.status = NO_HTTP
        case "cut off":
            priyas.lacks = 100
        case "large":
            monkeypatch.setattr(feed, "MOST_BYTES", 10)
        case "slow":
            monkeypatch.setattr(feed, "PATIENCE_S", 0.2)
            priyas.slow_s = 2.0
        case "refused":
            priyas.url = "http://127.0.0.1:1/priya.ics"

    with capture_logs() as logs:
        look(office, priyas)

    assert [row.ended_at for row in absences(office)] == [None]
    (told,) = [one for one in logs if one["event"] == "calendar.not_read"]
    assert told["person"] == "priya"
    assert "priya.ics" not in str(told)


def test_whoever_works_here_no_more_is_not_followed(office: House, priyas: Feed) -> None:
    office.rows("update person set active = false where id = 'priya' returning 1")

    look(office, priyas)

    assert priyas.asked == 0


def settings_with(priyas: Feed, monkeypatch: pytest.MonkeyPatch, *, person: str = "priya") -> Settings:
    monkeypatch.setenv("CHARGEHAND_CALENDARS", f"morning/{person}={priyas.url} elsewhere/mei={priyas.url}")
    return Settings.load()


def test_the_clock_follows_the_calendars_that_are_set(
    office: House, priyas: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    priyas.holds((now(office) - HOUR, now(office) + 24 * HOUR))
    stopping = threading.Event()
    words = (office.deployment, settings_with(priyas, monkeypatch), stopping)
    following = threading.Thread(target=_follow_calendars, args=words)
    following.start()

    deadline = time.monotonic() + 60
    while not absences(office) and time.monotonic() < deadline:
        time.sleep(0.05)
    stopping.set()
    following.join()

    assert [row.person for row in absences(office)] == ["priya"]
    assert priyas.asked == 1


@pytest.mark.parametrize(
    ("person", "status", "health", "said"),
    [
        ("priya", 200, Health.GOOD, "It can be read: priya is away."),
        ("priya", 403, Health.AWAY, "The calendar's server answers 403."),
        ("prya", 200, Health.BAD, "Nobody active here is prya"),
    ],
)
def test_doctor_says_which_calendar_can_not_be_followed(
    office: House,
    priyas: Feed,
    monkeypatch: pytest.MonkeyPatch,
    person: str,
    status: int,
    health: Health,
    said: str,
) -> None:
    priyas.holds((now(office) - HOUR, now(office) + 24 * HOUR))
    priyas.status = status

    settings = settings_with(priyas, monkeypatch, person=person)
    (found,) = calendars(Patient(settings, office.deployment, ("morning",), ()))

    assert (found.health, said in found.said) == (health, True)
    assert isinstance(settings.calendars, SecretStr)
