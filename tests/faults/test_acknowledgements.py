"""A gateway killed while Slack speaks to it: whatever was answered with yes is kept, and copies make one task."""

import json
import threading
import time

import httpx2
import pytest

from tests.faults.plant import Plant
from tests.integration.gateway.world import signed
from tests.stories.stack import TEAM, until

KILLS = 5
BETWEEN = 5  # events that are acknowledged between two kills


def test_no_event_is_acknowledged_without_its_row_however_often_the_gateway_is_killed(works: Plant) -> None:
    acknowledged: dict[str, int | None] = {}
    over = threading.Event()
    senders = [threading.Thread(target=send_events, args=(works, acknowledged, over, name)) for name in "abcd"]
    for sender in senders:
        sender.start()

    for kill in range(1, KILLS + 1):
        until(lambda least=kill * BETWEEN: yeses(acknowledged) >= least, "events acknowledged")  # type: ignore[misc]
        works.crew.kill("web")
    until(works.is_answering, "the gateway ready")
    over.set()
    for sender in senders:
        sender.join()

    said_yes = [event for event, status in acknowledged.items() if status == 200]
    assert len(said_yes) >= KILLS * BETWEEN
    assert set(acknowledged.values()) <= {200, 503, None}
    assert None in acknowledged.values()
    assert [event for event in said_yes if not is_known(works, event)] == []


def yeses(acknowledged: dict[str, int | None]) -> int:
    """How many events were answered with yes so far."""
    return list(acknowledged.values()).count(200)


def send_events(works: Plant, acknowledged: dict[str, int | None], over: threading.Event, name: str) -> None:
    """Send one event after the other and note what was answered, None for nothing."""
    number = 0
    while not over.is_set():
        number += 1
        event = f"Ev{name}{number}"
        acknowledged[event] = status_of(works, event)


def status_of(works: Plant, event: str) -> int | None:
    """Send one event to the gateway; its answer."""
    happened = {"type": "app_mention", "user": "U0ANNA", "text": "hello", "ts": "1.1", "channel": "C0SUPPORT"}
    payload = {"type": "event_callback", "team_id": TEAM, "event_id": event, "event": happened}
    body = json.dumps(payload).encode()
    headers = signed(body, "application/json", at=time.time() + works.offset_s)
    try:
        return httpx2.post(f"{works.stack.web}/slack/events", content=body, headers=headers, timeout=30).status_code
    except httpx2.HTTPError:
        time.sleep(0.02)
        return None


def is_known(works: Plant, event: str) -> bool:
    """Whether the event was kept."""
    found = works.stack.client.get(f"{works.stack.web}/api/v1/test/deliveries", params={"event_id": event})
    return bool(found.json()["known"])


@pytest.mark.parametrize(("copies", "at_once"), [(3, False), (19, True)], ids=["4 in a row", "20 at once"])
def test_copies_of_a_form_are_one_task_and_one_refund(works: Plant, copies: int, at_once: bool) -> None:
    order, view = works.order(), works.stack.form()
    repeated = {"copies": copies, "concurrently": at_once}
    works.stack.fault(on="delivery", kind="redeliver", type="view_submission", **repeated)

    works.stack.submit("U0ANNA", view, order=order, amount="42.00")

    works.ended(order)
    assert works.stack.refunds(order) == [4200]


@pytest.mark.parametrize(("copies", "at_once"), [(3, False), (19, True)], ids=["4 in a row", "20 at once"])
def test_copies_of_a_press_are_one_vote_and_one_refund(works: Plant, copies: int, at_once: bool) -> None:
    order = works.order()
    works.stack.ask(order=order, amount="740.00")
    card = works.stack.card("U0PRIYA", f"for order {order}?")
    repeated = {"copies": copies, "concurrently": at_once}
    works.stack.fault(on="delivery", kind="redeliver", type="block_actions", **repeated)

    works.stack.click("U0PRIYA", card, "decision.approve")

    task = works.ended(order)
    assert works.votes(task.number) == ["priya"]
    assert works.stack.refunds(order) == [74000]
