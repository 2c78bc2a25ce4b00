"""When Slack, the time or the database gets in the way, nothing is lost and the person hears of it."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from gateway.slack import case
from storage.tables.traffic import deliveries
from tests.integration.gateway.world import CHANNEL, TEAM, World, eventually


def _type(world: World, typed: str = "", **given: Any) -> dict[str, Any]:
    return world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text=typed, **given)


def _keep_late(world: World, payload: dict[str, Any], kind: str, *, age_s: float) -> None:
    """A row that a gateway kept and answered, and died before it acted on it."""
    body = {"payload": payload, "team": TEAM, "user": "U0ANNA", "channel": CHANNEL, "received": time.time() - age_s}
    values = {"company": "morning", "key": "slack:late", "source": "slack", "kind": kind, "body": body}
    with world.deployment.database.transaction("morning") as unit:
        unit.connection.execute(insert(deliveries).values(**values, due_at=unit.now))


COMMAND = {"command": "/chargehand", "text": "refunds", "trigger_id": "1.1", "team_id": TEAM, "user_id": "U0ANNA"}


def test_a_trigger_that_slack_calls_expired_becomes_a_button_in_their_dm(world: World) -> None:
    world.fault(on="call", method="views.open", kind="error", error="expired_trigger_id", times=1)

    _type(world, "refunds")

    letter = eventually(world.letters)[0]
    button = letter.details["button"]
    assert (letter.message, letter.person) == ("notice", "anna")
    assert (button["label"], button["action"]) == ("Open the form", "request.open")
    assert json.loads(button["value"]) == {"lane": "refunds", "channel": CHANNEL}
    assert all(row.handled_at for row in world.rows())


def test_the_button_brings_a_fresh_trigger_and_the_form_opens(world: World) -> None:
    world.press("U0ANNA", "request.open", {"lane": "refunds", "channel": CHANNEL})

    calls = eventually(lambda: world.look("calls", method="views.open"))
    assert calls[0]["args"]["view"]["callback_id"] == "request.form"


def test_a_command_whose_gateway_died_is_found_by_the_sweep_and_gets_the_button(world: World) -> None:
    _keep_late(world, COMMAND, "command", age_s=30)

    letters = eventually(world.letters)

    assert letters[0].details["button"]["action"] == "request.open"
    assert world.look("calls", method="views.open") == []
    assert [row.why for row in world.rows()] == ["the trigger was too old: a button was sent"]


def test_a_form_whose_gateway_died_after_its_answer_becomes_a_task_all_the_same(world: World) -> None:
    values = {
        name: {"value": {"type": "plain_text_input", "value": value}}
        for name, value in (("order", "1234"), ("amount", "42.00"), ("reason", "The parcel was lost."))
    }
    view = {"id": "V9", "type": "modal", "callback_id": "request.form", "state": {"values": values}}
    payload = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U0ANNA"}}
    note = json.dumps({"lane": "refunds", "channel": CHANNEL})

    _keep_late(world, {**payload, "view": {**view, "private_metadata": note}}, "view_submission", age_s=600)

    assert eventually(lambda: world.count("task")) == 1
    assert [row.became for row in world.rows()] == ["task"]


def test_a_form_that_is_open_already_is_not_announced_as_late(world: World) -> None:
    world.fault(on="call", method="views.open", kind="error", error="exchanged_trigger_id", times=1)

    _type(world, "refunds")

    assert eventually(lambda: [row.why for row in world.rows()] == ["a modal was opened"])
    assert world.letters() == []


@pytest.mark.parametrize("word", ["hash_conflict", "not_found"])
def test_a_modal_that_has_moved_on_is_left_alone(world: World, word: str) -> None:
    view = _type(world, wait_for_view=30)["view"]["id"]
    world.fault(on="call", method="views.update", kind="error", error=word, times=1)

    world.act("view-action", "U0ANNA", view_id=view, action_id="request.lane", value="refunds")

    assert eventually(lambda: "the modal had moved on" in [row.why for row in world.rows()])


def test_when_slack_fails_to_say_who_it_is_the_sweep_asks_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "TRIGGER_S", 2.5)
    world.fault(on="call", method="users.info", kind="status", status=502, times=1)

    _type(world, "refunds")

    letters = eventually(world.letters)
    assert letters[0].details["button"]["action"] == "request.open"


WAYS = {
    "the response url": ([], "response_url"),
    "a message of its own": ([("response_url", "used_url")], "chat.postEphemeral"),
    "their DM": ([("response_url", "expired_url"), ("chat.postEphemeral", "not_in_channel")], "outbox"),
}


@pytest.mark.parametrize(("broken", "way"), WAYS.values(), ids=WAYS.keys())
def test_an_answer_takes_the_first_way_that_works(world: World, broken: list[tuple[str, str]], way: str) -> None:
    for method, error in broken:
        world.fault(on="call", method=method, kind="error", error=error, times=1)

    _type(world, "help")

    if way == "outbox":
        assert "ask for work" in eventually(world.letters)[0].details["sentence"]
    else:
        assert eventually(lambda: [call for call in world.look("calls", method=way) if not call["fault"]])
        assert world.letters() == []


def test_when_nobody_knows_whether_an_answer_arrived_it_is_not_said_twice(world: World) -> None:
    world.fault(on="call", method="response_url", kind="reset_after_accept", times=1)

    _type(world, "help")

    assert eventually(lambda: len(world.heard("U0ANNA"))) == 1
    assert eventually(lambda: all(row.handled_at for row in world.rows()))
    assert world.look("calls", method="chat.postEphemeral") == []
    assert world.letters() == []


def test_after_the_database_has_cut_every_connection_the_next_request_is_kept_at_once(world: World) -> None:
    world.command("before", "help")
    assert eventually(lambda: all(row.handled_at for row in world.rows()))
    _cut_every_connection(world)

    answers = [world.command(f"after.{number}", "help") for number in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert eventually(lambda: len(_kept(world)) == 4)


def _cut_every_connection(world: World) -> None:
    cut = text("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()")
    with suppress(DBAPIError), world.deployment.database.unbound() as connection:
        connection.execute(cut)


def _kept(world: World) -> list[Any]:
    try:
        return world.rows()
    except DBAPIError:
        return []
