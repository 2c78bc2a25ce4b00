"""Checks that what a worker declares of itself agrees with the steps that it does: input, output, evidence, chain."""

from collections.abc import Collection, Iterator, Mapping

from contracts.contract import ASSIST, Lane, Step, WorkerDeclaration
from contracts.loading.facts import ITEM
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.mistakes import Mistake, Pointer, listed, suggestion

REQUEST, REQUESTER, OWNER, DESK = "request", "requester", "lane-owner", "desk"
_ADVISES = 1


def worker_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Everything in which a worker contradicts its tier, the stage of its lane, or itself."""
    for name, worker in lane.workers.items():
        at: Pointer = ("workers", name)
        yield from _unmeasured(lane, page, at, worker)
        yield from _cost(page, at, worker)


def agreement_mistakes(lane: Lane, page: Page, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    """Everything in which a worker contradicts its steps; for a lane that is good in itself."""
    for name, worker in lane.workers.items():
        at: Pointer = ("workers", name)
        steps = steps_of(lane, name)
        if worker.coordinates is None:
            yield from _takes(lane, page, at, worker)
        yield from _given(page, at, worker, [one for step in steps for one in _bound(step, bindings)])
        if steps:
            yield from _gives(page, at, worker, steps)
            yield from _evidence(page, at, worker, steps)
            yield from _next(lane, page, at, steps)


def _bound(step: Step, bindings: Mapping[str, Binding]) -> list[Binding]:
    """A step's function, and those of its tactics that have their own."""
    names = [step.name, *(f"{step.name}/{tactic.name}" for tactic in step.tactics)]
    return [bindings[name] for name in names if name in bindings]


def steps_of(lane: Lane, worker: str) -> list[Step]:
    """The steps that a worker does, itself or as a peer."""
    return [step for step in lane.steps if worker in doers(lane, step)]


def doers(lane: Lane, step: Step) -> set[str]:
    """Who does a step: its worker and the peers who may take it over."""
    peers = lane.peers(step.name) if step.worker in lane.workers else ()
    return {step.worker, *(name for group in peers for name in group)}


def steps_handed_to(lane: Lane, worker: str) -> list[Step]:
    """The steps that a worker does as a peer of whose they are."""
    return [step for step in steps_of(lane, worker) if step.worker != worker]


def _unmeasured(lane: Lane, page: Page, at: Pointer, worker: WorkerDeclaration) -> Iterator[Mistake]:
    if worker.kpi is None and lane.stage > ASSIST:
        message = f"{at[1]} moves no KPI, so its lane stays at stage {ASSIST} or below"
        yield page.mistake(at, message, f"Name a kpi, or write stage: {ASSIST}.", key=True)
    if worker.tier == _ADVISES and worker.may == "decide" and not worker.writes:
        hint = "Write may: recommend, or give it a higher tier."
        yield page.mistake((*at, "may"), "a worker of tier 1 recommends, it decides nothing", hint)


def _cost(page: Page, at: Pointer, worker: WorkerDeclaration) -> Iterator[Mistake]:
    if worker.cost.usual > worker.cost.at_most:
        message = f"a run usually costs {worker.cost.usual}, which is above {worker.cost.at_most}, the most it should"
        yield page.mistake((*at, "cost", "at_most"), message)


def _takes(lane: Lane, page: Page, at: Pointer, worker: WorkerDeclaration) -> Iterator[Mistake]:
    known = [REQUEST, *(step.writes for step in lane.steps)]
    for index, field in enumerate(worker.takes):
        if field not in known:
            yield page.mistake((*at, "takes", index), f"unknown input {field}", suggestion(field, known))


def _given(page: Page, at: Pointer, worker: WorkerDeclaration, bound: list[Binding]) -> Iterator[Mistake]:
    """Functions that are given what their worker does not say that it takes."""
    for binding in bound:
        sources = [source.removeprefix("state.") for source in binding.arguments.values() if source not in (DESK, ITEM)]
        for missing in _without(sources, worker.takes):
            message = f"{binding.function.__name__} is given {missing}, which {at[1]} does not take"
            yield page.mistake((*at, "takes"), message, f"Write takes: [{', '.join([*worker.takes, missing])}].")


def _gives(page: Page, at: Pointer, worker: WorkerDeclaration, steps: list[Step]) -> Iterator[Mistake]:
    written = list(dict.fromkeys(step.writes for step in steps))
    for index, field in enumerate(worker.gives):
        if field not in written:
            message = f"{at[1]} writes no field {field}"
            yield page.mistake((*at, "gives", index), message, suggestion(field, written))
    if set(worker.gives) < set(written):
        hint = f"Write gives: [{', '.join(written)}]."
        yield page.mistake((*at, "gives"), f"{at[1]} writes {listed(_without(written, worker.gives))} too", hint)


def _evidence(page: Page, at: Pointer, worker: WorkerDeclaration, steps: list[Step]) -> Iterator[Mistake]:
    kept = list(dict.fromkeys(artifact for step in steps for artifact in step.evidence))
    known = [*kept, *worker.writes]
    for index, name in enumerate(worker.evidence):
        if name not in known:
            message = f"{name} is neither kept by a step of {at[1]} nor one of its writes"
            yield page.mistake((*at, "evidence", index), message, suggestion(name, known))
    missing = _without(kept, worker.evidence)
    if missing and set(worker.evidence) <= set(known):
        hint = f"Write evidence: [{', '.join([*worker.evidence, *missing])}]."
        yield page.mistake((*at, "evidence"), f"{at[1]} keeps {listed(missing)} too", hint)


def _without(names: list[str], told: Collection[str]) -> list[str]:
    return [name for name in names if name not in told]


def _next(lane: Lane, page: Page, at: Pointer, steps: list[Step]) -> Iterator[Mistake]:
    own = {step.name for step in steps}
    followers = [step for step in lane.steps if step.name not in own and _comes_after(lane, step, own)]
    expected = list(dict.fromkeys(step.worker for step in followers)) or [REQUESTER]
    said = lane.workers[str(at[1])].next
    if said not in expected:
        told = "nobody's step comes" if expected == [REQUESTER] else f"the step of {listed(expected, last='or')} comes"
        hint = f"Write next: {expected[0]}."
        yield page.mistake((*at, "next"), f"after {at[1]} {told}, not that of {said}", hint)


def _comes_after(lane: Lane, step: Step, own: set[str]) -> bool:
    return bool(own & set(lane.before(step.name)))


def is_human(who: str) -> bool:
    """Whether a rung of a ladder is a person or people, not a worker."""
    return who == OWNER or who.startswith(("group:", "person:"))
