"""Redis wiped again and again while work comes in: it costs time, and no work."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from tests.faults.plant import Plant
from tests.stories.stack import until

pytestmark = pytest.mark.timeout(120)

FLUSHES = 10
BACK_WITHIN_S = 60.0


def test_ten_wipes_under_load_lose_nothing_and_all_is_back_at_work_within_60_s(works: Plant) -> None:
    orders = [works.order() for _ in range(2 * FLUSHES)]
    redis = Redis.from_url(works.crew.environment["REDIS_URL"])

    with ThreadPoolExecutor(1) as pool:
        asking = [pool.submit(works.stack.ask, order=order, amount="42.00") for order in orders]
        for asked in asking[::2]:
            asked.result()
            redis.flushall()
    wiped = time.monotonic()
    redis.close()
    until(works.all_ended, "all tasks ended", within_s=BACK_WITHIN_S)

    assert time.monotonic() - wiped < BACK_WITHIN_S
    assert [works.stack.refunds(order) for order in orders] == [[4200]] * len(orders)
    assert works.stack.state()["stuck"] == 0
