"""Drafts changes of a contract out of how its decisions went: a higher limit, an edge fewer, a rule that was missing."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from contracts.facts import FactSchema, FactType
from contracts.wording import value_at

_RISING = {">": False, ">=": True}
"""Comparisons that a higher limit loosens, and whether the limit itself still asks."""
_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A changed lane file as data, with the part that differs, and one sentence on what it does."""

    data: Mapping[str, Any]
    part: Mapping[str, Any]
    sentence: str


def raised(data: Mapping[str, Any], edge: str, approved: Sequence[Mapping[str, Any]]) -> Draft | None:
    """The lane file with an edge's limit raised to the most that was ever approved; None for a rule of another shape.

    `approved` are the facts of those decisions. The edge's examples move with its limit.
    """
    limit = _limit(data, edge)
    values = [value for facts in approved if limit and isinstance(value := value_at(facts, limit[1]), int | float)]
    if limit is None or not values or max(values) <= limit[2]:
        return None
    operator, path, _ = limit
    most = max(values) + 1 if _RISING[operator] else max(values)
    changed = deepcopy(dict(data))
    found = _edge(changed, edge)
    found["when"] = {operator: [{"var": path}, most]}
    found["examples"] = _examples(operator, path, most)
    part = {"approve": [{"name": edge, "when": found["when"], "examples": found["examples"]}]}
    return Draft(changed, part, f"Ask only above {path} {most}: up to there everything was approved.")


def _limit(data: Mapping[str, Any], edge: str) -> tuple[str, str, int | float] | None:
    """(operator, path, number) of an edge that asks above one number."""
    match _edge(data, edge).get("when"):
        case {">": [{"var": str(path)}, int() | float() as number]}:
            return ">", path, number
        case {">=": [{"var": str(path)}, int() | float() as number]}:
            return ">=", path, number
        case _:
            return None


def _edge(data: Mapping[str, Any], edge: str) -> dict[str, Any]:
    found: dict[str, Any] = next((one for one in data.get("approve") or () if one.get("name") == edge), {})
    return found


def _examples(operator: str, path: str, most: int | float) -> dict[str, Any]:
    asks, rests = (most, most - 1) if _RISING[operator] else (most + 1, most)
    return {"accepted": [{path: asks}], "refused": [{path: rests}]}


def dropped(data: Mapping[str, Any], edge: str) -> Draft:
    """The lane file without an edge."""
    changed = deepcopy(dict(data))
    changed["approve"] = [one for one in changed.get("approve") or () if one.get("name") != edge]
    return Draft(changed, {"approve": f"without “{edge}”"}, "Ask nobody here: every one was approved, and at once.")


def required(
    data: Mapping[str, Any],
    edge: str,
    *,
    reason: str,
    refused: Sequence[Mapping[str, Any]],
    approved: Sequence[Mapping[str, Any]],
    schema: FactSchema,
) -> Draft | None:
    """The lane file with a rule that would have said what people kept saying; None when no single fact tells those that
    were refused for this `reason` from those that were approved.
    """
    test = next(_tests(refused, approved, schema), None)
    if test is None:
        return None
    path, operator, value = test
    rule = {
        "name": f"{edge}: {reason}"[:120],
        "before": _edge(data, edge)["before"],
        "rule": {operator: [{"var": path}, value]},
        "because": reason.replace("{", "(").replace("}", ")")[:280],
        "examples": {
            "accepted": [{path: value_at(approved[0], path)}],
            "refused": [{path: value_at(refused[0], path)}],
        },
    }
    changed = deepcopy(dict(data))
    changed["require"] = [*(changed.get("require") or ()), {**rule, "otherwise": "refused"}]
    sentence = f"Refuse it by a rule: all {len(refused)} that were rejected for this reason have {path} otherwise."
    return Draft(changed, {"require": [rule]}, sentence)


_Test = tuple[str, str, Any]


def _tests(
    refused: Sequence[Mapping[str, Any]], approved: Sequence[Mapping[str, Any]], schema: FactSchema
) -> Iterator[_Test]:
    """Tests of one fact that hold for all that was approved and for none that was refused."""
    if not refused or not approved:
        return
    for path in schema.paths():
        kind = schema.at(path)
        if kind is None or kind.fields or kind.personal or kind.nullable or path.split(".")[0] not in _TELLING:
            continue
        bad, good = [value_at(one, path) for one in refused], [value_at(one, path) for one in approved]
        if None not in bad and None not in good:
            yield from _test(path, kind, bad, good)


_TELLING = frozenset({"request", "state", "effect", "derived", "probe"})


def _test(path: str, kind: FactType, bad: Sequence[Any], good: Sequence[Any]) -> Iterator[_Test]:
    if kind.kind in _NUMBERS and kind.unit != "instant":
        if max(good) < min(bad):
            yield path, "<=", max(good)
        elif min(good) > max(bad):
            yield path, ">=", min(good)
    elif (kind.values or kind.kind == "boolean") and len(set(bad)) == 1 and bad[0] not in good:
        yield path, "!=", bad[0]  # of free text, such as a number or a name, every one differs from every other
