"""A thousand refunds while processes die: the shop and Slack have seen each of them once."""

import pytest

from tests.faults.ledger import Balance, Ledger, Seen, balance
from tests.faults.lightning import DATABASE, REDIS, WIPED, Weather
from tests.faults.storm import Plan, storm

pytestmark = pytest.mark.timeout(900)

# A tenth of what an acceptance asks of `bin/storm`; and few approvals, for their cards come at Slack's pace, one a second.
PLAN = Plan(tasks=1000, weather=Weather(kills=20, restarts=1, redis_kills=1), seed=5, approve_share=0.005)


def test_a_thousand_refunds_under_twenty_kills_and_without_database_and_redis_are_paid_once_each() -> None:
    report = storm(PLAN)

    assert report.holds, "\n".join(report.lines())
    assert sum(report.struck.values()) == PLAN.weather.strikes
    assert (report.struck[DATABASE], report.struck[REDIS], report.struck[WIPED]) == (1, 1, 1)


LEDGER = Ledger(asked={"1": 100, "2": 200, "3": 300}, acknowledged={"1", "2", "3"})
EACH_ONCE = (("1", 100), ("2", 200), ("3", 300))
SAID = (("C1", 7), ("D1", 7))


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Seen(EACH_ONCE, SAID), Balance(0, 0, 0, 0)),
        (Seen(EACH_ONCE[1:], SAID), Balance(1, 0, 0, 0)),
        (Seen((*EACH_ONCE, ("2", 200)), SAID), Balance(0, 1, 0, 0)),
        (Seen((*EACH_ONCE, ("9", 100)), SAID), Balance(0, 0, 1, 0)),
        (Seen((*EACH_ONCE[:2], ("3", 299)), SAID), Balance(0, 0, 1, 0)),
        (Seen(EACH_ONCE, (*SAID, ("D1", 7))), Balance(0, 0, 0, 1)),
    ],
    ids=["even", "lost", "duplicated", "unasked", "of another amount", "said twice"],
)
def test_the_ledger_tells_what_is_missing_and_what_is_too_much(seen: Seen, found: Balance) -> None:
    assert balance(LEDGER, seen) == found
