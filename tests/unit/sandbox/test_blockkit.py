"""Blocks and views are refused where Slack refuses them, with the place of the mistake."""

from typing import Any

import pytest

from sandbox.blockkit.check import check_message_blocks, check_view
from sandbox.refusals import Refused
from tests.unit.sandbox.playing import button, modal, mrkdwn, plain, section, text_input


def option(text: str = "Lost", value: str = "lost") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def select(**more: object) -> dict[str, Any]:
    return {"type": "actions", "elements": [{"type": "static_select", "action_id": "why", **more}]}


WRONG_BLOCKS: list[tuple[str, list[dict[str, Any]], str]] = [
    ("unknown type", [{"type": "sect"}], "unsupported type: sect [json-pointer:/blocks/0]"),
    ("nothing said", [{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    ("51 blocks", [{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("long section", [section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (
        "long field",
        [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ("empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    (
        "long header",
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        "mrkdwn header",
        [{"type": "header", "text": mrkdwn("x")}],
        "must be a valid enum value [json-pointer:/blocks/0/text/type]",
    ),
    (
        "long button",
        [button("go", text=plain("x" * 76))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        "long value",
        [button("go", value="x" * 2001)],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        "long action_id",
        [button("x" * 256, text=plain("x"))],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    ("unknown field", [button("go", colour="red")], "colour [json-pointer:/blocks/0/elements/0/colour]"),
    (
        "26 buttons",
        [{"type": "actions", "elements": [{**button(f"a{n}")["elements"][0]} for n in range(26)]}],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "11 in context",
        [{"type": "context", "elements": [mrkdwn("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "101 options",
        [select(options=[option(value=str(n)) for n in range(101)])],
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "long option",
        [select(options=[option("x" * 76)])],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        "long option value",
        [select(options=[option(value="x" * 151)])],
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    (
        "initial option elsewhere",
        [select(options=[option()], initial_option=option(value="other"))],
        "initial options must match one of the options provided [json-pointer:/blocks/0/elements/0]",
    ),
    ("no options", [select()], "must provide either options or option_groups"),
    ("input in a message", [text_input("order")], "unsupported type: input [json-pointer:/blocks/0]"),
    ("same block_id twice", [button("go"), button("go")], "`block_id` must be unique: go-block"),
    (
        "same action_id twice",
        [{"type": "actions", "elements": button("go")["elements"] * 2}],
        "`action_id` must be unique: go [json-pointer:/blocks/0]",
    ),
]


@pytest.mark.parametrize(("blocks", "words"), [case[1:] for case in WRONG_BLOCKS], ids=[c[0] for c in WRONG_BLOCKS])
def test_wrong_blocks_are_named_with_their_place(blocks: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(Refused) as refused:
        check_message_blocks(blocks)

    assert refused.value.error == "invalid_blocks"
    assert any(words in message for message in refused.value.messages), refused.value.messages


WRONG_VIEWS: list[tuple[str, dict[str, Any], str]] = [
    ("long title", modal(section(), title=plain("x" * 25)), "25 characters [json-pointer:/view/title/text]"),
    ("long submit", modal(section(), submit=plain("x" * 25)), "25 characters [json-pointer:/view/submit/text]"),
    (
        "long private_metadata",
        modal(section(), private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    ("101 blocks", modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    ("input without submit", modal(text_input("order"), submit=None), "must define `submit`"),
    ("a home as a modal", {"type": "home", "blocks": []}, "must be a view of type modal"),
    (
        "too long an answer allowed",
        modal(text_input("order", max_length=3001)),
        "[json-pointer:/view/blocks/0/element/max_length]",
    ),
]


@pytest.mark.parametrize(("view", "words"), [case[1:] for case in WRONG_VIEWS], ids=[c[0] for c in WRONG_VIEWS])
def test_wrong_views_are_named_with_their_place(view: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        check_view(view, kind="modal")

    assert refused.value.error == "invalid_arguments"
    assert any(words in message for message in refused.value.messages), refused.value.messages


def test_everything_at_its_limit_is_taken() -> None:
    full = [
        section("x" * 3000),
        {"type": "header", "text": plain("x" * 150)},
        button("go", text=plain("x" * 75), value="x" * 2000),
    ]

    checked = check_message_blocks([*full, *[{"type": "divider"}] * 47])

    assert len(checked) == 50
    assert checked[0]["text"]["text"] == "x" * 3000


def test_what_the_app_left_nameless_gets_names() -> None:
    nameless = {"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}

    (checked,) = check_message_blocks([nameless])

    assert checked["block_id"]
    assert checked["elements"][0]["action_id"]
