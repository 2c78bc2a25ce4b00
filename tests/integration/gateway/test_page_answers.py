"""Every answer on the page goes through the one door, is bound to what was shown, and says what came of it."""

from typing import Any

import pytest

from contracts.vocabulary import Answer, DecisionState
from tests.integration.escalation.asking import noted, say, speak, with_edge
from tests.integration.gateway.page import Browsing, signed_in, text_of
from tests.integration.gateway.world import World

LARGE = 74_000


def asked(world: World, *orders: str, by: str = "anna") -> list[int]:
    """Large refunds that wait: their decisions, oldest first."""
    for order in orders or ("1234",):
        world.house.asked(order=order, amount=LARGE, form=order, by=by)
    world.house.work()
    return [row.number for row in world.house.rows("select number from decision order by number")]


def state(world: World, decision: int) -> str:
    """The decision's state."""
    found: str = world.house.rows("select state from decision where number = :n", n=decision)[0].state
    return found


ANSWERS: list[tuple[str, dict[str, Any], str, str]] = [
    ("approve", {}, DecisionState.APPROVED, "Approved. It is on record under your name."),
    ("reject", {"reason": "It came after all."}, DecisionState.REJECTED, "Rejected. It is on record under your name."),
    ("change", {"new_amount": "300.00", "because": "half"}, DecisionState.CHANGED, "Approved with your changes"),
    ("revise", {"reason": "Look at the claim first."}, DecisionState.REVISED, "Sent back"),
    ("ask", {"question": "Which carrier?"}, DecisionState.ASKED_BACK, "Asked Anna Kowalczyk."),
    ("hand_over", {"to": "kwame", "reason": ""}, DecisionState.OPEN, "Handed over: Kwame Boateng is asked"),
    ("snooze", {"pause": "30 minutes"}, DecisionState.OPEN, "You are reminded at"),
]


def test_every_answer_of_the_list_has_its_row_here() -> None:
    assert {word for word, *_ in ANSWERS} == {str(answer) for answer in Answer}


@pytest.mark.parametrize(("word", "fields", "becomes", "told"), ANSWERS, ids=[one[0] for one in ANSWERS])
def test_each_answer_does_on_the_page_what_it_does_everywhere(
    world: World, word: str, fields: dict[str, Any], becomes: str, told: str
) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")

    answer = browser.say(number, word, **fields)
    after = browser.look(f"/decisions/{number}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/decisions/{number}"), text_of(answer)
    assert state(world, number) == becomes
    assert told in text_of(after)
    assert told not in text_of(browser.look(f"/decisions/{number}"))


@pytest.mark.parametrize(
    ("word", "fields", "beside"),
    [
        ("reject", {"reason": ""}, "Please fill this in."),
        ("reject", {"reason": "no"}, "At least 3 characters."),
        ("change", {"new_amount": "lots"}, "Write the amount like 42.00."),
        ("change", {"new_amount": "740.00"}, "Nothing is changed there"),
        ("change", {"new_amount": "900.00"}, "That would break a rule of the contract"),
        ("revise", {"reason": " "}, "Please fill this in."),
        ("ask", {"question": ""}, "Please fill this in."),
        ("hand_over", {"to": ""}, "Please fill this in."),
        ("hand_over", {"to": "anna"}, "You can hand this over to"),
        ("snooze", {"pause": "a year"}, "Choose one of the list."),
        ("snooze", {"pause": "6 hours"}, "Choose a time before"),
    ],
)
def test_a_mistake_stands_beside_its_field_with_what_was_written(
    world: World, word: str, fields: dict[str, Any], beside: str
) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")

    answer = browser.say(number, word, **fields)

    assert (answer.status_code, state(world, number)) == (422, DecisionState.OPEN)
    assert beside in text_of(answer)
    assert "<details open>" in answer.text
    assert fields.get("new_amount", "") in answer.text


def test_the_page_holds_what_the_card_holds(world: World) -> None:
    (number,) = asked(world)

    shown = text_of(signed_in(world, "priya").look(f"/decisions/{number}"))

    for told in (
        "Refund 740.00 USD for order 1234?",
        "Decide by",
        "Recommended: approve.",
        "Why you amount 740.00 USD is above the limit 500.00 USD (finance approvers)",
        "If you do nothing reminder",
        "State order paid 812.00 USD",
        "Tried order exists",
        "Moves Refunds answered within a day",
        "Also possible replace the goods",
        "Cost so far",
        "Evidence order.json",
        "asked by Anna Kowalczyk",
    ):
        assert told in shown


def test_who_saw_another_proposal_is_refused_and_shown_the_new_one(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    browser.saw(number)

    stale = browser.say(number, "approve", saw="0" * 64)
    missing = browser.say(number, "approve", saw="")

    for answer in (stale, missing):
        assert (answer.status_code, state(world, number)) == (409, DecisionState.OPEN)
        assert "What you saw has changed since." in text_of(answer)
        assert "Refund 740.00 USD for order 1234?" in text_of(answer)


def test_whoever_comes_late_reads_who_decided_when_and_why(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw = browser.saw(number)
    say(world.house, number, "kwame", Answer.REJECT)

    answer = browser.say(number, "approve", saw=saw)

    assert (answer.status_code, state(world, number)) == (409, DecisionState.REJECTED)
    assert "Kwame Boateng rejected this at" in text_of(answer)
    assert "“because”" in text_of(answer)
    assert 'name="say"' not in answer.text


def test_a_decision_that_made_way_for_another_says_so(world: World) -> None:
    (number,) = asked(world)
    browser = signed_in(world, "priya")
    saw = browser.saw(number)
    speak(world.house, number, Answer.CHANGE, "kwame")

    answer = browser.say(number, "approve", saw=saw)

    assert (answer.status_code, state(world, number)) == (409, DecisionState.CHANGED)
    assert "Kwame Boateng" in text_of(answer)


def test_the_requester_answers_the_question_on_the_page(world: World) -> None:
    (number,) = asked(world)
    say(world.house, number, "priya", Answer.ASK)
    anna = signed_in(world, "anna")

    listed = text_of(anna.look("/"))
    empty = anna.say(number, "answer", answer="")
    answer = anna.say(number, "answer", answer="It was the blue carrier.")

    assert "Priya Nair asks you: because" in listed
    assert empty.status_code == 422
    assert answer.status_code == 303
    assert state(world, number) == DecisionState.OPEN
    assert "It was the blue carrier." in text_of(signed_in(world, "priya").look(f"/decisions/{number}"))


def test_an_answer_to_a_question_is_never_taken_for_a_yes(world: World) -> None:
    (number,) = asked(world)

    answer = signed_in(world, "priya").say(number, "answer", answer="yes")

    assert answer.status_code == 404
    assert state(world, number) == DecisionState.OPEN


def test_glass_is_broken_on_the_page_where_the_contract_has_it_and_with_a_reason(world: World) -> None:
    with_edge(world.house, break_glass=True)
    (number,) = asked(world, by="kwame")
    browser = signed_in(world, "kwame")

    short = browser.say(number, "own approve", reason="now")
    assert (short.status_code, state(world, number)) == (422, DecisionState.OPEN)
    done = browser.say(number, "own approve", reason="The customer stands at the counter.")

    assert done.status_code == 303, text_of(done)
    assert state(world, number) == DecisionState.APPROVED
    assert "their own request (break-glass)" in text_of(browser.look(f"/decisions/{number}"))
    assert noted(world.house, number, "glass_broken")[0]["via"] == "page"


def test_alike_ones_are_decided_together_and_each_is_recorded_alone(world: World) -> None:
    numbers = asked(world, "1234", "1188", "1239")
    browser = signed_in(world, "priya")
    listed = browser.look("/")
    offered = browser.look("/together?lane=refunds&edge=large%20refund")
    ticked = [f"{number}:{_digest(world, number)}" for number in numbers]

    nothing = browser.send("/together", lane="refunds", edge="large refund", say="approve")
    reasonless = browser.send("/together", lane="refunds", edge="large refund", say="reject", which=ticked)
    done = browser.send("/together", lane="refunds", edge="large refund", say="approve", which=ticked[:2])

    assert "Large refund: 3 alike" in text_of(listed)
    assert all(one in offered.text for one in ticked)
    assert (nothing.status_code, "Take at least one." in nothing.text) == (422, True)
    assert (reasonless.status_code, "Say why: the requesters read it." in reasonless.text) == (422, True)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert "2 decided." in text_of(browser.look("/"))
    assert [state(world, one) for one in numbers] == ["approved", "approved", "open"]
    assert len(world.house.rows("select 1 from vote where via = 'page'")) == 2


def test_the_list_has_the_nearest_deadline_first_and_what_was_decided_lately(world: World) -> None:
    first, second = asked(world, "1234", "1188")
    with world.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            f"update decision set due_at = due_at + interval '1 hour' where number = {first}"
        )
    browser = signed_in(world, "priya")

    shown = text_of(browser.look("/"))
    browser.say(first, "approve")

    assert shown.index("order 1188") < shown.index("order 1234")
    assert "Lately decided" in text_of(browser.look("/"))
    assert "Priya Nair approved this at" in text_of(browser.look("/"))
    assert state(world, second) == DecisionState.OPEN


def test_what_people_wrote_stands_as_text(world: World) -> None:
    marked = '<script>alert(1)</script><a href="x">"\'&{{ "ha" * 3 }}'
    world.house.asked(amount=LARGE, reason=marked)
    world.house.work()
    browser = signed_in(world, "priya")

    shown = browser.look("/decisions/1")
    mistaken = browser.say(1, "change", new_amount=f"{marked}1")

    for page in (browser.look("/"), shown, mistaken):
        assert "<script" not in page.text
        assert 'href="x"' not in page.text
        assert "hahaha" not in text_of(page)
    assert marked in text_of(shown)


def _digest(world: World, number: int) -> str:
    found: str = world.house.rows("select proposal_digest as d from decision where number = :n", n=number)[0].d
    return found


def test_a_browser_without_a_session_sees_the_way_in_alone(world: World) -> None:
    asked(world)
    browser = Browsing(world)

    for path in ("/", "/decisions/1", "/decisions/99", "/together"):
        answer = browser.look(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
        assert "740" not in answer.text
