"""What somebody tries who may not, or no longer, or comes with what is stale: nothing is decided and the try is on record."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.vocabulary import Answer, DecisionState, Standing, TaskState
from engine.register import Wish, change
from escalation.cancelling import cancel
from tests.integration.escalation.asking import speak
from tests.integration.gateway.world import CHANNEL, ELSEWHERE, FORM, TEAM, World, eventually, press_body, signed

LARGE = 74_000


def asked(world: World, *, by: str = "anna") -> dict[str, Any]:
    """A large refund that waits for its decision: the value of the card's buttons."""
    world.house.asked(by=by, amount=LARGE)
    world.house.work()
    return newest(world)


def newest(world: World) -> dict[str, Any]:
    """The value of the buttons of the newest card."""
    row = world.house.rows("select number, proposal_digest from decision order by number desc limit 1")[0]
    return {"decision": row.number, "saw": row.proposal_digest[:16]}


def state(world: World, number: int) -> str:
    """The decision's state."""
    found: str = world.house.rows("select state from decision where number = :n", n=number)[0].state
    return found


def heard(world: World, user: str, words: str) -> list[str]:
    """What somebody was told that has these words, as soon as there is something."""
    found: list[str] = eventually(lambda: [said for said in world.heard(user) if words in said])
    return found


def refused(world: World, number: int) -> list[tuple[str, str]]:
    """(who, why) of every answer to a decision that changed nothing, as its trail has them."""
    query = "select actor, content from audit_entry where trail = :t and event = 'answer_refused' order by seq"
    return [(row.actor, row.content["answered"]) for row in world.house.rows(query, t=f"decision:{number}")]


def strangers(world: World) -> list[dict[str, Any]]:
    """What the company's trail says of people whom it does not know."""
    query = "select content from audit_entry where trail = 'company:morning' and event = 'stranger_refused'"
    return [row.content for row in world.house.rows(query)]


def paid(world: World) -> int:
    """How many refunds the shop has of the order."""
    return len(world.house.shop("select 1 from refunds where order_number = '1234'"))


def untouched(world: World, number: int) -> None:
    """Nothing was decided, and nothing is carried out when the runner looks."""
    world.house.work()
    assert state(world, number) == DecisionState.OPEN
    assert world.count("vote") == 0
    assert paid(world) == 0


def test_the_same_user_id_in_another_workspace_finds_no_such_decision_and_is_on_record_there(two: World) -> None:
    value = asked(two)

    two.press("U0PRIYA", "decision.approve", value, team={"id": ELSEWHERE}, user={"id": "U0PRIYA"})

    def on_record() -> list[Any]:
        with two.deployment.database.transaction("other") as unit:
            query = "select content from audit_entry where trail = 'person:priya' and event = 'not_found'"
            return list(unit.connection.exec_driver_sql(query))

    assert [row.content for row in eventually(on_record)] == [{"named": f"decision {value['decision']}"}]
    untouched(two, value["decision"])


def _pressed(world: World, value: dict[str, Any], user: dict[str, str]) -> None:
    world.press(user["id"], "decision.approve", value, user=user)


def _filled_in(world: World, value: dict[str, Any], user: dict[str, str]) -> None:
    note = {**value, "channel": CHANNEL}
    world.submit(user["id"], "decision.rejection", note, home=user["team_id"], reason="No.")


@pytest.mark.parametrize("act", [_pressed, _filled_in])
def test_the_same_user_id_of_another_workspace_in_a_shared_channel_is_nobody_and_is_on_record(
    world: World, act: Callable[[World, dict[str, Any], dict[str, str]], None]
) -> None:
    value = asked(world)
    world.press("U0PRIYA", "decision.more", value)
    assert eventually(lambda: world.count("slack_identity"))  # the real one is known by now

    act(world, value, {"id": "U0PRIYA", "team_id": ELSEWHERE})

    on_record = eventually(lambda: strangers(world))
    assert on_record == [{"team": TEAM, "slack_user": "U0PRIYA", "why": f"a member of {ELSEWHERE}"}]
    untouched(world, value["decision"])


@pytest.mark.parametrize("channel", [CHANNEL, "D0RUTH", "C0ANYWHERE"])
def test_a_forwarded_card_decides_nothing_for_whoever_was_not_asked(world: World, channel: str) -> None:
    value = asked(world)
    container = {"type": "message", "channel_id": channel, "message_ts": "9.9", "is_ephemeral": False}

    world.press("U0RUTH", "decision.approve", value, container=container, channel={"id": CHANNEL})

    assert heard(world, "U0RUTH", "your try is on record")
    assert refused(world, value["decision"]) == [("person:ruth", "not_entitled")]
    untouched(world, value["decision"])


def test_a_press_that_was_caught_on_its_way_and_sent_again_is_the_same_press(world: World) -> None:
    value = asked(world)
    body = press_body("U0PRIYA", "decision.approve", value)
    headers = signed(body, FORM)

    answers = [world.post(body, headers) for _ in range(3)]
    later = world.post(body, signed(body, FORM))

    assert {(one.status_code, one.content) for one in (*answers, later)} == {(200, b"")}
    assert heard(world, "U0PRIYA", "Approved.")
    assert [(row.became, row.reference) for row in world.rows()] == [("decision", f"approve:{value['decision']}")]
    assert world.count("vote") == 1
    world.house.work()
    assert paid(world) == 1


def test_a_press_whose_value_was_changed_on_its_way_is_turned_away_at_the_door(world: World) -> None:
    value = asked(world)
    headers = signed(press_body("U0RUTH", "decision.approve", value), FORM)

    answer = world.post(press_body("U0PRIYA", "decision.approve", value), headers)

    assert answer.status_code == 401
    assert world.rows() == []
    untouched(world, value["decision"])


def test_who_was_taken_out_of_the_approvers_is_refused_at_the_press(world: World) -> None:
    value = asked(world)
    world.house.rows(
        "update person set groups = array_remove(groups, 'finance-approvers') where id = 'priya' returning 1"
    )

    world.press("U0PRIYA", "decision.approve", value)

    assert heard(world, "U0PRIYA", "You no longer decide on such requests; your try is on record.")
    assert refused(world, value["decision"]) == [("person:priya", "not_entitled")]
    untouched(world, value["decision"])


def test_a_requester_in_the_group_of_approvers_does_not_decide_their_own(world: World) -> None:
    value = asked(world, by="kwame")

    world.press("U0KWAME", "decision.approve", value)

    assert heard(world, "U0KWAME", "You asked for this, so somebody else decides")
    assert refused(world, value["decision"]) == [("person:kwame", "own_request")]
    untouched(world, value["decision"])


def test_a_yes_while_the_lane_is_paused_counts_and_pays_only_after_the_pause(world: World) -> None:
    value = asked(world)
    stands(world, Standing.PAUSED)

    world.press("U0PRIYA", "decision.approve", value)

    assert heard(world, "U0PRIYA", "Approved.")
    world.house.work()
    assert (state(world, value["decision"]), paid(world)) == (DecisionState.APPROVED, 0)
    stands(world, Standing.ACTIVE)
    world.house.work()
    assert paid(world) == 1


def stands(world: World, standing: Standing) -> None:
    """The operator says how the refunds stand from now on."""
    with world.deployment.database.transaction("morning") as unit:
        change(unit, world.deployment.businesses["morning"], Wish("refunds", standing, "jonas", "audit"))


def test_a_yes_after_the_requester_took_it_back_pays_nothing_and_hears_who_did(world: World) -> None:
    value = asked(world)
    task = world.house.rows("select task from decision")[0].task
    with world.deployment.database.transaction("morning") as unit:
        cancel(unit, task=task, person_id="anna", reason="wrong order", via="slack")

    world.press("U0PRIYA", "decision.approve", value)

    assert heard(world, "U0PRIYA", "Anna Kowalczyk cancelled this at ")
    assert refused(world, value["decision"]) == [("person:priya", "already")]
    world.house.work()
    assert world.house.task(task).state is TaskState.CANCELLED
    assert (world.count("vote"), paid(world)) == (0, 0)


def test_a_yes_to_what_somebody_changed_meanwhile_pays_the_changed_amount_once(world: World) -> None:
    old = asked(world)
    speak(world.house, old["decision"], Answer.CHANGE, "mei", changes={"amount": "300.00"})
    new = newest(world)

    world.press("U0PRIYA", "decision.approve", old)
    world.press("U0KWAME", "decision.approve", {"decision": new["decision"], "saw": old["saw"]})

    assert heard(world, "U0PRIYA", "Nothing for you to do.")
    assert heard(world, "U0KWAME", "Nothing for you to do.")
    assert refused(world, old["decision"]) == [("person:priya", "already")]
    world.house.work()
    assert world.house.shop("select amount from refunds where order_number = '1234'") == [(30000,)]


@pytest.mark.parametrize(("late_s", "wanted"), [(-30, "approved"), (0, "expired"), (30, "expired")])
def test_a_yes_counts_until_the_end_of_the_last_step_and_not_from_it_on(world: World, late_s: int, wanted: str) -> None:
    value = asked(world)
    last = "update decision set silence_index = jsonb_array_length(silence->'steps') - 1, "
    world.house.rows(f"{last} due_at = chargehand_now() - make_interval(secs => :s) returning 1", s=float(late_s))

    world.press("U0PRIYA", "decision.approve", value)

    assert heard(world, "U0PRIYA", "Approved." if wanted == "approved" else "The time to decide has passed")
    assert state(world, value["decision"]) == wanted
    world.house.work()
    assert paid(world) == (1 if wanted == "approved" else 0)


def said_below(world: World, number: int) -> dict[str, Any]:
    """A reply in the thread of Priya's card, which stands in her conversation with us."""
    placed = "update outbox set team = :team, channel = 'D0PRIYA', ts = '7.7' where message = 'card'"
    found = world.house.rows(f"{placed} and person = 'priya' and decision = :n returning 1", team=TEAM, n=number)
    assert len(found) == 1
    return {"type": "message", "channel": "D0PRIYA", "channel_type": "im", "thread_ts": "7.7", "ts": "7.8"}


def became(world: World) -> list[tuple[str, str]]:
    """What became of every event that is handled."""
    return [(row.became, row.why) for row in world.rows() if row.kind == "event" and row.handled_at]


def test_a_reply_that_is_edited_into_a_yes_decides_nothing_and_the_yes_itself_does(world: World) -> None:
    value = asked(world)
    said = said_below(world, value["decision"])
    yes = {"type": "message", "user": "U0PRIYA", "text": "approved", "ts": "7.8", "thread_ts": "7.7"}
    was = {**yes, "text": "let me see"}

    changed = {"subtype": "message_changed", "message": yes, "previous_message": was}
    world.event("EvEdited", {**said, **changed})
    world.event("EvEditedInDisguise", {**said, **changed, "user": "U0PRIYA", "text": "approved"})

    assert eventually(lambda: became(world) == [("ignored", "no reply to what was put to somebody")] * 2)
    untouched(world, value["decision"])
    world.event("EvSaid", {**said, "user": "U0PRIYA", "text": "approved"})
    assert eventually(lambda: state(world, value["decision"]) == DecisionState.APPROVED)


def test_a_reply_that_comes_before_the_place_of_its_card_is_recorded_waits_for_that(world: World) -> None:
    value = asked(world)
    said = said_below(world, value["decision"])
    world.press("U0PRIYA", "decision.more", value)
    assert eventually(lambda: world.count("slack_identity"))  # the courier knows whom it sends to
    card = "where message = 'card' and person = 'priya' returning 1"
    world.house.rows(f"update outbox set state = 'sending', ts = null {card}")

    world.event("EvEarly", {**said, "user": "U0PRIYA", "text": "approved"})

    assert eventually(
        lambda: world.house.rows("select 1 from delivery where tries > 0 and handled_at is null"), within_s=60
    )
    untouched(world, value["decision"])
    world.house.rows(f"update outbox set state = 'sent', ts = '7.7' {card}")
    world.house.rows("update delivery set due_at = chargehand_now() returning 1")
    assert eventually(lambda: state(world, value["decision"]) == DecisionState.APPROVED)


@pytest.mark.parametrize("user", ["U0TOMAS", "U0KWAME", "U0OTTO"])
def test_a_reply_below_anothers_card_decides_nothing_even_of_somebody_who_was_asked(world: World, user: str) -> None:
    value = asked(world)
    said = said_below(world, value["decision"])

    world.event("EvBystander", {**said, "user": user, "text": "approved"})

    assert eventually(lambda: became(world) == [("ignored", "a bystander's reply")])
    untouched(world, value["decision"])


def test_a_reply_of_the_same_user_id_from_another_workspace_is_a_bystanders(world: World) -> None:
    value = asked(world)
    said = said_below(world, value["decision"])
    world.press("U0PRIYA", "decision.more", value)
    assert eventually(lambda: world.count("slack_identity"))

    world.event("EvForeign", {**said, "user": "U0PRIYA", "user_team": ELSEWHERE, "text": "approved"})

    assert eventually(lambda: became(world) == [("ignored", "a bystander's reply")])
    assert [one["why"] for one in strangers(world)] == [f"a member of {ELSEWHERE}"]
    untouched(world, value["decision"])
