"""What operators and checks from outside may ask the gateway."""

import json
from typing import Any

import pytest

from tests.integration.gateway.world import World, eventually


def test_alive_and_ready_are_told_line_by_line(world: World) -> None:
    alive = world.http.get(f"{world.gateway}/healthz")
    ready = world.http.get(f"{world.gateway}/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 200
    assert ready.text.splitlines() == [
        "database: ok",
        "migrations: ok",
        "row-level security: ok",
        "room: ok",
        "queue: ok",
        "disk: ok",
    ]


def test_a_role_that_could_pass_row_level_security_is_not_ready(world: World, owner_gateway: str) -> None:
    ready = world.http.get(f"{owner_gateway}/readyz")

    assert ready.status_code == 503
    assert ready.headers["retry-after"]
    assert "row-level security: the app's role owns" in ready.text


def test_a_database_that_is_gone_is_a_503_everywhere_with_a_time_to_come_again(world: World, lost_gateway: str) -> None:
    ready = world.http.get(f"{lost_gateway}/readyz")
    state = world.http.get(f"{lost_gateway}/api/v1/test/state")
    metrics = world.http.get(f"{lost_gateway}/metrics")
    elsewhere = World(lost_gateway, world.slack, world.house, world.http)
    command = elsewhere.command("1.1")

    assert [answer.status_code for answer in (ready, state, command)] == [503] * 3
    assert all(answer.headers["retry-after"] for answer in (ready, state, command))
    assert ready.text.startswith("database: can't be reached")
    assert metrics.status_code == 200
    assert "chargehand_database_reachable 0.0" in metrics.text


def test_the_metrics_show_the_rows_by_state_and_the_acknowledgements(world: World) -> None:
    world.house.asked()
    world.command("1.1", "help")

    found = world.http.get(f"{world.gateway}/metrics").text

    assert 'chargehand_rows{kind="task",state="ready"} 1.0' in found
    assert 'chargehand_slack_received_total{kind="command",outcome="kept"} 1.0' in found
    assert "chargehand_slack_acknowledgement_seconds_count 1.0" in found
    assert "chargehand_stuck_tasks 0.0" in found


def test_the_state_counts_every_state_by_its_word(world: World) -> None:
    world.house.asked(amount=74_000)
    world.house.work()

    state = world.http.get(f"{world.gateway}/api/v1/test/state").json()

    assert state["tasks"]["waiting"] == 1
    assert state["tasks"]["done"] == 0
    assert state["decisions"] == 1
    assert state["outbound"]["pending"] > 0
    assert state["outbound"]["unknown"] == 0
    assert state["stuck"] == 0


def test_a_delivery_can_be_asked_for_what_became_of_it(world: World) -> None:
    filled = {"order": "1234", "amount": "740.00", "reason": "The parcel was lost."}
    world.submit("U0ANNA", "request.form", {"lane": "refunds"}, **filled)
    assert eventually(lambda: world.count("task"))
    world.house.work()
    row = world.house.rows("select number, proposal_digest from decision")[0]
    world.press("U0PRIYA", "decision.approve", json.dumps({"decision": row.number}))
    assert eventually(lambda: world.count("vote"))
    world.event("Ev7", {"type": "user_change", "user": "U0ANNA"})
    assert eventually(lambda: all(one.handled_at for one in world.rows()))

    keys = [one.key for one in world.rows()]
    told = [_told(world, key) for key in keys] + [_told(world, "Ev7"), _told(world, "Ev8")]

    assert told[0]["task"].startswith("T-")
    assert (told[1]["became"], told[1]["decision"], told[1]["why"]) == ("decision", "approve", "decided")
    assert told[2] == told[3]
    assert told[3]["became"] == "ignored"
    assert told[4] == {"known": False, "task": None, "decision": None, "became": None, "why": None}


def _told(world: World, key: str) -> dict[str, Any]:
    found: dict[str, Any] = world.http.get(f"{world.gateway}/api/v1/test/deliveries", params={"event_id": key}).json()
    return found


@pytest.mark.parametrize("body", ["", "[]", '{"offset_s": "1"}', '{"offset_s": 1e99}', '{"offset": 1}'])
def test_a_clock_that_can_not_be_moved_so_is_refused(world: World, body: str) -> None:
    answer = world.http.post(f"{world.gateway}/api/v1/test/clock", content=body)

    assert answer.status_code == 422


def test_without_the_test_setting_none_of_it_exists(world: World, plain_gateway: str) -> None:
    answers = [world.http.get(f"{plain_gateway}/api/v1/test/{name}") for name in ("state", "deliveries", "clock")]

    assert [answer.status_code for answer in answers] == [404] * 3
