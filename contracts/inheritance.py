"""What holds for a lane down the tree: company › workspace › portfolio › lane, and which of them says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.company import Company
from contracts.contract import Lane
from contracts.mistakes import Pointer
from contracts.scope import Policy, Scope

Key = tuple[str, ...]
"""What is declared, such as ("brand",) or ("caps", "spending", "day", "amount")."""

Value = str | frozenset[str] | Decimal | int | Policy

SETS = ("channels", "data_sources", "approvers")
POLICIES = "policies"


@dataclass(frozen=True, slots=True)
class Layer:
    """One level of the tree above and including a lane: what people call it, its place in its file, what it says."""

    level: str
    name: str
    at: Pointer
    scope: Scope

    @property
    def in_lane(self) -> bool:
        """Whether this is said in the lane's own file, not in company.yaml."""
        return isinstance(self.scope, Lane)


@dataclass(frozen=True, slots=True)
class Said:
    """A value that a layer declares, and where in its file."""

    key: Key
    value: Value
    layer: Layer

    @property
    def at(self) -> Pointer:
        """The way to it in its file; a policy is found by its place in the list."""
        if self.key[0] != POLICIES:
            return (*self.layer.at, *self.key)
        names = [policy.name for policy in self.layer.scope.policies]
        return (*self.layer.at, POLICIES, names.index(self.key[1]))


def layers_of(company: Company, portfolio: str) -> tuple[Layer, ...]:
    """The company, the workspace and the portfolio of that name; only the company when there is none."""
    top = Layer("company", company.name, (), company)
    for number, index, found in company.placed_portfolios():
        if found.id == portfolio:
            space, at = company.workspaces[number], ("workspaces", number)
            below = Layer("portfolio", found.name, (*at, "portfolios", index), found)
            return (top, Layer("workspace", space.name, at, space), below)
    return (top,)


def layers_down_to(company: Company, lane: Lane) -> tuple[Layer, ...]:
    """All that says something for a lane, itself last."""
    return (*layers_of(company, lane.portfolio), Layer("lane", lane.title, (), lane))


def chains(layers: Sequence[Layer]) -> Mapping[Key, tuple[Said, ...]]:
    """What is said of each key, from the top down; the last is in force."""
    found: dict[Key, tuple[Said, ...]] = {}
    for layer in layers:
        for key, value in _values(layer.scope):
            found[key] = (*found.get(key, ()), Said(key, value, layer))
    return found


def in_force(company: Company, lane: Lane) -> Mapping[Key, Said]:
    """What holds for a lane."""
    return {key: said[-1] for key, said in chains(layers_down_to(company, lane)).items()}


def brand_of(company: Company, lane: Lane | None) -> str:
    """Under whose name people are written to about a lane: its brand, else the company's name; None is for no lane."""
    scopes = layers_down_to(company, lane) if lane is not None else (Layer("company", company.name, (), company),)
    return next((layer.scope.brand for layer in scopes if layer.scope.brand is not None), company.name)


def is_wider(value: Value, above: Value) -> bool:
    """Whether a value allows what the one above it does not."""
    if isinstance(value, frozenset) and isinstance(above, frozenset):
        return not value <= above
    if isinstance(value, (int, Decimal)) and isinstance(above, (int, Decimal)):
        return value > above
    return value != above


def _values(scope: Scope) -> Iterator[tuple[Key, Value]]:
    if scope.brand is not None:
        yield ("brand",), scope.brand
    for name in SETS:
        if getattr(scope, name) is not None:
            yield (name,), frozenset(getattr(scope, name))
    if scope.budget is not None:
        yield from _leaves(("budget",), scope.budget.model_dump())
    for blast, caps in scope.caps.items():
        yield from _leaves(("caps", blast.value), caps.model_dump(exclude={"reached"}))
    yield from (((POLICIES, policy.name), policy) for policy in scope.policies)


def _leaves(key: Key, values: Mapping[str, Any]) -> Iterator[tuple[Key, Value]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves((*key, name), value)
        elif value is not None:
            yield (*key, name), value
