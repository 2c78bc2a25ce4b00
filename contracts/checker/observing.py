"""Checks derived facts, probes and required fields: that what they are made of exists and is of the right kind."""

import inspect
from collections.abc import Iterator, Mapping

from contracts.checker.examples import fact_hint
from contracts.checker.rights import operation_named
from contracts.contract import Lane
from contracts.deriving import DERIVED, TAKINGS
from contracts.grounds import stands_on_probes
from contracts.loading.facts import LaneSchemas
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, Pointer, listed, suggestion
from contracts.needing import can_be_missing
from contracts.observing import Probe


def observing_mistakes(lane: Lane, page: Page, schemas: LaneSchemas, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Derived facts of the wrong kind, and probes that can't be made."""
    for name, declared in lane.derive.items():
        yield from _derived(page, ("derive", name), declared.of, declared.take, schemas)
    for name, probe in lane.probes.items():
        yield from _probe(lane, page, ("probes", name), probe, schemas, tools)


def need_mistakes(lane: Lane, page: Page, schemas: LaneSchemas) -> Iterator[Mistake]:
    """Required fields that do not exist when their step starts, and those that are always there."""
    for index, step in enumerate(lane.steps):
        for number, path in enumerate(step.needs):
            yield from _need(page, ("steps", index, "needs", number), path, schemas, step.name)


def _derived(page: Page, at: Pointer, path: str, take: str, schemas: LaneSchemas) -> Iterator[Mistake]:
    kind, taking = schemas.whole.at(path), TAKINGS[take]
    if path.startswith(f"{DERIVED}."):
        yield page.mistake((*at, "of"), "a derived fact is not derived of another", "Name a field, or a probe.")
    elif kind is None:
        yield page.mistake((*at, "of"), f"unknown fact {path}", fact_hint(path, schemas.whole))
    elif not taking.takes(kind):
        message = f"{take} is taken of {taking.words()}, and {path} is {kind.words()}"
        fitting = [name for name, other in TAKINGS.items() if other.takes(kind)]
        hint = f"Of it can be taken: {listed(fitting)}." if fitting else None
        yield page.mistake((*at, "take"), message, hint)


def _probe(
    lane: Lane, page: Page, at: Pointer, probe: Probe, schemas: LaneSchemas, tools: Mapping[str, Tool]
) -> Iterator[Mistake]:
    steps = [step.name for step in lane.steps]
    if probe.before not in steps:
        yield page.mistake((*at, "before"), f"unknown step {probe.before}", suggestion(probe.before, steps))
        return
    worker = lane.step(probe.before).worker
    reads = lane.workers[worker].reads if worker in lane.workers else ()
    if probe.read not in reads:
        message = f"{worker} may not read {probe.read}"
        yield page.mistake((*at, "read"), message, suggestion(probe.read, reads))
    yield from _given(lane, page, at, probe, schemas, tools)


def _given(
    lane: Lane, page: Page, at: Pointer, probe: Probe, schemas: LaneSchemas, tools: Mapping[str, Tool]
) -> Iterator[Mistake]:
    system = probe.read.partition(".")[0]
    operation = operation_named(probe.read, tools)
    if operation is None:
        return
    parameters = list(inspect.signature(getattr(tools[system].kind, operation.name)).parameters.values())[1:]
    names = [parameter.name for parameter in parameters]
    for name, path in probe.given.items():
        place: Pointer = (*at, "given", name)
        if name not in names:
            yield page.mistake(place, f"{probe.read} takes no {name}", suggestion(name, names), key=True)
        elif schemas.before[probe.before].at(path) is None:
            yield page.mistake(place, f"unknown fact {path}", fact_hint(path, schemas.before[probe.before]))
        elif stands_on_probes(lane, path):
            message = f"a probe is not made of what was probed, as {path} is"
            yield page.mistake(place, message, "Give it a field of the request, the state or the proposal.")
    needed = [one.name for one in parameters if one.default is one.empty and one.name not in probe.given]
    if needed and set(probe.given) <= set(names):
        yield page.mistake(at, f"{probe.read} takes {listed(needed)} too", "Say it in `given`.", key=True)


def _need(page: Page, at: Pointer, path: str, schemas: LaneSchemas, step: str) -> Iterator[Mistake]:
    kind = schemas.before[step].at(path)
    if kind is None and schemas.whole.at(path) is not None:
        yield page.mistake(at, f"{path} is not known yet when {step} starts")
    elif kind is None or kind.fields:
        yield page.mistake(at, f"unknown fact {path}", fact_hint(path, schemas.before[step]))
    elif not can_be_missing(kind):
        message = f"{path} is always there: {kind.words()}"
        yield page.mistake(at, message, "Only text that can be empty and what can be null is needed. Write a rule.")
