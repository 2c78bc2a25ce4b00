"""What somebody types after /chargehand is answered, whatever it is."""

from typing import Any

import pytest

from tests.integration.gateway.world import CHANNEL, World, eventually


def _type(world: World, text: str, user: str = "U0ANNA", **given: Any) -> dict[str, Any]:
    return world.act("command", user, channel=CHANNEL, command="/chargehand", text=text, **given)


def _heard(world: World, user: str, words: str) -> Any:
    return eventually(lambda: [said for said in world.heard(user) if words in said])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("help", "ask for work"),
        ("dance", "I don't know “dance”."),
        ("dance <!channel>", "I don't know “dance”."),
        ("find", "What should I look for?"),
        ("find nothing like this", "Nothing found for “nothing like this”."),
        ("why", "Why what?"),
        ("why T-999999", "There is no task T-999999."),
        ("why T-0x1", "Ask of a task (T-1042)"),
        ("why decision 9999", "There is no decision 9999."),
    ],
)
def test_every_command_gets_an_answer_for_their_eyes_only(shared_world: World, typed: str, told: str) -> None:
    answer = _type(shared_world, typed)

    assert (answer["status"], answer["body"], answer["notice"]) == (200, "", None)
    assert _heard(shared_world, "U0ANNA", told)


def test_a_lane_named_at_once_opens_its_form_at_once(world: World) -> None:
    opened = _type(world, "REFUNDS", wait_for_view=30)

    assert opened["view"]["callback_id"] == "request.form"


def test_what_was_asked_before_is_found_and_its_why_page_opens(world: World) -> None:
    task = world.house.asked(reason="A claim <!channel> that *stands out*.")
    world.house.work()

    _type(world, "find stands out")
    shown = _type(world, f"why T-{task}", wait_for_view=30)

    found = _heard(world, "U0ANNA", f"T-{task}")
    assert found
    assert shown["view"]["title"]["text"].startswith("Why")


def test_a_lane_that_only_observes_is_not_offered_and_says_so(world: World) -> None:
    _type(world, "enrichment")
    _type(world, "help")

    assert _heard(
        world, "U0ANNA", "“Look up a prospect” only observes so far: nobody can ask for it yet. Jonas Lindqvist"
    )
    assert _heard(world, "U0ANNA", "such as /chargehand refunds")


def test_a_lane_that_is_not_theirs_is_not_opened_and_they_hear_whom_to_ask(world: World) -> None:
    _type(world, "refunds", user="U0MEI")
    _type(world, "", user="U0MEI")

    assert _heard(world, "U0MEI", "“Refund an order” is not open to you. Ask Ruth Adeyemi")
    assert _heard(world, "U0MEI", "There is no work that you may ask for here.")
    assert world.look("calls", method="views.open") == []


def test_somebody_unknown_hears_whom_to_ask_and_it_is_on_record(world: World) -> None:
    _type(world, "refunds", user="U0OTTO")

    assert _heard(world, "U0OTTO", "I don't know you yet. Ask Jonas Lindqvist")
    refused = world.house.rows("select content from audit_entry where event = 'stranger_refused'")
    assert [row.content["slack_user"] for row in refused] == ["U0OTTO"]


def test_a_second_request_on_a_subject_that_waits_for_a_decision_is_told_so(world: World) -> None:
    task = world.house.asked(amount=74_000)
    world.house.work()
    filled = {"order": "1234", "amount": "740.00", "reason": "The parcel was lost."}

    answer = world.submit("U0ANNA", "request.form", {"lane": "refunds", "channel": CHANNEL}, **filled)

    assert answer.json() == {"response_action": "clear"}
    query = "select person, details from outbox where message = 'notice' and dedupe like 'answer:%'"
    (told,) = eventually(lambda: world.house.rows(query))
    assert (told.person, told.details["sentence"][:13]) == ("anna", "Already asked")
    assert world.count("task") == 1
    assert [row.reference for row in world.rows()] == [f"T-{task}"]


def test_a_form_sent_in_by_somebody_who_may_not_ask_makes_no_task(world: World) -> None:
    filled = {"order": "1234", "amount": "42.00", "reason": "The parcel was lost."}

    world.submit("U0PRIYA", "request.form", {"lane": "refunds", "channel": CHANNEL}, **filled)

    assert _heard(world, "U0PRIYA", "is not open to you")
    assert world.count("task") == 0
    assert [row.became for row in world.rows()] == ["ignored"]
