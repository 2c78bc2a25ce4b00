"""Reads one lane's folder: the lane file, its models and its workers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from contracts.authoring import Gathered, Reviewed
from contracts.contract import Lane
from contracts.facts import NotAFact, schema_of
from contracts.gathering import item_type
from contracts.graph import leading_to
from contracts.loading.modules import Code, load_module, load_package, module_name, short_hash
from contracts.loading.pages import Page
from contracts.mistakes import BusinessMistakes, Findings, Mistake, Pointer, suggestion
from contracts.readings.declarations import parse_page
from contracts.readings.names import Names

REVIEW = "review"
LANE, MODELS, WORKERS = "lane.yaml", "models.py", "workers.py"


LoadedCode = tuple[Code | None, Code | None]
"""A lane's models and its workers."""


@dataclass(frozen=True, slots=True)
class LaneFile:
    """A lane file as it was read and what it declares."""

    page: Page
    lane: Lane


@dataclass(frozen=True, slots=True)
class LaneParts:
    """A lane with its models; `state` holds the model of each field of the lane's state.

    `outputs` holds, by step, what its function gives: for a step that is done for each item that is the output of one, and
    `items` the type of those.
    """

    page: Page
    lane: Lane
    models: Code
    request: type[BaseModel]
    state: Mapping[str, type[BaseModel]]
    outputs: Mapping[str, type[BaseModel]]
    items: Mapping[str, Any]


def lane_folders(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The folders below lanes/ that hold any file, in order."""
    return tuple(sorted({"/".join(name.split("/")[:2]) for name in files if name.count("/") == 2 and _in_lanes(name)}))


def missing_files(folder: str, files: Mapping[str, bytes]) -> Iterator[Mistake]:
    """A mistake for each file that a lane needs and that is not there."""
    for name in (LANE, MODELS, WORKERS):
        file = f"{folder}/{name}"
        if file not in files:
            others = [other.rpartition("/")[2] for other in files if other.startswith(f"{folder}/")]
            yield Mistake(file, 1, 1, "", f"{folder} has no {name}", f"It holds {', '.join(sorted(others))}.")


def read_lane(
    page: Page, findings: Findings, names: Callable[[], Names], doubted: Iterable[Pointer] = ()
) -> tuple[LaneFile, ...]:
    """The lane of a lane file, in each way in which it may be meant; what is wrong with its shape is kept in `findings`.

    What stands at places that are `doubted` counts as what can't be read.
    """
    return tuple(LaneFile(*one) for one in parse_page(page, Lane, findings, names, doubted=doubted))


def load_code(company: str, folder: str, files: Mapping[str, bytes], *, findings: Findings) -> LoadedCode:
    """Run a lane's models and workers; None, with the mistakes in `findings`, for what can't be loaded."""
    contents = [files[f"{folder}/{name}"] for name in (LANE, MODELS, WORKERS)]
    package = module_name("chargehand_lane", company, folder.rpartition("/")[2], short_hash(*contents))
    load_package(package)
    models = findings.attempt(load_module, f"{package}.models", f"{folder}/{MODELS}", contents[1])
    if models is not None:  # people read their titles and descriptions
        findings.hold(models.hidden)
    if models is None:  # workers import them, so whatever they said would be said twice
        return None, None
    return models, findings.attempt(load_module, f"{package}.workers", f"{folder}/{WORKERS}", contents[2])


def lane_parts(file: LaneFile, models: Code) -> LaneParts:
    """The lane with the models that it names; raises BusinessMistakes."""
    findings = Findings()
    request = findings.attempt(_model, file.page, models, at=("request",), declared=file.lane.request)
    outputs = _outputs(file.page, file.lane, models, findings)
    if request is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    state, items = _state(file.page, file.lane, request, outputs, findings)
    findings.settle()
    return LaneParts(file.page, file.lane, models, request, state, outputs, items)


def _in_lanes(name: str) -> bool:
    return name.startswith("lanes/")


def _outputs(page: Page, lane: Lane, models: Code, findings: Findings) -> dict[str, type[BaseModel]]:
    outputs: dict[str, type[BaseModel]] = {}
    for index, step in enumerate(lane.steps):
        at: Pointer = ("steps", index, "gives")
        found = findings.attempt(_model, page, models, at=at, declared=step.gives)
        if found is not None:
            outputs[step.name] = found
    return outputs


def _state(
    page: Page, lane: Lane, request: type[BaseModel], outputs: Mapping[str, type[BaseModel]], findings: Findings
) -> tuple[dict[str, type[BaseModel]], dict[str, Any]]:
    """The model of each field, and the type of the items of each step that is done for each of a list."""
    state: dict[str, type[BaseModel]] = {}
    items: dict[str, Any] = {}
    for index, step in enumerate(lane.steps):
        output = outputs[step.name]
        if step.each is None:
            state.setdefault(step.writes, output)
            continue
        leading = leading_to(lane, step.name)
        sure = {one.writes: state[one.writes] for one in lane.steps if one.name in leading and one.when is None}
        item = item_type(step.each, request, sure)
        if item is None:
            message = f"{step.each} is no list that is always there when {step.name} starts"
            hint = "Name a field that is a list of a model, or of text."
            findings.add([page.mistake(("steps", index, "each"), message, hint)])
        else:
            items[step.name] = item
            state.setdefault(step.writes, Gathered[item, output])  # type: ignore[valid-type]
    return state, items


def _model(page: Page, models: Code, *, at: Pointer, declared: str) -> type[BaseModel]:
    if declared == REVIEW:
        return Reviewed
    name = declared.removeprefix("models:")
    found = models.get(name)
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        hint = suggestion(name, models.of_kind(BaseModel))
        message = f"{name} is no pydantic model" if found is not None else f"{models.source.file} has no model {name}"
        raise BusinessMistakes([page.mistake(at, message, hint)])
    try:
        schema_of({name: found})
    except NotAFact as error:
        path, _, reason = str(error).partition(": ")
        raise BusinessMistakes([models.mistake(name, reason, part=path.split(".")[1])]) from error
    return found
