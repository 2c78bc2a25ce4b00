"""A courier is killed at each of its named places; another one goes on, and people get each message once."""

import multiprocessing
import signal
from pathlib import Path

import anyio
import pytest

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from engine.deployment import Deployment
from engine.wakeups import Wakeups, short_connection
from notifications.courier import CourierConfig, run
from storage import failpoints
from storage.database import Database
from tests.builders import MORNING
from tests.integration.notifications.post_office import DOUBT_S, SECRET, PostOffice, until, words

PLACES = ("courier.after_claim", "courier.before_send", "courier.after_send", "courier.after_commit")


def work_until_killed(database_url: str, redis_url: str, slack: str, home: str, failpoint: str) -> None:
    """A courier in a process of its own, with one failpoint armed."""
    failpoints.arm(failpoint, Path(home) / "failpoints")
    businesses, sources = load_businesses([MORNING])
    wakeups = Wakeups(short_connection(redis_url), 1)
    deployment = Deployment(Database(database_url), businesses, sources, wakeups, Path(home))
    anyio.run(_run, deployment, CourierConfig(f"{slack}/api/", SECRET, redis_url))


async def _run(deployment: Deployment, config: CourierConfig) -> None:
    await run(deployment, config, anyio.Event())


@pytest.mark.parametrize("place", PLACES)
def test_a_card_survives_its_courier(post_office: PostOffice, morning_urls: DatabaseUrls, place: str) -> None:
    post_office.house.asked(order="1234", amount=74000)
    with post_office.courier():
        until(post_office.all_sent)
    post_office.house.work()
    arguments = (morning_urls.app, post_office.redis_url, post_office.slack, str(post_office.house.deployment.home))
    process = multiprocessing.get_context("spawn").Process(target=work_until_killed, args=(*arguments, place))

    process.start()
    process.join(timeout=60)
    post_office.house.wait(DOUBT_S + 1)
    with post_office.courier():
        until(post_office.all_sent)

    assert process.exitcode == -signal.SIGKILL
    assert [len(post_office.messages(one)) for one in post_office.house.approvers] == [1, 1, 1]
    assert {row.state for row in post_office.rows()} == {"sent"}
    assert "Waiting for a decision" in words(post_office.messages()[0])
