"""Refuses blocks and views that Slack would refuse, with Slack's error codes and json pointers."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sandbox.blockkit.blocks import AnyView, MessageBlocks
from sandbox.refusals import Json, Refused

# Not on the block pages; a maintainer gives it in github.com/slackapi/bolt-js/issues/2509.
TEXT_IN_ALL_BLOCKS = 12_000
# https://docs.slack.dev/reference/methods/views.open: view_too_large, "greater than 250kb".
VIEW_BYTES = 250_000

_WORDING = {
    "string_too_long": "must be less than {after_max} characters",
    "string_too_short": "must be more than {before_min} characters",
    "too_long": "no more than {max_length} items allowed",
    "too_short": "no fewer than {min_length} items allowed",
    "missing": "missing required field: {field}",
    "extra_forbidden": "invalid additional property: {field}",
    "union_tag_invalid": "unsupported type: {tag}",
    "union_tag_not_found": "missing required field: type",
    "literal_error": "must be a valid enum value",
}


def check_message_blocks(blocks: list[Json]) -> list[Json]:
    """The blocks with every block_id and action_id filled in; raises Refused (invalid_blocks, msg_blocks_too_long)."""
    document = {"blocks": blocks}
    complaints = _shape_complaints(document, MessageBlocks) or list(_repeated_ids(blocks, at="/blocks"))
    if complaints:
        raise Refused("invalid_blocks", *complaints)
    if sum(len(text) for text in _texts(blocks)) > TEXT_IN_ALL_BLOCKS:
        raise Refused("msg_blocks_too_long")
    return with_ids(blocks)


def check_view(view: object, *, kind: str) -> Json:
    """The view with ids filled in; `kind` is modal or home; raises Refused (invalid_arguments, view_too_large)."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", "must provide an object [json-pointer:/view]")
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise Refused("view_too_large")
    complaints = _shape_complaints({"view": view}, AnyView)
    if not complaints and view["type"] != kind:
        complaints = [f"must be a view of type {kind} [json-pointer:/view/type]"]
    complaints = complaints or list(_repeated_ids(view["blocks"], at="/view/blocks"))
    if complaints:
        raise Refused("invalid_arguments", *complaints)
    return {**view, "blocks": with_ids(view["blocks"])}


def with_ids(blocks: list[Json]) -> list[Json]:
    """Slack names what the app left nameless. https://docs.slack.dev/reference/block-kit/blocks/section-block."""
    return [_with_id(block) for block in blocks]


def interactive_elements(block: Json) -> list[Json]:
    """The elements of a block that people can act on."""
    held = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
    if block["type"] in ("rich_text", "context"):
        return []
    return [element for element in held if element and element["type"] != "image"]


def _shape_complaints(document: Json, model: type[AnyView] | type[MessageBlocks]) -> list[str]:
    try:
        model.model_validate(document)
    except ValidationError as error:
        return [_complaint(detail, document) for detail in error.errors(include_url=False)]
    return []


def _complaint(detail: ErrorDetails, document: Json) -> str:
    context = dict(detail.get("ctx") or {})
    field = str(detail["loc"][-1]) if detail["loc"] else ""
    facts = {
        **context,
        "field": field,
        "after_max": int(context.get("max_length", 0)) + 1,
        "before_min": int(context.get("min_length", 1)) - 1,
    }
    words = _WORDING.get(detail["type"], detail["msg"]).format(**facts)
    return f"{words} [json-pointer:{_pointer(detail, document)}]"


def _pointer(detail: ErrorDetails, document: Json) -> str:
    """Pydantic's location without the names of unions' members, which are no part of the document."""
    steps: list[str] = []
    place: Any = document
    for step in detail["loc"]:
        known = (isinstance(place, dict) and step in place) or (isinstance(place, list) and isinstance(step, int))
        if known:
            steps.append(str(step))
            place = place[step]
    if detail["type"] == "text_object_too_long":
        steps.append("text")
    return "".join(f"/{step}" for step in steps)


def _repeated_ids(blocks: list[Json], *, at: str) -> Iterator[str]:
    """block_id is unique in a message or view, action_id in its block (the pages of each block and element)."""
    named = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    for number, block in enumerate(blocks):
        if named[block.get("block_id")] > 1:
            yield f"`block_id` must be unique: {block['block_id']} [json-pointer:{at}/{number}/block_id]"
        actions = Counter(element.get("action_id") for element in interactive_elements(block))
        repeated = [action for action, times in actions.items() if action and times > 1]
        yield from (f"`action_id` must be unique: {action} [json-pointer:{at}/{number}]" for action in repeated)


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    if isinstance(part, dict):
        for name, item in part.items():
            if name == "text" and isinstance(item, str):
                yield item
            yield from _texts(item)


def _with_id(block: Json) -> Json:
    filled = {**block, "block_id": block.get("block_id") or _short_id()}
    if block["type"] == "actions":
        filled["elements"] = [_with_action_id(element) for element in block["elements"]]
    for name in ("accessory", "element"):
        if block.get(name) and block[name]["type"] != "image":
            filled[name] = _with_action_id(block[name])
    return filled


def _with_action_id(element: Json) -> Json:
    return {**element, "action_id": element.get("action_id") or _short_id()}


def _short_id() -> str:
    return secrets.token_urlsafe(4)[:5]
