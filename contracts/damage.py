"""Tells, in plain sentences, the most damage that each worker could do if it were wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.checker.workers import steps_of
from contracts.company import Company
from contracts.contract import OBSERVE, WorkerDeclaration
from contracts.inheritance import Key, Said, in_force
from contracts.limits import ATTEMPT, SPANS, amount_of
from contracts.loaded import Business, EffectSpec, LoadedLane
from contracts.mistakes import listed
from contracts.stages import asks_at_every_effect, asks_for_want_of_bounds
from contracts.undoing import Undo
from contracts.vocabulary import BlastRadius, EffectClass

_TOUCHES: Mapping[BlastRadius, str] = {
    BlastRadius.RECORD: "changes records",
    BlastRadius.PUBLIC: "is seen by the public",
    BlastRadius.CUSTOMER: "reaches customers",
    BlastRadius.SPENDING: "spends money",
    BlastRadius.ACCESS: "changes who may do what",
    BlastRadius.COMPLIANCE: "changes what the law asks to be kept",
}
_DOUBT: Mapping[EffectClass, str] = {
    EffectClass.KEYED: "the world refuses it a second time",
    EffectClass.READABLE: "it is looked for before it is repeated",
    EffectClass.NEITHER: "it is never repeated, and a person is told",
}
_SPANS = (ATTEMPT, *SPANS)


@dataclass(frozen=True, slots=True)
class Damage:
    """What one worker could do: `title` says who, `sentences` what, the worst last."""

    lane: str
    worker: str
    title: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {sentence}" for sentence in self.sentences)])


def damage(business: Business) -> list[Damage]:
    """Every worker's damage, lane by lane."""
    return [
        Damage(name, worker, _title(loaded, worker), tuple(_sentences(business, loaded, worker)))
        for name, loaded in business.lanes.items()
        for worker in loaded.lane.workers
    ]


def _title(loaded: LoadedLane, worker: str) -> str:
    declared = loaded.lane.workers[worker]
    may = {"decide": "decides", "recommend": "recommends"}[declared.may]
    stage = f"lane {loaded.lane.lane}, stage {loaded.lane.stage}"
    return f"{worker} – {declared.job}, tier {declared.tier}, {may} ({stage})"


def _sentences(business: Business, loaded: LoadedLane, worker: str) -> Iterator[str]:
    declared = loaded.lane.workers[worker]
    seen = [_narrowed(declared, name) for name in declared.reads]
    yield f"Sees {listed(seen)}." if seen else "Sees nothing outside its task."
    for name in declared.writes:
        yield from _effect(business, loaded, worker, loaded.effects[name])
        if name in declared.only:
            yield f"Of its arguments it sets only {listed(declared.only[name])}."
    yield from _undos(loaded, worker)
    yield _worst(business.company, loaded, worker)


def _narrowed(declared: WorkerDeclaration, right: str) -> str:
    only = declared.only.get(right)
    return f"{right} (only {listed(only)})" if only else right


def _effect(business: Business, loaded: LoadedLane, worker: str, effect: EffectSpec) -> Iterator[str]:
    operation = effect.operation
    system = business.company.systems[effect.name.partition(".")[0]].title
    yield f"May cause {effect.name} ({system}), which {_TOUCHES[operation.blast]}."
    if operation.look is not None and operation.effect_class is not None:
        yield f"It is verified by {operation.look}; in doubt, {_DOUBT[operation.effect_class]}."
    else:
        yield f"Nothing verifies it; in doubt, {_DOUBT[EffectClass.NEITHER]}."
    steps = {step.name for step in steps_of(loaded.lane, worker)}
    rules = [requirement.name for requirement, _ in loaded.requirements if requirement.before in steps]
    yield f"Rules before it: {listed(rules)}." if rules else "No rule stands before it."
    yield from _asked_first(loaded, effect, steps)


def _asked_first(loaded: LoadedLane, effect: EffectSpec, steps: set[str]) -> Iterator[str]:
    stage = loaded.lane.stage
    edges = [edge for edge, _ in loaded.edges if edge.before in steps]
    if stage == OBSERVE:
        yield "At stage 1 nobody can ask for it, so none of this happens."
        return
    if asks_at_every_effect(stage):
        yield f"At stage {stage} a person decides first on every one."
        return
    if asks_for_want_of_bounds(stage, loaded, effect.operation.blast, steps=steps):
        yield f"Neither edge nor cap bounds it, so at stage {stage} a person decides first on every one."
        return
    yield from (f"A person decides first on each {edge.name}: {edge.because}" for edge in edges)
    if not edges:
        yield "Nobody is asked first."


def _undos(loaded: LoadedLane, worker: str) -> Iterator[str]:
    """What it may take back: an effect of its own, and no right beyond that."""
    for step in sorted(steps_of(loaded.lane, worker), key=lambda one: one.name):
        if step.undo is not None:
            blast = loaded.effects[step.undo.by].operation.blast
            ends = listed([str(one) for one in step.undo.after], last="or")
            told = (
                f"Takes back what {step.name} did by {step.undo.by}, which {_TOUCHES[blast]}, when its task is {ends}"
            )
            yield f"{told}; {_asked_to_undo(loaded, step.undo, step.name, blast)}."


def _asked_to_undo(loaded: LoadedLane, undo: Undo, step: str, blast: BlastRadius) -> str:
    stage, bounding = loaded.lane.stage, {step} if undo.approval else set()
    if asks_at_every_effect(stage) or asks_for_want_of_bounds(stage, loaded, blast, steps=bounding):
        return f"at stage {stage} a person decides first on every one"
    return "a person decides first where one decides on doing it" if undo.approval else "nobody is asked first"


def _worst(company: Company, loaded: LoadedLane, worker: str) -> str:
    declared = loaded.lane.workers[worker]
    if not declared.writes:
        return "At worst it is wrong: somebody is misled, and nothing outside is changed."
    if loaded.lane.stage == OBSERVE:
        return "At worst, as long as it stays at stage 1: nothing."
    blasts = {loaded.effects[name].operation.blast for name in declared.writes}
    force = in_force(company, loaded.lane)
    caps = [told for blast in sorted(blasts) for told in _caps(company, force, blast)]
    if caps:
        return f"At worst, by its caps: {'; '.join(caps)}."
    steps = {step.name for step in steps_of(loaded.lane, worker)}
    stage = loaded.lane.stage
    asked = asks_at_every_effect(stage) or all(
        asks_for_want_of_bounds(stage, loaded, blast, steps=steps) for blast in blasts
    )
    whose = "people let" if asked else "its rules let"
    return f"No cap is declared: at worst it does so for every request that {whose} through."


def _caps(company: Company, force: Mapping[Key, Said], blast: BlastRadius) -> Iterator[str]:
    for span in _SPANS:
        found = {key[3]: said.value for key, said in force.items() if key[:3] == ("caps", blast.value, span)}
        if found:
            told = listed([amount_of(int(str(value)), what, company.currency) for what, value in found.items()])
            yield f"{told} {'an' if span != 'day' else 'a'} {span}"
