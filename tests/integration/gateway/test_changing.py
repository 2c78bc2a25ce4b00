"""The Change button opens what was asked, asks once more with what differs, and then changes the request for who asked."""

import json
from typing import Any

import pytest

from contracts.vocabulary import TaskState
from engine.erasing import erase
from engine.request_changes import seen_as
from tests.integration.engine.second_thoughts import rethink
from tests.integration.gateway.world import CHANNEL, World, eventually

DIFFERS = "Amount to pay back: 42.00 USD → 30.00 USD"


def _heard(world: World, words: str, user: str = "U0ANNA") -> Any:
    return eventually(lambda: [said for said in world.heard(user) if words in said])


def _form(world: World, task: int) -> dict[str, Any]:
    """The form of a change as Slack has it open."""
    view = {
        name: {"type": "plain_text_input", "action_id": "value", "initial_value": value}
        for name, value in (("order", "1234"), ("amount", "42.00"), ("reason", "The parcel was lost."))
    }
    note = {"task": task, "lane": "refunds", "saw": seen_as(world.house.task(task).request), "channel": CHANNEL}
    blocks = [{"type": "input", "block_id": name, "element": element} for name, element in view.items()]
    return {"blocks": blocks, "note": json.dumps(note)}


def _send(world: World, form: dict[str, Any], *, user: str = "U0ANNA", view_id: str = "V1", **filled: str) -> Any:
    """The form as somebody sends it in; Slack's answer."""
    values = {"order": "1234", "amount": "42.00", "reason": "The parcel was lost."} | filled
    given = {name: {"value": {"type": "plain_text_input", "value": text}} for name, text in values.items()}
    answer = world.submitted(user, "request.change", given, note=form["note"], view_id=view_id, blocks=form["blocks"])
    return answer.json()


def _mean(world: World, pushed: Any, *, user: str = "U0ANNA", view_id: str = "V2", **filled: str) -> Any:
    """Say that it is meant."""
    note = json.loads(pushed["view"]["private_metadata"])
    return world.submit(user, "request.change_meant", note, view_id=view_id, **filled)


def test_the_form_asks_once_more_and_nothing_changes_before_it_is_meant(world: World) -> None:
    task = world.house.asked(by="anna")

    answer = _send(world, _form(world, task), amount="30.00")

    assert answer["response_action"] == "push"
    assert DIFFERS in str(answer["view"])
    (row,) = eventually(lambda: [row for row in world.rows() if row.handled_at])
    assert (row.became, row.reference, row.why) == ("ignored", f"T-{task}", "asked whether the change is meant")
    assert world.house.task(task).version == 2


def test_what_is_meant_changes_the_request_once_however_often_it_comes(world: World) -> None:
    task = world.house.asked(by="anna")
    form = _form(world, task)
    pushed = [_send(world, form, amount="30.00") for _ in range(2)]

    for _ in range(2):
        _mean(world, pushed[1], reason="my mistake")

    assert pushed[0] == pushed[1]
    assert _heard(world, f"{DIFFERS}. T-{task} begins anew with that")
    assert world.house.task(task).request["amount"] == 3000
    (kept,) = world.house.rows("select content from audit_entry where event = 'request_changed'")
    assert (kept.content["by"], kept.content["via"], kept.content["reason"]) == ("anna", "slack", "my mistake")


@pytest.mark.parametrize(
    ("filled", "errors"),
    [
        ({"amount": "a lot"}, {"amount": "Write the amount like 42.00."}),
        ({"order": "x"}, {"order": "Write it like 1234."}),
        ({}, {"order": "Nothing is changed here yet."}),
    ],
)
def test_mistakes_stand_beside_the_fields_and_nothing_is_kept(
    world: World, filled: dict[str, str], errors: dict[str, str]
) -> None:
    task = world.house.asked(by="anna")

    assert _send(world, _form(world, task), **filled) == {"response_action": "errors", "errors": errors}
    assert world.rows() == []


def test_of_two_forms_that_were_open_at_once_the_second_is_told_to_look_again(world: World) -> None:
    task = world.house.asked(by="anna")
    form = _form(world, task)
    first, second = _send(world, form, amount="30.00"), _send(world, form, view_id="V3", amount="50.00")

    _mean(world, first)
    assert _heard(world, DIFFERS)
    _mean(world, second, view_id="V4")

    assert _heard(world, f"What T-{task} asks for was changed while you looked at it. Look again, and change that.")
    assert world.house.task(task).request["amount"] == 3000


def test_somebody_else_hears_who_may_and_their_form_is_not_taken(world: World) -> None:
    task = world.house.asked(by="anna")
    form = _form(world, task)

    world.press("U0TOMAS", "task.change", {"task": task})
    pushed = _send(world, form, user="U0TOMAS", amount="1.00")
    _mean(world, pushed, user="U0TOMAS")
    hers = _send(world, form, view_id="V5", amount="30.00")
    _mean(world, hers, user="U0TOMAS", view_id="V6")

    only = f"Only Anna Kowalczyk can change what T-{task} asks for; your try is on record."
    assert eventually(lambda: len(_heard(world, only, "U0TOMAS")) == 2)
    assert _heard(world, "The form has changed meanwhile. Press Change again.", "U0TOMAS")
    assert world.house.task(task).version == 2


def test_a_made_up_button_form_or_note_changes_nothing(world: World) -> None:
    task = world.house.asked(by="anna")
    other = world.house.asked(by="anna", order="1235", form="form-2")
    pushed = _send(world, _form(world, task), amount="30.00")

    world.press("U0ANNA", "task.change", {"task": "all"})
    bad_note = world.submit("U0ANNA", "request.change_meant", {"task": task})
    note = json.loads(pushed["view"]["private_metadata"])
    world.submit("U0ANNA", "request.change_meant", {**note, "form": "slack:view:none"}, view_id="V7")
    world.submit("U0ANNA", "request.change_meant", {**note, "task": other}, view_id="V8")

    assert bad_note.status_code == 400
    assert eventually(lambda: len(_heard(world, "The form has changed meanwhile.")) == 2)
    assert {world.house.task(one).version for one in (task, other)} == {2}


def test_what_has_ended_is_said_before_any_form_opens(world: World) -> None:
    task = world.house.asked(by="anna")
    world.house.work()

    world.press("U0ANNA", "task.change", {"task": task})

    assert world.house.task(task).state is TaskState.DONE
    assert _heard(world, f"T-{task} has ended already: 42.00 USD refunded for order 1234. Ask anew")


def test_a_task_that_is_not_here_is_not_found(world: World) -> None:
    world.press("U0ANNA", "task.change", {"task": 999999})

    assert _heard(world, "There is no task T-999999.")


def test_the_forms_are_emptied_with_their_task(world: World) -> None:
    task = world.house.asked(by="anna")
    _mean(world, _send(world, _form(world, task), reason="Jane Doe lost her parcel."))
    assert _heard(world, f"T-{task} begins anew")
    world.house.work()

    erase(world.deployment, "morning", f"T-{task}", by="ruth", because="She asked for it.")

    assert "Jane Doe" not in str([(row.body, row.answer) for row in world.rows()])


def test_a_form_of_which_the_task_was_changed_in_the_terminal_meanwhile_is_told(world: World) -> None:
    task = world.house.asked(by="anna")
    pushed = _send(world, _form(world, task), amount="30.00")
    rethink(world.house, task, order="1235")

    _mean(world, pushed)

    assert _heard(world, "was changed while you looked at it")
