"""Checks how steps take their effects back: that there is something to take back, and an effect that can and may."""

from collections.abc import Iterator, Mapping

from contracts.checker.rights import operation_mistakes_at, operation_named, tier_mistakes_at
from contracts.checker.workers import doers
from contracts.contract import Lane, Step
from contracts.loaded import EffectSpec
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, Pointer, listed
from contracts.rights import LARGE
from contracts.undoing import REFERENCE, Undo


def undo_mistakes(
    lane: Lane, page: Page, tools: Mapping[str, Tool], bindings: Mapping[str, Binding]
) -> Iterator[Mistake]:
    """Undos of what changes nothing, by what is not there, is not given enough, or nobody may cause."""
    for index, step in enumerate(lane.steps):
        at: Pointer = ("steps", index, "undo")
        binding = bindings.get(step.name)
        if step.undo is None or binding is None:
            continue
        if not binding.proposes:
            message = f"{step.name} changes nothing that could be taken back"
            yield page.mistake(at, message, "Delete it, or let the step return a Proposal.", key=True)
            continue
        unknown = list(operation_mistakes_at(page, (*at, "by"), step.undo.by, tools, wants_effect=True))
        yield from unknown
        if not unknown:
            yield from _unable(lane, page, at, step, step.undo, tools)


def _unable(
    lane: Lane, page: Page, at: Pointer, step: Step, undo: Undo, tools: Mapping[str, Tool]
) -> Iterator[Mistake]:
    by = (*at, "by")
    spec = undo_of(undo, tools)
    for worker in sorted(doers(lane, step) & set(lane.workers)):
        yield from tier_mistakes_at(page, by, lane.workers[worker], undo.by, tools)
        for effect in lane.workers[worker].writes:
            known = tools.get(effect.partition(".")[0])
            if spec is not None and known is not None and effect in known.effects:
                yield from _misfit(page, by, spec, known.effects[effect])
    edges = [edge.name for edge in lane.approve if edge.before == step.name]
    if undo.approval and not edges:
        message = f"no approval edge stands before {step.name}"
        yield page.mistake((*at, "approval"), message, "Declare one, or delete this.")
    operation = operation_named(undo.by, tools)
    if operation is not None and operation.blast in LARGE and operation.look is None and not undo.approval:
        hint = "Write approval: true, with an approval edge before the step, or declare a look."
        yield page.mistake(by, f"nobody approves {operation.name} and nothing can verify it", hint)


def undo_of(undo: Undo, tools: Mapping[str, Tool]) -> EffectSpec | None:
    """The effect that takes back, if there is one of that name."""
    tool = tools.get(undo.by.partition(".")[0])
    return tool.effects.get(undo.by) if tool is not None else None


def _misfit(page: Page, at: Pointer, undo: EffectSpec, effect: EffectSpec) -> Iterator[Mistake]:
    """Why an undo can't take an effect back, whatever it is given."""
    if undo.name == effect.name:
        yield page.mistake(at, f"{effect.name} can't take back itself", "Name another effect of its tool.")
        return
    if undo.name.partition(".")[0] != effect.name.partition(".")[0]:
        yield page.mistake(at, f"{undo.name} is of another system than {effect.name}", "Name an effect of its tool.")
        return
    known = {name: field.annotation for name, field in effect.args_model.model_fields.items()}
    known[REFERENCE] = str
    for name, field in undo.args_model.model_fields.items():
        if name not in known and field.is_required():
            hint = f"It can be given {listed(sorted(known), last='or')}."
            yield page.mistake(at, f"{undo.name} takes {name}, and {effect.name} leaves no such thing", hint)
        elif name in known and field.annotation != known[name]:
            message = f"{undo.name} takes another type of {name} than {effect.name} leaves"
            yield page.mistake(at, message, "Give both the same type.")
