"""Turns a rule of ours into one that the engine computes the way we mean it.

Text: the engine compares texts that look like instants or durations as such ("1d" equals "24h"). So every text, in facts
and in rules, is given a mark in front, which nothing that looks like an instant has; comparing marked texts is comparing
texts. Operators that look into text take the mark off, and those that make text put it on again.
Null: a fact below a null reads as null where null is asked for, and a default fills that; an absent fact is an error.
"""

from collections.abc import Callable, Mapping, Set
from itertools import pairwise

from contracts.rules.guard import Json, Pointer
from contracts.rules.structure import operator_of, placed_arguments, plain_path

MARK = "'"
"""Stands before every text that the engine sees."""
_OVER_ITEMS = {"map", "filter", "all", "some", "none"}
_STRICT = {"==": "===", "!=": "!=="}


def marked(value: Json) -> Json:
    """A guarded value with every text marked."""
    if isinstance(value, str):
        return MARK + value
    if isinstance(value, dict):
        return {key: marked(inner) for key, inner in value.items()}
    return [marked(inner) for inner in value] if isinstance(value, list) else value


def unmarked(value: Json) -> Json:
    """What the engine gave, with the marks taken off."""
    if type(value) is str:
        return value.removeprefix(MARK)
    if type(value) is dict:
        return {key: unmarked(inner) for key, inner in value.items()}
    return [unmarked(inner) for inner in value] if type(value) is list else value


def engine_form(rule: Json, substrings: Set[Pointer], *, at: Pointer = ()) -> Json:
    """The rule as the engine gets it; `substrings` says which `in` look for text within text, `at` where `rule` stands."""
    operation = operator_of(rule)
    if operation is None:
        return _written(rule, substrings, at)
    name, arguments = operation
    if name == "var":
        return _read(arguments, in_item=_is_in_item(at))
    pointer = (*at, name)
    formed = [engine_form(part, substrings, at=part_at) for part, part_at in placed_arguments(rule, at)]
    if name in {"==", "===", "!=", "!=="}:
        return {_STRICT.get(name, name): _null_safe(arguments, formed, in_item=_is_in_item(at))}
    if name == "in" and pointer in substrings:
        return {"in": [arguments[0], _bare(formed[1])]}
    return _TEXTS[name](formed) if name in _TEXTS else {name: formed}


def _written(rule: Json, substrings: Set[Pointer], at: Pointer) -> Json:
    if isinstance(rule, list):
        return [engine_form(part, substrings, at=(*at, index)) for index, part in enumerate(rule)]
    return marked(rule)


def _is_in_item(at: Pointer) -> bool:
    """Whether what stands there is evaluated on an item, which may itself be null."""
    return any(name in _OVER_ITEMS and index == 1 for name, index in pairwise(at))


def _read(arguments: list[Json], *, in_item: bool) -> Json:
    if len(arguments) == 1:
        return {"var": arguments[0]}
    path, default = arguments
    reading = _below_null(str(path), in_item=in_item)
    return {"if": [{"===": [reading, None]}, marked(default), {"var": path}]}


def _null_safe(arguments: list[Json], formed: list[Json], *, in_item: bool) -> list[Json]:
    if None not in arguments:
        return formed
    paths = [plain_path(argument) for argument in arguments]
    return [
        form if path is None else _below_null(path, in_item=in_item) for path, form in zip(paths, formed, strict=True)
    ]


def _below_null(path: str, *, in_item: bool) -> Json:
    """Read `path`; null where anything above it is null, the item itself included."""
    parts = path.split(".")
    reading: Json = {"var": path}
    for length in range(len(parts) - 1, 0 if not in_item or not path else -1, -1):
        above: Json = {"var": ".".join(parts[:length])}
        reading = {"if": [{"===": [above, None]}, None, reading]}
    return reading


def _bare(form: Json) -> Json:
    """A marked text without its mark."""
    return form.removeprefix(MARK) if isinstance(form, str) else {"substr": [form, 1]}


def _joined(formed: list[Json]) -> Json:
    return {"cat": [MARK, *map(_bare, formed)]}


def _cut(formed: list[Json]) -> Json:
    return {"cat": [MARK, {"substr": [_bare(formed[0]), *formed[1:]]}]}


_TEXTS: Mapping[str, Callable[[list[Json]], Json]] = {"cat": _joined, "substr": _cut}
