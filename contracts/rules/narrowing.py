"""Which facts are known not to be null once a condition came out, so that `and` may test first and read after."""

from contracts.rules.guard import Json
from contracts.rules.structure import operator_of, plain_path

_EQUAL = {"==", "==="}
_UNEQUAL = {"!=", "!=="}


def known(rule: Json, *, outcome: bool) -> frozenset[str]:
    """The paths that can't be null when `rule` came out as `outcome`."""
    match operator_of(rule):
        case (("!" | "!!") as name, [inner]):
            return known(inner, outcome=outcome if name == "!!" else not outcome)
        case (("and" | "or") as name, arguments) if outcome == (name == "and"):
            return frozenset().union(*(known(argument, outcome=outcome) for argument in arguments))
        case (name, [left, right]) if name in (_EQUAL | _UNEQUAL):
            return _compared(left, right, equal=outcome == (name in _EQUAL))
    return frozenset()


def _compared(left: Json, right: Json, *, equal: bool) -> frozenset[str]:
    path = plain_path(left) if plain_path(left) is not None else plain_path(right)
    other = right if plain_path(left) is not None else left
    if path is None or isinstance(other, (dict, list)):
        return frozenset()
    # Equal to something that is not null, or unlike null: either way it is there.
    return frozenset({path}) if equal == (other is not None) else frozenset()
