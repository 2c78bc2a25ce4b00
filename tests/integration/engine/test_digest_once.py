"""One digest for each portfolio and local week, however many clocks there are and whenever they were down."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from chargehand.embedded.addresses import DatabaseUrls
from contracts.canonical import digest
from engine.deployment import Deployment
from engine.scorecard import digests
from engine.scorecard.digests import DigestNotFound, kept, make_due
from engine.scorecard.figures import DOCUMENT
from engine.scorecard.weeks import Week, due_at, week_of
from storage.audit import trail_of
from storage.database import Database
from tests.builders import House
from tests.integration.engine.worlds import ONLY_REFUNDS, changed_company, deploy

WEEK_S = 7 * 86_400
CARE = "{id: care, name: Customer care, manager: ruth}"
GROWTH = "{id: growth, name: Growth, manager: mei}"


@pytest.fixture
def office(office: House, morning_urls: DatabaseUrls, home: Path) -> House:
    """The company while only refunds are at work, which began this week: it may have been Sunday when the tests began."""
    deploy(office, changed_company(home, ONLY_REFUNDS))
    owner = create_engine(morning_urls.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql("update lane_version set loaded_at = chargehand_now()")
    owner.dispose()
    return office


def now(office: House) -> datetime:
    """The record's time."""
    found: datetime = office.rows("select chargehand_now() as now")[0].now
    return found


def this_week(office: House) -> Week:
    return week_of(now(office), office.deployment.businesses[office.company].company.timezone)


def until_due(office: House, *, less_s: float = 0.0) -> str:
    """Move on to the hour of the digest that tells of this week, or to some seconds before; the week's name."""
    week, company = this_week(office), office.deployment.businesses[office.company].company
    due = due_at(week.monday + timedelta(days=7), company.digest, company.timezone)
    office.wait((due - now(office)).total_seconds() - less_s)
    return week.name


def made(office: House) -> list[tuple[str, str]]:
    """The digests on record with their managers."""
    return [(row.name, row.manager) for row in office.rows("select name, manager from digest order by name")]


def letters(office: House) -> list[tuple[str, str]]:
    """The letters of digests in the outbox."""
    query = "select dedupe, person from outbox where message = 'digest' order by dedupe"
    return [(row.dedupe, row.person) for row in office.rows(query)]


def test_it_is_made_at_the_company_s_hour_and_not_before(office: House) -> None:
    week = until_due(office, less_s=60)
    office.sweep()
    early = made(office)
    office.wait(61)
    office.sweep()
    office.sweep()

    assert early == []
    assert made(office) == [(f"care:{week}", "ruth")]
    assert letters(office) == [(f"digest:care:{week}", "ruth")]


def test_what_was_shown_is_on_record_and_on_the_portfolio_s_trail(office: House) -> None:
    office.asked(order="1236")
    office.work()
    week = until_due(office)
    office.sweep()
    office.asked(order="1234", form="later")
    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        content, trail = kept(unit, f"care:{week}"), trail_of(unit, "portfolio:care")
        with pytest.raises(DigestNotFound):
            kept(unit, "care:2020-W01")

    with pytest.raises(DBAPIError, match="permission denied"):
        office.rows("update digest set shown = '{}' returning 1")
    assert content.lanes[0].done == 1
    assert [(entry["event"], entry["actor"]) for entry in trail] == [("digest_made", "clock")]
    assert trail[0]["content"]["shown"] == digest(DOCUMENT.dump_python(content, mode="json"))


def test_many_clocks_at_once_write_one_letter(office: House) -> None:
    week = until_due(office)
    start = Barrier(4)

    def sweep() -> int:
        start.wait()
        return sum(make_due(office.deployment, office.company) for _ in range(3))

    with ThreadPoolExecutor(4) as clocks:
        found = [clock.result() for clock in [clocks.submit(sweep) for _ in range(4)]]

    assert sum(found) == 1
    assert letters(office) == [(f"digest:care:{week}", "ruth")]


def test_a_clock_that_begins_anew_writes_no_second_letter_even_when_redis_was_emptied(
    office: House, morning_urls: Any
) -> None:
    week = until_due(office)
    office.sweep()

    office.deployment.wakeups.redis.flushall()
    was, database = office.deployment, Database(morning_urls.app, size=2)
    office.deployment = Deployment(database, was.businesses, was.sources, was.wakeups, was.home)
    for _ in range(3):
        office.wait(1800)
        office.sweep()

    assert letters(office) == [(f"digest:care:{week}", "ruth")]
    database.close()
    office.deployment = was


def test_after_weeks_of_downtime_only_the_newest_goes_out(office: House) -> None:
    until_due(office, less_s=3600)
    office.wait(5 * WEEK_S)
    week = until_due(office)
    office.sweep()

    assert made(office) == [(f"care:{week}", "ruth")]


@pytest.mark.parametrize("missed", [False, True])
def test_a_time_that_jumps_makes_no_second_one_and_no_older_one(office: House, missed: bool) -> None:
    """By an hour, by a day, back by five seconds; also where an earlier week was missed altogether."""
    until_due(office, less_s=60)
    office.wait(WEEK_S if missed else 60)
    week = until_due(office) if missed else this_week(office).before.name
    for jump in (0, -5, 5, -3600, 3600, -86_400, 86_400, -3600, 5 * 86_400, -6 * 86_400):
        office.wait(jump)
        office.sweep()

    assert letters(office) == [(f"digest:care:{week}", "ruth")]


def test_each_week_has_its_own_through_a_quarter(office: House) -> None:
    weeks = []
    for _ in range(13):
        weeks.append(until_due(office))
        office.sweep()
        office.wait(86_400)
        office.sweep()

    assert made(office) == [(f"care:{week}", "ruth") for week in sorted(weeks)]
    assert len(set(weeks)) == 13


def test_a_company_that_begins_is_told_nothing_of_the_weeks_before(office: House) -> None:
    office.sweep()

    assert made(office) == []


@pytest.mark.parametrize(
    ("portfolios", "lanes", "expected"),
    [
        (f"{CARE}\n      - {GROWTH}", "care", [("care", "ruth")]),
        (f"{CARE}\n      - {GROWTH}", "growth", [("growth", "mei")]),
        (CARE.replace("ruth", "priya"), "care", [("care", "priya")]),
    ],
    ids=["a portfolio without lanes", "the other has the lanes", "another manager"],
)
def test_each_portfolio_at_work_has_its_own_to_its_manager(
    office: House, home: Path, portfolios: str, lanes: str, expected: list[tuple[str, str]]
) -> None:
    changes = {
        **ONLY_REFUNDS,
        "company.yaml": (CARE, portfolios),
        "lanes/refunds/lane.yaml": ("portfolio: care", f"portfolio: {lanes}"),
    }
    deploy(office, changed_company(home, changes))
    week = until_due(office)
    office.sweep()

    assert made(office) == [(f"{portfolio}:{week}", manager) for portfolio, manager in expected]


def test_the_day_and_hour_are_the_company_s_own(office: House, home: Path) -> None:
    friday_at_half_past_four = ('{day: monday, at: "08:00"}', '{day: friday, at: "16:30"}')
    deploy(office, changed_company(home, {**ONLY_REFUNDS, "company.yaml": friday_at_half_past_four}))
    week = this_week(office)
    friday = due_at(week.monday + timedelta(days=11), office.deployment.businesses["morning"].company.digest, week.zone)
    office.wait((friday - now(office)).total_seconds() - 60)
    office.sweep()
    early = made(office)
    office.wait(61)
    office.sweep()

    assert early == []
    assert made(office) == [(f"care:{week.name}", "ruth")]


def test_a_digest_that_can_not_be_made_stops_no_timer_and_is_made_later(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = until_due(office)
    real: Callable[..., Any] = digests.content_of

    def broken(*_: object) -> None:
        raise RuntimeError("a figure nobody can compute")

    monkeypatch.setattr(digests, "content_of", broken)
    office.sweep()
    nothing = letters(office)
    monkeypatch.setattr(digests, "content_of", real)
    office.sweep()

    assert nothing == []
    assert letters(office) == [(f"digest:care:{week}", "ruth")]
