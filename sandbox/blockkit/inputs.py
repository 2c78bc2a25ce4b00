"""Turns what a person typed or chose into state.values, and checks what Slack's own client checks."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from sandbox.blockkit.check import interactive_elements
from sandbox.refusals import Json, JsonValue

_Rule = Callable[[Json, str], str | None]

# Each kind: the field of its value in state.values, its initial field in the definition, and whether it is a list.
# https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
_FIELDS: dict[str, tuple[str, str, bool]] = {
    "plain_text_input": ("value", "initial_value", False),
    "number_input": ("value", "initial_value", False),
    "email_text_input": ("value", "initial_value", False),
    "url_text_input": ("value", "initial_value", False),
    "static_select": ("selected_option", "initial_option", False),
    "external_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "overflow": ("selected_option", "", False),
    "users_select": ("selected_user", "initial_user", False),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "channels_select": ("selected_channel", "initial_channel", False),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "multi_static_select": ("selected_options", "initial_options", True),
    "multi_external_select": ("selected_options", "initial_options", True),
    "checkboxes": ("selected_options", "initial_options", True),
    "multi_users_select": ("selected_users", "initial_users", True),
}
_STATELESS = ("button", "overflow")


def initial_values(blocks: list[Json], *, kept: Json) -> Json:
    """state.values of fresh blocks, with `kept` values where block_id, action_id and type are the same."""
    values: Json = {}
    for block, element in stateful_elements(blocks):
        old = kept.get(block["block_id"], {}).get(element["action_id"])
        same = old is not None and old["type"] == element["type"]
        values.setdefault(block["block_id"], {})[element["action_id"]] = old if same else _initial(element)
    return values


def values_with(blocks: list[Json], values: Json, given: Json, *, offered: dict[str, Json] | None = None) -> Json:
    """state.values with what the person put in: {block_id: {action_id: text, list of texts, or a value object}}.

    Raises KeyError naming a block or action that the view does not have.
    """
    merged = {block_id: dict(actions) for block_id, actions in values.items()}
    elements = {(block["block_id"], element["action_id"]): element for block, element in stateful_elements(blocks)}
    for block_id, actions in given.items():
        for action_id, value in actions.items():
            element = elements[(block_id, action_id)]
            merged[block_id][action_id] = value_object(element, value, offered=offered)
    return merged


def value_object(element: Json, value: JsonValue, *, offered: dict[str, Json] | None = None) -> Json:
    """The value object of an element for a plain text (or texts); an object is taken as it is."""
    if isinstance(value, dict) and "type" in value:
        return value
    field, _, many = _FIELDS[element["type"]]
    chosen: JsonValue
    if many:
        chosen = value if isinstance(value, list) else [value] if value else []
    else:
        chosen = value if value != "" else None
    if field in ("selected_option", "selected_options"):
        chosen = _as_options(element, chosen, offered or {})
    elif field == "value" and chosen is not None:
        chosen = str(chosen)
    return {"type": element["type"], field: chosen}


def chosen_texts(value: Json | None) -> list[str]:
    """What is chosen or typed, as plain texts, for showing it again."""
    if not value:
        return []
    held = value.get(_FIELDS[value["type"]][0])
    listed = held if isinstance(held, list) else [] if held is None else [held]
    return [str(item["value"]) if isinstance(item, dict) else str(item) for item in listed]


def chosen_options(value: Json | None) -> list[Json]:
    """The chosen options with their labels, for showing them again."""
    held = (value or {}).get("selected_options") or [(value or {}).get("selected_option")]
    return [option for option in held if option]


def client_errors(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's client says beside a field before it sends anything: {block_id: sentence}."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        texts = chosen_texts(values[block["block_id"]][element["action_id"]])
        sentence = _complaint(element, texts, optional=bool(block.get("optional")))
        if sentence:
            errors[block["block_id"]] = sentence
    return errors


def stateful_elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each (block, element) whose value Slack keeps."""
    for block in blocks:
        for element in interactive_elements(block):
            if element["type"] not in _STATELESS:
                yield block, element


def options_of(element: Json) -> list[Json]:
    """All options of an element, those in groups too."""
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return [*(element.get("options") or []), *grouped]


def _initial(element: Json) -> Json:
    field, initial, many = _FIELDS[element["type"]]
    return {"type": element["type"], field: element.get(initial, [] if many else None)}


def _as_options(element: Json, chosen: JsonValue, offered: dict[str, Json]) -> JsonValue:
    if isinstance(chosen, list):
        return [_as_option(element, value, offered) for value in chosen]
    return None if chosen is None else _as_option(element, chosen, offered)


def _as_option(element: Json, value: JsonValue, offered: dict[str, Json]) -> JsonValue:
    if isinstance(value, dict):
        return value
    known = {option["value"]: option for option in options_of(element)} | offered
    unknown = {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    return known.get(str(value), unknown)


def _complaint(element: Json, texts: list[str], *, optional: bool) -> str | None:
    if not any(text.strip() for text in texts):
        return None if optional else "Please complete this required field."
    rule = _CLIENT_RULES.get(element["type"])
    return rule(element, texts[0]) if rule else None


def _length(element: Json, text: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(text) < least:
        return f"Enter at least {least} characters."
    return f"Enter no more than {most} characters." if len(text) > most else None


def _number(element: Json, text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "Enter a number."
    if not number.is_finite():
        return "Enter a number."
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Enter a number of at most {element['max_value']}."
    return None


def _email(_: Json, text: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else "Enter a valid email address."


def _url(_: Json, text: str) -> str | None:
    return None if re.fullmatch(r"https?://\S+", text) else "Enter a valid URL."


_CLIENT_RULES: dict[str, _Rule] = {
    "plain_text_input": _length,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
}
