"""Checks what workers may read and change: that it exists, and that their tier allows it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from contracts.authoring import Operation
from contracts.checker.workers import doers
from contracts.contract import Lane, Step, WorkerDeclaration
from contracts.loaded import EffectSpec
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, Pointer, listed, suggestion
from contracts.rights import CHANGES_NOTHING, LARGE, least_tier
from contracts.vocabulary import BlastRadius


def operation_mistakes(lane: Lane, page: Page, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Rights to systems and operations that do not exist, or that are of the other kind."""
    for name, worker in lane.workers.items():
        for right, operations in (("reads", worker.reads), ("writes", worker.writes)):
            for index, operation in enumerate(operations):
                at: Pointer = ("workers", name, right, index)
                yield from operation_mistakes_at(page, at, operation, tools, wants_effect=right == "writes")


def tier_mistakes(lane: Lane, page: Page, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Rights above a worker's tier, and effects of tier 3 that nothing guards."""
    for name, worker in lane.workers.items():
        for index, effect in enumerate(worker.writes):
            operation = operation_named(effect, tools)
            yield from tier_mistakes_at(page, ("workers", name, "writes", index), worker, effect, tools)
            if operation is not None and operation.is_effect:
                yield from _unguarded(lane, page, ("workers", name, "writes", index), operation)


def only_mistakes(lane: Lane, page: Page, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Fields and arguments that narrow a right which is not there, or that its tool does not know."""
    for name, worker in lane.workers.items():
        for right, named in worker.only.items():
            at: Pointer = ("workers", name, "only", right)
            operation = operation_named(right, tools)
            if right not in (*worker.reads, *worker.writes):
                hint = suggestion(right, [*worker.reads, *worker.writes])
                yield page.mistake(at, f"{name} has no right to {right} that could be narrowed", hint, key=True)
            elif operation is not None and operation.is_effect:
                yield from _arguments(page, at, named, tools)
            elif operation is not None:
                yield from _fields(page, at, named, tools)


def _fields(page: Page, at: Pointer, named: tuple[str, ...], tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    right = str(at[-1])
    system, _, operation = right.partition(".")
    known = tools[system].answers.get(operation)
    if known is None:
        hint = f"Annotate {tools[system].kind.__name__}.{operation} with a TypedDict, or a list of them."
        yield page.mistake(at, f"{right} does not say which fields its answer has", hint, key=True)
        return
    for index, field in enumerate(named):
        if field not in known:
            yield page.mistake((*at, index), f"{right} has no field {field}", suggestion(field, known))


def _arguments(page: Page, at: Pointer, named: tuple[str, ...], tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    right = str(at[-1])
    effect = tools[right.partition(".")[0]].effects.get(right)
    known = effect.args_model.model_fields if effect is not None else {}
    for index, argument in enumerate(named):
        if argument not in known:
            yield page.mistake((*at, index), f"{right} takes no {argument}", suggestion(argument, known))
    missing = [name for name, field in known.items() if field.is_required() and name not in named]
    if missing and set(named) <= set(known):
        hint = f"Write {right}: [{', '.join([*named, *missing])}]."
        yield page.mistake(at, f"{right} can't be asked for without {listed(missing)}", hint, key=True)


def proposal_mistakes(lane: Lane, page: Page, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    """Steps that propose without a right to any effect, and edges before steps that propose nothing."""
    for index, step in enumerate(lane.steps):
        worker = lane.workers.get(step.worker)
        if _proposes(step.name, bindings) and worker is not None and not worker.writes:
            message = f"{step.name} proposes an effect, but {step.worker} may write nothing"
            yield page.mistake(("steps", index, "worker"), message, "Name the effect among the worker's writes.")
        yield from _otherwise(page, index, step, bindings)
    for index, edge in enumerate(lane.approve):
        if edge.before in bindings and not bindings[edge.before].proposes:
            message = f"{edge.before} proposes nothing that could be approved"
            yield page.mistake(("approve", index, "before"), message, "Name a step that returns a Proposal.")


def _otherwise(page: Page, index: int, step: Step, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    """Tactics that come to something else than their step does."""
    for number, tactic in enumerate(step.tactics):
        own = f"{step.name}/{tactic.name}"
        if own in bindings and _proposes(own, bindings) is not _proposes(step.name, bindings):
            does = "proposes an effect" if _proposes(step.name, bindings) else "proposes nothing"
            message = f"{step.name} {does}, and its tactic {tactic.name} does not do the same"
            yield page.mistake(("steps", index, "tactics", number, "run"), message)


def _proposes(step: str, bindings: Mapping[str, Binding]) -> bool:
    return step in bindings and bindings[step].proposes


def effects_of(lane: Lane, tools: Mapping[str, Tool], step: str) -> tuple[EffectSpec, ...]:
    """The effects that a step's worker may propose."""
    worker = lane.workers.get(lane.step(step).worker)
    known = {name: spec for tool in tools.values() for name, spec in tool.effects.items()}
    return tuple(known[name] for name in (worker.writes if worker else ()) if name in known)


def effects_known(lane: Lane, tools: Mapping[str, Tool]) -> bool:
    """Whether every step has a worker, and every worker writes what some tool can."""
    effects = {name for tool in tools.values() for name in tool.effects}
    named = {effect for worker in lane.workers.values() for effect in worker.writes}
    return named <= effects and all(step.worker in lane.workers for step in lane.steps)


def operation_named(name: str, tools: Mapping[str, Tool]) -> Operation | None:
    """The operation that rights call "system.operation", or None."""
    system, _, operation = name.partition(".")
    return tools[system].operations.get(operation) if system in tools else None


def operation_mistakes_at(
    page: Page, at: Pointer, name: str, tools: Mapping[str, Tool], *, wants_effect: bool
) -> Iterator[Mistake]:
    """That an operation which is named there does not exist, or is of the other kind."""
    found = operation_named(name, tools)
    if found is None:
        yield page.mistake(at, *_unknown(name, tools, wants_effect=wants_effect))
    elif found.is_effect and not wants_effect:
        yield page.mistake(at, f"{name} changes the world", "Name it among the writes.")
    elif wants_effect and not found.is_effect:
        yield page.mistake(at, f"{name} only reads", "Name it among the reads.")


def _unknown(name: str, tools: Mapping[str, Tool], *, wants_effect: bool) -> tuple[str, str | None]:
    system, dot, operation = name.partition(".")
    if not dot:
        return f"{name} is no operation", "Write SYSTEM.OPERATION, such as shop.order."
    if system not in tools:
        return f"unknown system {system}", suggestion(system, tools)
    known = [known.name for known in tools[system].operations.values() if known.is_effect == wants_effect]
    near = get_close_matches(operation, known, n=1, cutoff=0.6)
    kind = "effect" if wants_effect else "read"
    hint = f"Did you mean {system}.{near[0]}?" if near else suggestion(name, [f"{system}.{one}" for one in known])
    return f"{system} has no {kind} {operation}", hint


def tier_mistakes_at(
    page: Page, at: Pointer, worker: WorkerDeclaration, effect: str, tools: Mapping[str, Tool]
) -> Iterator[Mistake]:
    """That an effect which is named there is above a worker's tier."""
    operation = operation_named(effect, tools)
    if operation is not None and operation.is_effect:
        yield from _tier(page, at, worker, operation)


def _tier(page: Page, at: Pointer, worker: WorkerDeclaration, operation: Operation) -> Iterator[Mistake]:
    least = least_tier(operation.blast)
    if worker.tier in CHANGES_NOTHING:
        message = f"a worker of tier {worker.tier} {CHANGES_NOTHING[worker.tier]}, it writes nothing"
        yield page.mistake(at, message, f"Give it tier {least}, or take the right away.")
    elif worker.tier < least:
        message = f"{operation.name} touches {_touched(operation.blast)}, which takes tier {least}"
        yield page.mistake(at, message, f"This worker has tier {worker.tier}.")


def _touched(blast: BlastRadius) -> str:
    words = {BlastRadius.CUSTOMER: "customers", BlastRadius.PUBLIC: "the public"}
    return words.get(blast, blast.value)


def _unguarded(lane: Lane, page: Page, at: Pointer, operation: Operation) -> Iterator[Mistake]:
    worker = str(at[1])
    steps = [step.name for step in lane.steps if worker in doers(lane, step)]
    edges = [edge for edge in lane.approve if edge.before in steps]
    if operation.blast in LARGE and operation.look is None and not edges:
        message = f"nobody approves {operation.name} and nothing can verify it"
        hint = f"Declare an approval edge before {listed(steps, last='or')}, or a look." if steps else None
        yield page.mistake(at, message, hint)
