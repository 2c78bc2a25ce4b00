"""The figures of a weekly digest against work that was written by hand, in a week in which the clock was moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from contracts.vocabulary import Answer, DecisionKind, DecisionState, EffectState, TaskState, WaitingFor
from engine.scorecard.digests import content_of, portfolio_named
from engine.scorecard.figures import MOST_SHOWN, Digest, LaneFigures, Untold
from engine.scorecard.history import kpis_of
from engine.scorecard.weeks import Week
from storage.tables.scoring import kpi_observations
from tests.builders import House
from tests.integration.engine.past_work import Past
from tests.integration.engine.worlds import changed_company, deploy

NEW_YORK = "America/New_York"
WEEK = Week(date(2026, 10, 26), NEW_YORK)  # ends with a Sunday of 25 hours
BEGINS, ENDS = datetime(2026, 10, 26, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)
INSIDE, LAST_HOUR = BEGINS + timedelta(days=2), ENDS - timedelta(minutes=30)
MOMENT = timedelta(microseconds=1)
TWO_PORTFOLIOS = (
    "{id: care, name: Customer care, manager: ruth}",
    "{id: care, name: Customer care, manager: ruth}\n      - {id: growth, name: Growth, manager: mei}",
)
PUSHED = (
    "  - {name: happiness, title: Happy customers, unit: points, target: 4, direction: up,"
    " objective: Keep customers after something went wrong}\n"
)


@pytest.fixture
def past(office: House) -> Past:
    """Writes work of weeks before."""
    return Past(office)


def content(office: House, *, week: Week = WEEK, portfolio: str = "care") -> Digest:
    business = office.deployment.businesses[office.company]
    with office.deployment.database.transaction(office.company) as unit:
        return content_of(unit, business, portfolio_named(business.company, portfolio), week)


def refunds(digest: Digest) -> LaneFigures:
    """The lane whose past is written here; the portfolio has another."""
    return next(lane for lane in digest.lanes if lane.name == "refunds")


def test_a_week_goes_from_local_midnight_to_local_midnight_however_long_it_is(office: House, past: Past) -> None:
    for ended in (BEGINS - MOMENT, BEGINS, LAST_HOUR, ENDS - MOMENT, ENDS):
        past.task(ended)

    digest, before = content(office), content(office, week=WEEK.before)

    assert (WEEK.period.begins, WEEK.period.ends) == (BEGINS, ENDS)
    assert [digest.lanes[0].done, before.lanes[0].done] == [3, 1]
    assert (digest.scope.week, digest.scope.ends, digest.scope.running) == ("2026-W44", date(2026, 11, 1), False)


def test_a_lane_s_week_counts_ends_by_kind_and_what_was_open_then(office: House, past: Past) -> None:
    for took_s in (10.0, 20.0, 90.0):
        past.task(INSIDE, took_s=took_s)
    past.task(INSIDE, state=TaskState.REFUSED)
    past.task(INSIDE, state=TaskState.FAILED)
    past.task(INSIDE, state=TaskState.CANCELLED)
    past.task(ENDS + timedelta(days=1), accepted=INSIDE)
    past.task(None, accepted=BEGINS - timedelta(days=40))
    past.task(None, accepted=ENDS)

    lane = refunds(content(office))

    assert (lane.done, lane.refused, lane.failed, lane.cancelled, lane.open) == (3, 1, 1, 1, 2)
    assert lane.median_s == 20.0


def test_verified_is_of_the_effects_whose_fate_is_known(office: House, past: Past) -> None:
    task = past.task(INSIDE)
    states = [EffectState.VERIFIED] * 3 + [EffectState.DISPROVED, EffectState.UNKNOWN, EffectState.INTENDED]
    for state in states:
        past.effect(task, INSIDE, state)
    past.effect(task, ENDS)

    lane = refunds(content(office))

    assert (lane.verified, lane.settled) == (3, 5)


def test_a_task_that_people_were_asked_about_twice_counts_once(office: House, past: Past) -> None:
    task, other = past.task(INSIDE), past.task(INSIDE)
    for about, opened in ((task, INSIDE), (task, INSIDE), (other, INSIDE), (other, ENDS)):
        past.decision(about, opened)

    assert content(office).lanes[0].asked == 2


def test_people_s_median_time_counts_from_when_they_were_asked_themselves(office: House, past: Past) -> None:
    opened = INSIDE
    for after_s, answer in ((10, Answer.APPROVE), (30, Answer.REJECT), (50, Answer.APPROVE)):
        decision = past.decision(past.task(INSIDE), opened)
        past.vote(decision, "mei", opened + timedelta(seconds=after_s), answer)
    late = past.decision(past.task(INSIDE), opened)
    card_at = opened + timedelta(hours=4)
    insert_card = "insert into outbox (company, message, dedupe, person, created_at) values ('morning', 'card', :d, 'ruth', :at) returning 1"
    office.rows(insert_card, d=f"card:{late}:ruth", at=card_at)
    past.vote(late, "ruth", card_at + timedelta(seconds=7))
    past.vote(past.decision(past.task(INSIDE), opened), "priya", ENDS)

    people = content(office).people

    assert [(one.person, one.name, one.decided, one.rejected, one.median_s) for one in people] == [
        ("mei", "Mei-Lin Zhao", 3, 1, 30.0),
        ("ruth", "Ruth Adeyemi", 1, 0, 7.0),
    ]


def test_cost_is_what_was_used_in_the_week_by_the_prices_of_the_days_for_each_task_done(
    office: House, past: Past, home: Path
) -> None:
    """0.0004 for a call until 28 October, 0.001 from then on; 0.00002 for a second."""
    old = (
        '  - {from: "2026-01-01", tool_call: "0.0004", compute_second: "0.00002", person_hour: "39.60", currency: USD}'
    )
    new = '\n  - {from: "2026-10-28", tool_call: "0.001", compute_second: "0.00002", currency: USD}'
    deploy(office, changed_company(home, {"company.yaml": (old, old + new)}))
    first, second = past.task(INSIDE), past.task(INSIDE)
    past.attempt(first, BEGINS, seconds=100.0, calls=5)
    past.attempt(second, LAST_HOUR, calls=2)
    past.effect(second, LAST_HOUR)  # one perform, and the look that verified it
    past.task(BEGINS - MOMENT)
    past.attempt(first, BEGINS - timedelta(hours=1), calls=10)
    past.attempt(first, ENDS, calls=1000)

    digest = content(office)

    used = Decimal("0.002") + 5 * Decimal("0.0004") + 4 * Decimal("0.001")
    assert digest.spending.total == used
    assert digest.spending.per_outcome == digest.lanes[0].each == used / 2
    assert digest.spending.before == 10 * Decimal("0.0004")
    assert (digest.spending.currency, digest.spending.unpriced) == ("USD", ())


def test_without_a_price_nothing_is_free(office: House, past: Past, home: Path) -> None:
    text = (changed_company(home, {}) / "company.yaml").read_text()
    deploy(office, changed_company(home, {"company.yaml": (text[text.index("\nprices:\n") :], "\n")}))
    past.attempt(past.task(INSIDE), INSIDE, calls=1)

    digest = content(office)

    assert (digest.spending.total, digest.spending.currency) == (Decimal(0), None)
    assert digest.spending.unpriced == ("Refund an order",)
    assert (digest.lanes[0].each, digest.lanes[0].unpriced) == (None, True)


def test_results_that_were_wrong_count_by_task_when_they_were_said_and_by_incident_when_they_were_closed(
    office: House, past: Past
) -> None:
    twice, once, before = past.task(INSIDE), past.task(INSIDE), past.task(INSIDE)
    first = past.incident(twice, INSIDE, closed=INSIDE)
    past.incident(twice, LAST_HOUR, reported_by="priya", closed=ENDS)
    past.incident(once, BEGINS)
    past.incident(before, BEGINS - MOMENT, closed=LAST_HOUR, recurs=first, correction_s=1200)
    past.incident(before, ENDS)

    lane, earlier = refunds(content(office)), refunds(content(office, week=WEEK.before))

    assert (lane.wrong, lane.again, lane.correction_s) == (2, 1, 1500)
    assert (earlier.wrong, earlier.again, earlier.correction_s) == (1, 0, 0)


def test_incidents_that_nobody_closed_need_somebody_the_oldest_first(office: House, past: Past) -> None:
    tasks = [past.task(INSIDE) for _ in range(MOST_SHOWN + 2)]
    for hours, task in enumerate(tasks):
        past.incident(task, INSIDE + timedelta(hours=hours), worker="gone" if hours == 0 else "refund-payer")
    past.incident(tasks[0], BEGINS, closed=INSIDE)

    needs = content(office).needs

    assert [one.task for one in needs.incidents] == tasks[:MOST_SHOWN]
    assert [one.owner for one in needs.incidents][:2] == ["Ruth Adeyemi", "Mei-Lin Zhao"]
    assert (needs.incidents_open, needs.count) == (MOST_SHOWN + 2, MOST_SHOWN + 2)


def test_decisions_that_ask_the_manager_stand_first_and_the_rest_is_counted(office: House, past: Past) -> None:
    opened = [
        past.decision(past.task(None, accepted=INSIDE), INSIDE + timedelta(hours=n), DecisionState.OPEN)
        for n in range(7)
    ]
    mine = past.decision(past.task(None, accepted=INSIDE), ENDS, DecisionState.OPEN, entitled=["mei", "ruth"])
    back = past.decision(past.task(None, accepted=INSIDE), INSIDE, DecisionState.ASKED_BACK, entitled=["ruth"])
    past.decision(past.task(INSIDE), INSIDE)

    needs = content(office).needs

    assert [one.number for one in needs.decisions] == [mine, opened[0], back, *opened[1:3]]
    assert [one.asks_manager for one in needs.decisions] == [True] + [False] * 4
    assert (len(needs.decisions), needs.decisions_open, needs.asking) == (MOST_SHOWN, 9, 1)
    assert needs.decisions[0].question.startswith("Refund for order")
    assert (needs.count, needs.elsewhere) == (1, 8)


def test_a_blocker_stands_once_with_its_owner_and_how_many_wait(office: House, past: Past) -> None:
    blocker, lifted = past.blocker(INSIDE), past.blocker(INSIDE, lifted_at=ENDS)
    waiting: dict[str, Any] = {"waiting_for": WaitingFor.BLOCKER, "waiting_on": blocker}
    tasks = [past.task(None, accepted=INSIDE, **waiting) for _ in range(3)]
    card: dict[str, Any] = {"kind": DecisionKind.ESCALATION, "entitled": ["ruth"], "proposal": {"blocker": blocker}}
    past.decision(tasks[0], INSIDE, DecisionState.OPEN, **card)
    past.effect(tasks[0], INSIDE, EffectState.UNKNOWN)  # the blocker's own line tells of it

    needs = content(office).needs

    (one,) = needs.blockers
    assert (one.lane, one.sentence, one.owner, one.tasks) == (
        "Refund an order",
        "The shop is closed.",
        "Ruth Adeyemi",
        3,
    )
    assert (needs.decisions_open, needs.doubts_open, needs.count) == (0, 0, 1)
    assert lifted != blocker


def test_an_effect_in_doubt_is_told_while_its_task_is_open_and_in_the_week_of_its_end(
    office: House, past: Past
) -> None:
    here, earlier, open_one = past.task(INSIDE), past.task(BEGINS - MOMENT), past.task(None, accepted=BEGINS)
    for task in (here, earlier, open_one):
        past.effect(task, BEGINS - timedelta(days=1), EffectState.UNKNOWN)

    needs = content(office).needs

    assert {(one.task, one.effect) for one in needs.doubts} == {(here, "shop.refund"), (open_one, "shop.refund")}
    assert needs.doubts_open == 2


def test_numbers_have_the_values_of_eight_weeks_and_a_pushed_one_that_nobody_told_needs_somebody(
    office: House, past: Past, home: Path
) -> None:
    deploy(office, changed_company(home, {"company.yaml": ("\nkpis:\n", f"\nkpis:\n{PUSHED}")}))
    for weeks, took in ((0, 90_000.0), (0, 60.0), (1, 60.0), (7, 60.0), (8, 60.0)):
        past.task(INSIDE - timedelta(weeks=weeks) + timedelta(seconds=took), took_s=took)
    push(office, ENDS, 9.0)
    push(office, BEGINS - MOMENT, 3.5)

    digest = content(office)

    happy, in_a_day, paid, _tickets = digest.figures
    assert in_a_day.values == (100.0, None, None, None, None, None, 100.0, 50.0)
    assert (in_a_day.behind, paid.behind) == (True, None)
    assert (happy.values[-2:], happy.behind) == ((3.5, None), None)
    assert digest.needs.unobserved == (Untold("Happy customers", "week"),)


def test_a_number_by_month_or_day_ends_with_the_week(office: House, home: Path) -> None:
    monthly = PUSHED.replace("objective", "period: month, objective")
    daily = PUSHED.replace("happiness", "mood").replace("objective", "period: day, objective")
    deploy(office, changed_company(home, {"company.yaml": ("\nkpis:\n", f"\nkpis:\n{monthly}{daily}")}))
    push(office, LAST_HOUR, 3.0)
    push(office, ENDS, 4.0)
    push(office, LAST_HOUR, 1.0, kpi="mood")
    push(office, LAST_HOUR - timedelta(hours=25), 2.0, kpi="mood")

    digest, four_weeks_on = content(office), content(office, week=Week(WEEK.monday + timedelta(weeks=4), NEW_YORK))

    by_month, by_day, *_ = digest.figures
    assert digest.needs.unobserved == ()
    assert four_weeks_on.needs.unobserved == (Untold("Happy customers", "day"),)
    assert by_month.values[-2:] == (None, 3.0)  # November has begun, and ends here with its first day
    assert by_day.values[-3:] == (None, 2.0, 1.0)


def test_a_kpi_belongs_where_it_is_served_or_measured_and_one_of_nobody_everywhere(office: House, home: Path) -> None:
    deploy(office, changed_company(home, {"company.yaml": TWO_PORTFOLIOS}))
    folder = changed_company(home, {"company.yaml": TWO_PORTFOLIOS})
    yaml = folder / "company.yaml"
    yaml.write_text(yaml.read_text().replace("\nkpis:\n", f"\nkpis:\n{PUSHED}"))
    deploy(office, folder)
    business = office.deployment.businesses[office.company]

    by_portfolio = {name: [kpi.name for kpi in kpis_of(business, name)] for name in ("care", "growth")}

    assert by_portfolio == {
        "care": ["happiness", "refunds-within-a-day", "refunds-paid-once", "tickets-within-a-day"],
        "growth": ["happiness"],
    }
    assert content(office, portfolio="growth").lanes == ()


def test_a_digest_asks_the_database_as_often_for_many_tasks_as_for_few(office: House, past: Past) -> None:
    work(past, 2)
    with statements(office) as few:
        content(office)
    work(past, 40)
    with statements(office) as many:
        content(office)

    assert len(many) == len(few) <= 16


def work(past: Past, tasks: int) -> None:
    """Tasks with all that a digest looks at."""
    for _ in range(tasks):
        done, waits = past.task(INSIDE), past.task(None, accepted=INSIDE)
        past.attempt(done, INSIDE, seconds=1.0, calls=1)
        past.effect(done, INSIDE)
        past.effect(waits, INSIDE, EffectState.UNKNOWN)
        past.vote(past.decision(done, INSIDE), "mei", INSIDE + timedelta(minutes=1))
        past.decision(waits, INSIDE, DecisionState.OPEN)
        past.blocker(INSIDE)
        past.incident(done, INSIDE)
        past.incident(done, INSIDE, closed=INSIDE)


@contextmanager
def statements(office: House) -> Iterator[list[str]]:
    """The statements that the record was asked meanwhile, the beginning of the transaction aside."""
    asked: list[str] = []
    engine = office.deployment.database.engine

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.extend([] if "set_config" in statement else [statement])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def push(office: House, at: datetime, value: float, *, kpi: str = "happiness") -> None:
    """What somebody saw a number to be, then."""
    row = {"company": office.company, "kpi": kpi, "at": at, "value": value, "by": "mei"}
    with office.deployment.database.transaction(office.company) as unit:
        unit.connection.execute(insert(kpi_observations).values(row))
