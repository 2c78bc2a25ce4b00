"""Checks how fresh steps want what they rest on: that it is there by then, and that somebody can read it again."""

from collections.abc import Iterator, Mapping

from contracts.contract import Lane, Step
from contracts.graph import leading_to
from contracts.loading.pages import Page
from contracts.loading.steps import Binding
from contracts.mistakes import Mistake, Pointer, suggestion


def freshness_mistakes(lane: Lane, page: Page, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    """Fields that no step before writes, and those that nobody can read again; steps that read again elsewhere."""
    for index, step in enumerate(lane.steps):
        at: Pointer = ("steps", index)
        if step.fresh and step.each is not None:
            message = f"{step.name} is done for each item, and what it rests on is not read again for every one"
            yield page.mistake((*at, "fresh"), message, "Demand it of the step before.")
            continue
        yield from _fields(lane, page, at, step, bindings)
        for number, name in enumerate(step.recheck):
            why = _runs_elsewhere(lane, step, name)
            if why is not None:
                yield page.mistake((*at, "recheck", number), why, f"Name a step that runs where {step.name} does.")


def _fields(lane: Lane, page: Page, at: Pointer, step: Step, bindings: Mapping[str, Binding]) -> Iterator[Mistake]:
    leading = leading_to(lane, step.name)
    writers = {one.writes: one for one in lane.steps if one.name in leading}
    for field in step.fresh:
        place: Pointer = (*at, "fresh", field)
        if field not in writers:
            message = f"no step before {step.name} writes {field}"
            yield page.mistake(place, message, suggestion(field, sorted(writers)), key=True)
            continue
        why = _unreadable(lane, step, writers[field], bindings)
        if why is not None:
            hint = f"Name a field that a step reads from the world, where {step.name} runs."
            yield page.mistake(place, f"{field} can't be read again: {why}", hint, key=True)


def _unreadable(lane: Lane, step: Step, writer: Step, bindings: Mapping[str, Binding]) -> str | None:
    """Why what a step gives can't be read again by it alone, if so."""
    binding, worker = bindings.get(writer.name), lane.workers.get(writer.worker)
    if binding is not None and binding.proposes:
        return f"{writer.name} changes the world"
    if writer.reviews is not None:
        return f"{writer.name} is a review"
    if writer.each is not None:
        return f"{writer.name} is done for each item"
    if worker is not None and not worker.reads:
        return f"{writer.worker} may read nothing of the world"
    return _runs_elsewhere(lane, step, writer.name)


def _runs_elsewhere(lane: Lane, step: Step, reader: str) -> str | None:
    """That a step which reads again runs on another kind of machine, if so: the runner of this one does both."""
    names = {one.name: one.worker for one in lane.steps}
    there, here = lane.workers.get(names.get(reader, "")), lane.workers.get(step.worker)
    if there is None or here is None or there.runtime == here.runtime:
        return None  # who is unknown was told already
    return f"{reader} runs on {there.runtime}, and {step.name} on {here.runtime}"
