"""Names the parts of a rule in a few words, for the sentences about them."""

from collections.abc import Mapping

from contracts.rules.guard import Json
from contracts.rules.shown import cut, value_shown
from contracts.rules.structure import operator_of

_SIGNS: Mapping[str, str] = {
    **{sign: sign for sign in ("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "and", "or", "in")},
    "==": "is",
    "===": "is",
    "!=": "is not",
    "!==": "is not",
    "cat": "with",
    "merge": "with",
}
_WORDS: Mapping[str, str] = {
    "!": "not",
    "!!": "",
    "-": "-",
    "max": "the largest of",
    "min": "the smallest of",
    "substr": "part of",
    "reduce": "what is made of",
    "filter": "some",
    "map": "what is in",
    "all": "all",
    "some": "some",
    "none": "none of",
    "if": "the choice by",
}
_FIRST_ONLY = frozenset({"substr", "reduce", "filter", "map", "all", "some", "none", "if"})


def name_of(path: str) -> str:
    """The last part of a path as words: `state.lead.email_status` → `email status`; of an item itself, `item`.

    What was looked up goes by the name of its probe: `probe.dead_links.value` → `dead links`.
    """
    parts = path.split(".")
    if parts[0] == "probe" and parts[2:] == ["value"]:
        parts.pop()
    named = parts[-2:] if parts[-1].isdecimal() else parts[-1:]
    return " ".join(named).replace("_", " ").strip() or "item"


def name_of_part(part: Json) -> str:
    """A part of a rule in a few words: a fact's name, or what is computed."""
    operation = operator_of(part)
    if operation is None:
        return value_shown(part, None)
    name, arguments = operation
    if name == "var":
        return name_of(str(arguments[0]))
    if name in _SIGNS and len(arguments) > 1:
        return cut(f" {_SIGNS[name]} ".join(map(name_of_part, arguments)))
    told = arguments[:1] if name in _FIRST_ONLY else arguments
    return cut(f"{_WORDS.get(name, '')} {', '.join(map(name_of_part, told))}".strip())


def full_name_of_part(part: Json) -> str | None:
    """The whole path of a fact as words, for two facts that share a last part."""
    match operator_of(part):
        case ("var", [str() as path, *_]):
            return path.replace(".", " ").replace("_", " ")
    return None
