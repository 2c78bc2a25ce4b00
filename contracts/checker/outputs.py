"""Checks that what a proposing step gives can be made of what is read back from the world."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from contracts.contract import Lane
from contracts.facts import FactType, schema_of
from contracts.loaded import EffectSpec
from contracts.loading.facts import Effects
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.mistakes import Mistake, listed

_READ_BACK: Mapping[str, FactType] = {"reference": FactType("text"), "at": FactType("integer", unit="instant")}


def output_mistakes(
    lane: Lane,
    page: Page,
    *,
    bindings: Mapping[str, Binding],
    outputs: Mapping[str, type[BaseModel]],
    effects: Effects,
) -> Iterator[Mistake]:
    """Fields of an effect's output that neither the look nor the arguments hold, so that a crash would leave them out."""
    for index, step in enumerate(lane.steps):
        binding = bindings.get(step.name)
        if binding is None or not binding.proposes or step.name not in outputs:
            continue
        for effect in effects(step.name):
            shown = _shown(effect)
            missing = _missing(outputs[step.name], shown) if effect.operation.look else []
            if missing:
                message = f"{listed(missing)} can't be read back from {effect.name}"
                hint = f"A look shows {listed([_words(*field) for field in shown.items()])}."
                yield page.mistake(("steps", index, "gives"), message, hint)


def _shown(effect: EffectSpec) -> dict[str, FactType]:
    return {**_READ_BACK, **schema_of({"args": effect.args_model}).root.fields["args"].fields}


def _missing(model: type[BaseModel], shown: Mapping[str, FactType]) -> list[str]:
    needed = schema_of({"output": model}).root.fields["output"].fields
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return [_words(name, needed[name]) for name in required if not _same(shown.get(name), needed[name])]


def _same(shown: FactType | None, needed: FactType) -> bool:
    return shown is not None and (shown.kind, shown.unit) == (needed.kind, needed.unit)


def _words(name: str, kind: FactType) -> str:
    return f"{name} ({kind.words()})"
