"""Checks the tree: what lies below only narrows what lies above, and lanes stay within what is in force for them."""

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from contracts.checker.rights import operation_named
from contracts.checker.workers import steps_of
from contracts.company import Company
from contracts.contract import Lane
from contracts.inheritance import (
    POLICIES,
    Key,
    Layer,
    Said,
    chains,
    in_force,
    is_wider,
    layers_down_to,
    layers_of,
)
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, Pointer, listed, suggestion
from contracts.scope import Policy
from contracts.vocabulary import BlastRadius


def tree_mistakes(company: Company, page: Page) -> Iterator[Mistake]:
    """Names that do not exist, and what a workspace or a portfolio allows beyond what lies above it."""
    branches = [layers_of(company, portfolio.id) for _, _, portfolio in company.placed_portfolios()]
    for layer in {layer.at: layer for branch in branches for layer in branch}.values():
        yield from _unknown(company, page, layer)
    yield from {found: None for branch in branches for found in _wider(company, page, branch)}


def lane_scope_mistakes(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    """What a lane says for itself beyond what lies above it, and rights and approvers outside what is in force."""
    layers = layers_down_to(company, lane)
    yield from _unknown(company, page, layers[-1])
    yield from _wider(company, page, layers)
    force = in_force(company, lane)
    yield from _sources(lane, page, force.get(("data_sources",)))
    yield from _approvers(lane, page, force.get(("approvers",)))


def policy_mistakes(lane: Lane, page: Page, company: Company, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Effects that lack what a policy in force demands of them."""
    force = in_force(company, lane)
    policies = [said.value for said in force.values() if isinstance(said.value, Policy)]
    for at, effect, approved in _causable(lane):
        operation = operation_named(effect, tools)
        for policy in policies:
            if operation is None or operation.blast is not policy.touching:
                continue
            held = {"verification": operation.look, "approval": approved, "cap": _caps(force, operation.blast)}
            for demand in [demand for demand in policy.demands if not held[demand]]:
                message = f"{effect} has no {demand}, which the policy “{policy.name}” demands"
                yield page.mistake(at, message, f"{policy.because.rstrip('.')}. {_mend(demand, at)}")


def _causable(lane: Lane) -> Iterator[tuple[Pointer, str, bool]]:
    """Every effect that a lane may cause: where it says so, and whether an edge stands before each cause of it."""
    edges = {edge.before for edge in lane.approve}
    for name, worker in lane.workers.items():
        approved = {step.name for step in steps_of(lane, name)} <= edges
        yield from ((("workers", name, "writes", index), one, approved) for index, one in enumerate(worker.writes))
    for index, step in enumerate(lane.steps):
        if step.undo is not None:
            yield ("steps", index, "undo", "by"), step.undo.by, step.undo.approval


def cap_mistakes(lane: Lane, page: Page, company: Company, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Effects under a cap of an amount that do not say which of their arguments is one."""
    force = in_force(company, lane)
    for at, effect, _ in _causable(lane):
        found = operation_named(effect, tools)
        if found is not None and found.is_effect and found.amount is None and _capped(force, found.blast):
            message = f"{effect} is under a cap of an amount, and does not say which argument is one"
            hint = f'Write amount="ARGUMENT" in @effect of {found.name}, or take the cap away.'
            yield page.mistake(at, message, hint)


def _capped(force: Mapping[Key, Said], blast: BlastRadius) -> bool:
    return any(key[-1] == "amount" for key in _caps(force, blast))


_MEND: Mapping[str, str] = {
    "verification": "Give the tool's method a look that reads it back.",
    "approval": "Declare an approval edge before the step.",
    "cap": "Declare caps for its blast radius.",
}


def _mend(demand: str, at: Pointer) -> str:
    """What to do for a demand; an undo is under its step's edges only where it says so."""
    return "Write approval: true beside it." if demand == "approval" and "undo" in at else _MEND[demand]


def _caps(force: Mapping[Key, Said], blast: BlastRadius) -> list[Key]:
    return [key for key in force if key[:2] == ("caps", blast.value)]


def _known(company: Company) -> Mapping[str, tuple[str, Collection[str]]]:
    """What each set holds the names of."""
    return {
        "channels": ("channel", company.slack_channels),
        "data_sources": ("system", company.systems),
        "approvers": ("group", company.groups),
    }


def _unknown(company: Company, page: Page, layer: Layer) -> Iterator[Mistake]:
    for field, (what, names) in _known(company).items():
        for index, name in enumerate(getattr(layer.scope, field) or ()):
            if name not in names:
                yield page.mistake((*layer.at, field, index), f"unknown {what} {name}", suggestion(name, names))


def _wider(company: Company, page: Page, layers: tuple[Layer, ...]) -> Iterator[Mistake]:
    """What is wider than the nearest value above; only of the layers that stand in this file."""
    in_lane = layers[-1].in_lane
    for key, said in chains(layers).items():
        names = _known(company).get(key[0], ("", ()))[1]
        for above, below in pairwise(said):
            known = below.value & frozenset(names) if isinstance(below.value, frozenset) else below.value
            if below.layer.in_lane == in_lane and is_wider(known, above.value):
                yield page.mistake(below.at, *_told(above, below))


def _told(above: Said, below: Said) -> tuple[str, str]:
    where = f"the {above.layer.level} {above.layer.name}"
    if isinstance(below.value, frozenset) and isinstance(above.value, frozenset):
        more = sorted(below.value - above.value)
        return f"{listed(more)} is more than {where} allows", f"It allows {listed(sorted(above.value)) or 'none'}."
    if below.key[0] == POLICIES:
        return f"{where} has a policy of this name", "Policies are added to, never changed: give it another name."
    if below.key[0] == "brand":
        return f"another brand than that of {where}", f"Write {above.value}, or nothing."
    return f"{below.value} is more than {where} allows", f"Write at most {above.value}."


def _sources(lane: Lane, page: Page, allowed: Said | None) -> Iterator[Mistake]:
    if allowed is None or not isinstance(allowed.value, frozenset):
        return
    for name, worker in lane.workers.items():
        for right, operations in (("reads", worker.reads), ("writes", worker.writes)):
            for index, operation in enumerate(operations):
                system = operation.partition(".")[0]
                if system not in allowed.value:
                    message = f"{system} is no data source of the {allowed.layer.level} {allowed.layer.name}"
                    hint = f"It has {listed(sorted(allowed.value)) or 'none'}."
                    yield page.mistake(("workers", name, right, index), message, hint)


def _approvers(lane: Lane, page: Page, allowed: Said | None) -> Iterator[Mistake]:
    if allowed is None or not isinstance(allowed.value, frozenset):
        return
    for index, edge in enumerate(lane.approve):
        for number, step in enumerate(edge.steps):
            kind, _, name = step.who.partition(":")
            if kind == "group" and name not in allowed.value:
                message = f"{name} does not approve for the {allowed.layer.level} {allowed.layer.name}"
                hint = f"Those who do: {listed(sorted(allowed.value)) or 'none'}."
                yield page.mistake(("approve", index, "steps", number, "who"), message, hint)
