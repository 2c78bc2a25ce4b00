"""What people put into inputs becomes state.values, and what Slack's client refuses is never sent."""

from typing import Any

import pytest

from sandbox.blockkit.inputs import client_errors, initial_values, value_object, values_with
from tests.unit.sandbox.playing import plain, text_input

OPTIONS = [{"text": plain(name), "value": name.lower()} for name in ("Lost", "Damaged")]


def field(**element: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "b", "label": plain("B"), "element": {"action_id": "a", **element}}


VALUES: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({"type": "plain_text_input"}, "x", {"value": "x"}),
    ({"type": "plain_text_input"}, "", {"value": None}),
    ({"type": "number_input", "is_decimal_allowed": True}, "42.10", {"value": "42.10"}),
    ({"type": "static_select", "options": OPTIONS}, "lost", {"selected_option": OPTIONS[0]}),
    ({"type": "static_select", "option_groups": [{"options": OPTIONS}]}, "damaged", {"selected_option": OPTIONS[1]}),
    ({"type": "checkboxes", "options": OPTIONS}, ["lost"], {"selected_options": [OPTIONS[0]]}),
    ({"type": "checkboxes", "options": OPTIONS}, [], {"selected_options": []}),
    ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
    ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
    ({"type": "datepicker"}, "2026-11-22", {"selected_date": "2026-11-22"}),
]


@pytest.mark.parametrize(("element", "typed", "value"), VALUES)
def test_what_is_typed_becomes_the_value_slack_sends(
    element: dict[str, Any], typed: object, value: dict[str, Any]
) -> None:
    assert value_object(element, typed) == {"type": element["type"], **value}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "plain_text_input"}, " ", "Please complete this required field."),
    ({"type": "plain_text_input", "min_length": 3}, "ab", "Enter at least 3 characters."),
    ({"type": "plain_text_input", "max_length": 3}, "abcd", "Enter no more than 3 characters."),
    ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Enter a whole number."),
    ({"type": "number_input", "is_decimal_allowed": True}, "much", "Enter a number."),
    ({"type": "number_input", "is_decimal_allowed": True}, "NaN", "Enter a number."),
    ({"type": "number_input", "is_decimal_allowed": True, "min_value": "1"}, "0.5", "Enter a number of at least 1."),
    ({"type": "number_input", "is_decimal_allowed": True, "max_value": "9"}, "9.5", "Enter a number of at most 9."),
    ({"type": "email_text_input"}, "anna@", "Enter a valid email address."),
    ({"type": "url_text_input"}, "example", "Enter a valid URL."),
]


@pytest.mark.parametrize(("element", "typed", "sentence"), REFUSED)
def test_the_client_says_what_is_wrong_before_it_sends(element: dict[str, Any], typed: str, sentence: str) -> None:
    blocks = [field(**element)]
    values = values_with(blocks, initial_values(blocks, kept={}), {"b": {"a": typed}})

    assert client_errors(blocks, values) == {"b": sentence}


def test_an_optional_field_may_stay_empty() -> None:
    blocks = [field(type="plain_text_input") | {"optional": True}]

    assert client_errors(blocks, initial_values(blocks, kept={})) == {}


def test_an_update_keeps_what_was_typed_where_block_and_action_stay() -> None:
    before = initial_values([text_input("order"), text_input("note")], kept={})
    typed = values_with([text_input("order"), text_input("note")], before, {"order": {"value": "12"}})

    after = initial_values([text_input("order"), text_input("other")], kept=typed)

    assert after["order"]["value"]["value"] == "12"
    assert after["other"]["value"]["value"] is None
    assert "note" not in after
