"""From the slash command to the task, through real slack-bolt."""

import pytest

from gateway.slack.dispatch import Dispatcher
from gateway.slack.modals import REQUEST
from storage.directory import know_slack_user
from tests.integration.gateway.world import CHANNEL, TEAM, World, eventually
from tests.statements import asked_of

FILLED = {"order": "1234", "amount": "42.00", "reason": "The parcel was lost."}
GOOD = {"order": {"value": "1234"}, "amount": {"value": "42.00"}, "reason": {"value": "The parcel was lost."}}


def test_a_request_typed_in_slack_becomes_one_task_after_its_mistake_was_corrected(world: World) -> None:
    opened = world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", wait_for_view=30)
    view = opened["view"]["id"]
    world.act("view-action", "U0ANNA", view_id=view, action_id="request.lane", value="refunds")
    form = eventually(lambda: world.modal("U0ANNA", "request.form"))

    wrong = {**GOOD, "amount": {"value": "42,00"}}
    refused = world.act("submit", "U0ANNA", view_id=view, values=wrong)
    accepted = world.act("submit", "U0ANNA", view_id=view, values=GOOD)

    assert opened["status"] == 200
    assert opened["body"] == ""
    assert form["title"]["text"] == "Refund an order"
    assert refused["errors"] == {"amount": "Write the amount like 42.00."}
    assert accepted["errors"] in ({}, None)
    assert accepted["view"] is None
    assert eventually(lambda: world.count("task")) == 1
    submitted = [row for row in world.rows() if row.kind == "view_submission"]
    assert [(row.became, row.answer) for row in submitted] == [("task", {"response_action": "clear"})]
    assert submitted[0].reference.startswith("T-")


def test_an_accepted_form_is_not_looked_up_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What became of it is on record with its task."""
    dispatched, looked_up = noted(monkeypatch, "dispatch", "kind"), noted(monkeypatch, "_close", "kind")

    opened = world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text="refunds", wait_for_view=30)
    world.act("submit", "U0ANNA", view_id=opened["view"]["id"], values=GOOD)

    assert eventually(lambda: "view_submission" in dispatched)
    assert world.count("task") == 1
    assert "view_submission" not in looked_up


def noted(patch: pytest.MonkeyPatch, method: str, name: str) -> list[str]:
    """Fills with an attribute of what one of the dispatcher's methods was given, each time that it is through."""
    through: list[str] = []
    real = getattr(Dispatcher, method)

    def watched(self: Dispatcher, given: object) -> None:
        real(self, given)
        through.append(getattr(given, name))

    patch.setattr(Dispatcher, method, watched)
    return through


def test_who_sends_a_form_is_looked_up_in_the_transaction_of_its_task(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatched = noted(monkeypatch, "dispatch", "kind")
    opened = world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text="refunds", wait_for_view=30)
    eventually(lambda: "command" in dispatched)

    with asked_of(world.deployment.database.engine) as asked:
        world.act("submit", "U0ANNA", view_id=opened["view"]["id"], values=GOOD)
        assert eventually(lambda: "view_submission" in dispatched)

    assert [one for one in asked.statements if "slack_identity" in one] == [
        one for one in asked.statements if "as before" in one
    ]
    assert world.house.rows("select requester from task") == [("anna",)]


def test_a_form_that_is_refused_is_looked_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    dispatched = noted(monkeypatch, "dispatch", "kind")
    with world.deployment.database.transaction("morning") as unit:
        know_slack_user(unit, TEAM, "U0RUTH", "ruth")

    with asked_of(world.deployment.database.engine) as asked:
        world.submit("U0RUTH", REQUEST, {"lane": "refunds", "channel": CHANNEL}, **FILLED)  # not in its group
        assert eventually(lambda: "view_submission" in dispatched)

    assert sum("as before" in one for one in asked.statements) == 1
    assert world.count("task") == 0
    assert [row.became for row in world.rows() if row.kind == "view_submission"] == ["ignored"]
