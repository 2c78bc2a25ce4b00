"""Checks what steps may overwrite of what people have corrected: that their effects change it and respect corrections."""

from collections.abc import Iterator, Mapping

from contracts.checker.rights import effects_of
from contracts.contract import Lane
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, suggestion


def overwriting_mistakes(lane: Lane, page: Page, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    """Arguments that a step overwrites and that no effect of its worker takes which respects corrections."""
    for index, step in enumerate(lane.steps):
        effects = effects_of(lane, tools, step.name) if step.overwrites else ()
        known = [name for one in effects if one.operation.corrections for name in one.args_model.model_fields]
        for number, name in enumerate(step.overwrites):
            if name not in known:
                message = f"{step.name} has no effect that takes {name} and respects corrections"
                yield page.mistake(("steps", index, "overwrites", number), message, suggestion(name, known))
