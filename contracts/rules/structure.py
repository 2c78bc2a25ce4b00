"""How a JSONLogic rule is put together: operators, their arguments, and where each of them stands."""

from contracts.rules.guard import Json, Pointer

Placed = tuple[Json, Pointer]
"""A part of a rule with the pointer that leads to it."""


def operator_of(rule: Json) -> tuple[str, list[Json]] | None:
    """The operator and its arguments, or None for what is no operation; `{"!": x}` is `{"!": [x]}`."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return None
    [(name, arguments)] = rule.items()
    return name, arguments if isinstance(arguments, list) else [arguments]


def name_of_operator(rule: Json) -> str:
    """The operator's name, or nothing."""
    operation = operator_of(rule)
    return operation[0] if operation is not None else ""


def placed_arguments(rule: Json, at: Pointer) -> list[Placed]:
    """The arguments of the operation that stands at `at`; none if it is no operation."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return []
    [(name, arguments)] = rule.items()
    if not isinstance(arguments, list):
        return [(arguments, (*at, name))]
    return [(argument, (*at, name, index)) for index, argument in enumerate(arguments)]


def plain_path(rule: Json) -> str | None:
    """The path that a `var` without default reads."""
    match operator_of(rule):
        case ("var", [str() as path]):
            return path
    return None
