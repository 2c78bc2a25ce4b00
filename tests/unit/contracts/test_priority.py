"""How early tasks are claimed: by what they move for their cost, by their deadline and their age, and none too late."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import fmean
from typing import Any

import pytest

from contracts.company import KPI
from contracts.priority import (
    HEAD_START_S,
    UNKNOWN_GAP,
    deadline_of,
    gap,
    priority,
    thrift,
    turn,
    urgency,
    usual_cost,
    worths,
)
from tests.unit.contracts.small_business import COMPANY, LANE, MODELS, small_business, told

KPI_LINE = COMPANY[COMPANY.index("  - {name: fair-prices") :]
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TASKS = 4_000
LOAD = 0.9
RUNNERS = 4


def number(target: float = 10, direction: str = "up") -> KPI:
    """A KPI with a target."""
    return KPI.model_validate(
        {"name": "n", "title": "N", "unit": "x", "target": target, "direction": direction, "objective": "Be fair"}
    )


@dataclass(frozen=True, slots=True)
class Job:
    """A task of the simulation: when it is due, how long it takes (seconds), its priority; and when it was started."""

    due: float
    takes: float
    of: float
    start: float = 0.0


Order = Callable[[Job], object]


def in_turn(job: Job) -> object:
    """The order in which runners claim."""
    return turn(NOW + timedelta(seconds=job.due), job.of)


def arriving(chance: Random) -> list[Job]:
    """Bursts of tasks that keep the runners busy nine tenths of the time; a third of them is worth nothing."""
    jobs: list[Job] = []
    at = 0.0
    while len(jobs) < TASKS:
        found = [chance.expovariate(1 / 120) for _ in range(chance.randint(1, 40))]
        jobs += [Job(at, takes, chance.choice((0.0, chance.random(), 1.0))) for takes in found]
        at += sum(found) / (RUNNERS * LOAD) * chance.uniform(0.5, 1.5)
    return jobs


def worked(jobs: list[Job], order: Order) -> list[Job]:
    """The jobs as runners start them, one after another, each free one the first in order of those that are due."""
    free, coming, started = [0.0] * RUNNERS, deque(jobs), list[Job]()
    ready: list[tuple[Any, int, Job]] = []
    while coming or ready:
        now = heapq.heappop(free)
        if not ready:
            now = max(now, coming[0].due)
        while coming and coming[0].due <= now:
            job = coming.popleft()
            heapq.heappush(ready, (order(job), len(coming), job))
        job = replace(heapq.heappop(ready)[2], start=now)
        started.append(job)
        heapq.heappush(free, now + job.takes)
    return started


def overtaken(started: list[Job]) -> float:
    """By how much at most one was overtaken, in seconds: how much later another became due that was started before."""
    newest, most = 0.0, 0.0
    for job in started:
        most, newest = max(most, newest - job.due), max(newest, job.due)
    return most


def backlog(started: list[Job], at: float) -> float:
    """The work that was there at a time and not done, in seconds of one runner."""
    there = (job for job in started if job.due <= at)
    return sum(job.takes - min(max(at - job.start, 0.0), job.takes) for job in there)


@pytest.mark.parametrize("seed", range(3))
def test_at_nine_tenths_load_everything_starts_within_the_bound_and_the_work_that_is_there_then(seed: int) -> None:
    started = worked(arriving(Random(seed)), in_turn)

    late = [job for job in started if job.start - job.due > HEAD_START_S]
    assert len(started) >= TASKS
    assert len(late) > 20
    for job in late:
        at = job.due + HEAD_START_S
        assert job.start <= at + backlog(started, at) / RUNNERS
    assert overtaken(started) <= HEAD_START_S


def test_by_value_alone_the_worthless_would_be_overtaken_for_hours() -> None:
    by_value = worked(arriving(Random(1)), lambda job: -job.of)

    assert overtaken(by_value) > 4 * HEAD_START_S


@pytest.mark.parametrize("seed", range(3))
def test_the_more_valuable_start_earlier_on_average(seed: int) -> None:
    started = worked(arriving(Random(seed)), in_turn)

    waits = [
        fmean(job.start - job.due for job in started if least <= job.of <= most)
        for least, most in ((1.0, 1.0), (0.5, 0.999), (0.001, 0.5), (0.0, 0.0))
    ]

    assert waits == sorted(waits)
    assert waits[0] < waits[-1] / 2


def test_what_is_worth_nothing_is_claimed_in_the_order_in_which_it_became_due() -> None:
    assert turn(NOW, 0.0) == NOW
    assert turn(NOW, 1.0) == NOW - timedelta(seconds=HEAD_START_S)
    assert turn(NOW + timedelta(seconds=HEAD_START_S + 1), 1.0) > turn(NOW, 0.0)


@pytest.mark.parametrize(
    ("target", "direction", "value", "expected"),
    [
        (10, "up", 0, 1.0),
        (10, "up", 7.5, 0.25),
        (10, "up", 10, 0.0),
        (10, "up", 12, 0.0),
        (10, "up", -5, 1.0),
        (10, "down", 15, 0.5),
        (10, "down", 8, 0.0),
        (10, "down", 90, 1.0),
        (0, "down", 1, 1.0),
        (0, "down", 0, 0.0),
        (10, "up", None, UNKNOWN_GAP),
    ],
)
def test_the_gap_is_the_part_of_the_target_that_is_missing(
    target: float, direction: str, value: float | None, expected: float
) -> None:
    assert gap(number(target, direction), value) == expected


def test_the_cheaper_is_worth_more_and_what_costs_nothing_the_most() -> None:
    costs = [Decimal(0), Decimal("0.01"), Decimal("0.02"), Decimal("0.06")]

    assert [thrift(cost, Decimal("0.02")) for cost in costs] == [1.0, pytest.approx(2 / 3), 0.5, 0.25]
    assert thrift(Decimal("0.01"), Decimal(0)) == 0.0


@pytest.mark.parametrize(
    ("minutes_until", "expected"), [(None, 0.0), (-60, 1.0), (0, 1.0), (15, 1.0), (30, 0.5), (150, 0.1)]
)
def test_the_nearer_the_deadline_the_more_urgent(minutes_until: float | None, expected: float) -> None:
    deadline = NOW + timedelta(minutes=minutes_until) if minutes_until is not None else None

    assert urgency(NOW, deadline) == pytest.approx(expected)


def test_worth_and_deadline_count_together_and_never_for_more_than_all() -> None:
    assert [priority(0.0, 0.0), priority(0.4, 0.0), priority(0.0, 0.5), priority(1.0, 1.0)] == [0.0, 0.4, 0.5, 1.0]
    assert priority(0.4, 0.5) == pytest.approx(0.7)


OTHER = KPI_LINE.replace("fair-prices", "kind-words").replace("Fair prices", "Kind words")


def test_a_lane_is_worth_its_number_s_gap_by_its_weight_for_its_cost() -> None:
    company = COMPANY + OTHER.replace("up,", "up, weight: 4,")

    found = worths(small_business(company=company), {"fair-prices": 49.5}, NOW)["discounts"]

    assert found.value == pytest.approx(1 / 4 * 0.5 * 0.5)
    assert found.because == "Fair prices is 50% short of its target, and a run usually costs 0.02 USD"


@pytest.mark.parametrize(
    ("values", "because"),
    [
        ({"fair-prices": 99.0}, "Fair prices has reached its target, and a run usually costs 0.02 USD"),
        ({}, "Fair prices has no value yet in this period, and a run usually costs 0.02 USD"),
    ],
)
def test_it_is_said_why(values: dict[str, float | None], because: str) -> None:
    assert worths(small_business(), values, NOW)["discounts"].because == because


def test_a_lane_that_serves_no_number_is_worth_the_least() -> None:
    lane = LANE.replace("serves: fair-prices\n", "")

    found = worths(small_business(lane=lane), {"fair-prices": 0.0}, NOW)["discounts"]

    assert (found.value, found.because) == (0.0, "its lane serves no number")


def test_people_s_minutes_count_and_without_a_price_the_whole_is_unpriced() -> None:
    lane = LANE.replace(
        'cost: {usual: "0.01", at_most: "0.02"}\n', 'cost: {usual: "0.01", at_most: "0.02", minutes: 3}\n'
    )
    hour = 'prices:\n  - {from: "2026-01-01", tool_call: "0", compute_second: "0", person_hour: "30", currency: USD}\n'

    unpriced = small_business(lane=lane)
    priced = small_business(lane=lane, company=COMPANY + hour)

    assert usual_cost(unpriced.company, unpriced.lanes["discounts"].lane, NOW) is None
    assert usual_cost(priced.company, priced.lanes["discounts"].lane, NOW) == Decimal("1.52")
    because = worths(unpriced, {}, NOW)["discounts"].because
    assert because.endswith("and a run is unpriced, which counts as dear")


WANTED = MODELS.replace(
    "    amount: USD\n\n\nclass Sale",
    "    amount: USD\n    by: Annotated[int, Instant()] | None = None\n\n\nclass Sale",
)


def test_a_request_says_when_it_is_needed_and_else_its_lane_within_how_long() -> None:
    lane = LANE.replace("serves: fair-prices\n", "serves: fair-prices\nwithin: 4h\nneeded_by: by\n")
    loaded = small_business(lane=lane, models=WANTED).lanes["discounts"].lane

    assert deadline_of(loaded, {"by": int(NOW.timestamp()) + 60}, NOW) == NOW + timedelta(seconds=60)
    assert deadline_of(loaded, {"by": None}, NOW) == NOW + timedelta(hours=4)
    assert deadline_of(loaded, {"by": 10**15}, NOW) == datetime.max.replace(tzinfo=UTC)
    assert deadline_of(small_business().lanes["discounts"].lane, {}, NOW) is None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("needed_by: bye", "needed_by | the request has no field bye."),
        (
            "needed_by: amount",
            "needed_by | request.amount is no instant. Mark the field Instant() in models.py, as UTC epoch seconds.",
        ),
    ],
)
def test_a_wrong_field_for_the_deadline_is_told(line: str, sentence: str) -> None:
    lane = LANE.replace("serves: fair-prices\n", f"serves: fair-prices\n{line}\n")

    (found,) = told(lane=lane, models=WANTED)

    assert sentence in found


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        ("0", "0 is out of range. Write a number above 0."),
        ("-1", "-1 is out of range. Write a number above 0."),
        ("1001", "1001 is out of range. Write a number at most 1000."),
    ],
)
def test_a_weight_is_positive(weight: str, sentence: str) -> None:
    found = told(company=COMPANY.replace("direction: up,", f"direction: up, weight: {weight},"))

    assert [one.partition(" ")[2] for one in found] == [f"kpis › fair-prices › weight | {sentence}"]
