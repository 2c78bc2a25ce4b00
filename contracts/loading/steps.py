"""Binds each step to its function: which parameter gets what, and what comes back."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from contracts.authoring import Desk, Proposal, Review
from contracts.contract import Step
from contracts.loading.facts import state_before
from contracts.loading.lanes import REVIEW, LaneParts
from contracts.loading.modules import Code
from contracts.loading.pages import Page
from contracts.mistakes import BusinessMistakes, Findings, Mistake, Pointer, listed, suggestion
from contracts.reviewing import reviews_of

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Binding:
    """A step's function; `arguments` says where each parameter comes from, `proposes` whether it gives a Proposal."""

    function: Callable[..., Any]
    arguments: Mapping[str, str]
    proposes: bool


def bind_steps(parts: LaneParts, workers: Code, findings: Findings) -> dict[str, Binding]:
    """The binding of every step by its name, and of tactics by "step/tactic"; without those that have mistakes."""
    found = {named: findings.attempt(_bind, parts, workers, step=step, at=at) for named, step, at in _runs(parts)}
    return {name: binding for name, binding in found.items() if binding is not None}


def _runs(parts: LaneParts) -> Iterator[tuple[str, Step, Pointer]]:
    """Every function that a lane names, as a step that runs it, with its place in the file."""
    for index, step in enumerate(parts.lane.steps):
        yield step.name, step, ("steps", index, "run")
        for number, tactic in enumerate(step.tactics):
            if tactic.run is not None:
                own = step.model_copy(update={"run": tactic.run})
                yield f"{step.name}/{tactic.name}", own, ("steps", index, "tactics", number, "run")


def _bind(parts: LaneParts, workers: Code, *, step: Step, at: Pointer) -> Binding:
    name = step.run.removeprefix("workers:")
    function = function_named(name, parts.page, workers, at=at)
    hints = hints_of(function, name, workers)
    sources = _sources(parts, step)
    findings = Findings()
    found = {
        parameter.name: findings.attempt(
            _source, _Asked(parts, workers, name, parameter, hints.get(parameter.name)), sources
        )
        for parameter in inspect.signature(function).parameters.values()
    }
    findings.hold(_wrong_return, parts, workers, step=step, annotation=hints.get("return"))
    findings.settle()
    arguments = {parameter: source for parameter, source in found.items() if source is not None}
    return Binding(function, arguments, get_origin(hints["return"]) is Proposal)


def hints_of(function: Callable[..., Any], name: str, workers: Code) -> dict[str, Any]:
    """What a function of workers.py annotates, by parameter and "return"; raises BusinessMistakes."""
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise BusinessMistakes([workers.mistake(name, f"its annotations can't be read: {error}")]) from error


def function_named(name: str, page: Page, workers: Code, *, at: Pointer) -> Callable[..., Any]:
    """The function of that name in workers.py, if it is one that a lane file may name; raises BusinessMistakes."""
    function = workers.get(name)
    marked = [known for known, value in vars(workers.module).items() if _is_worker(value)]
    if not inspect.isfunction(function):
        message = f"{workers.source.file} has no function {name}"
        raise BusinessMistakes([page.mistake(at, message, suggestion(name, marked))])
    if not _is_worker(function):
        raise BusinessMistakes([workers.mistake(name, f"{name} is no worker", "Put @worker above it.")])
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise BusinessMistakes([workers.mistake(name, f"{name} is not a plain function", "Write it with def.")])
    return function


def _is_worker(value: object) -> bool:
    return getattr(value, "__chargehand_worker__", False) is True


def _sources(parts: LaneParts, step: Step) -> list[tuple[object, str]]:
    earlier = state_before(parts.lane, step.name, parts.state)
    fields: list[tuple[object, str]] = [(kind, f"state.{field}") for field, kind in earlier.items()]
    findings = [(parts.state[one.writes] | None, f"state.{one.writes}") for one in reviews_of(parts.lane, step.name)]
    item = [(parts.items[step.name], "item")] if step.name in parts.items else []
    return [(parts.request, "request"), (Desk, "desk"), *fields, *findings, *item]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A parameter of a step's function that wants to be given something."""

    parts: LaneParts
    workers: Code
    function: str
    parameter: inspect.Parameter
    annotation: object


def _source(asked: _Asked, sources: list[tuple[object, str]]) -> str:
    found = [source for kind, source in sources if kind == asked.annotation]
    named = [source for source in found if source.removeprefix("state.") == asked.parameter.name]
    if asked.parameter.kind in _NAMED and len(named or found) == 1:
        return (named or found)[0]
    message, hint = _unbound(asked, sources)
    raise BusinessMistakes([asked.workers.mistake(asked.function, message, hint, part=asked.parameter.name)])


def _unbound(asked: _Asked, sources: list[tuple[object, str]]) -> tuple[str, str]:
    name, annotation = asked.parameter.name, asked.annotation
    known = [f"{_words(kind)} ({source})" for kind, source in sources]
    later = [field for field, model in asked.parts.state.items() if model is annotation]
    matching = [source.removeprefix("state.") for kind, source in sources if kind == annotation]
    hint = f"A parameter is annotated {listed(known, last='or')}."
    if asked.parameter.kind not in _NAMED:
        return f"{name} has no fixed name", "Name every parameter."
    if annotation is None:
        return f"{name} has no annotation", hint
    if matching:
        return f"{name} could be {listed(matching, last='or')}", "Name it like the one that is meant."
    if _can_be_null(annotation, sources):
        return f"{name} can be null: what gives it may be left out", f"Annotate it {_words(annotation)} | None."
    if later:
        return f"{name} is not there yet: state.{later[0]} is not written by an earlier step", hint
    return f"nothing of type {_words(annotation)} can be given to {name}", hint


def _wrong_return(parts: LaneParts, workers: Code, *, step: Step, annotation: object) -> Iterator[Mistake]:
    name, gives = step.run.removeprefix("workers:"), step.gives.removeprefix("models:")
    model = Review if step.gives == REVIEW else parts.models.get(gives)
    gives = "Review" if step.gives == REVIEW else gives
    given = get_args(annotation)[0] if get_origin(annotation) is Proposal else annotation
    if given is not model:
        message = f"{name} returns {_words(annotation)}, but step {step.name} gives {gives}"
        yield workers.mistake(name, message, f"Annotate it -> {gives} or -> Proposal[{gives}].")


def _can_be_null(annotation: object, sources: list[tuple[object, str]]) -> bool:
    return any(type(None) in get_args(kind) and annotation in get_args(kind) for kind, _ in sources)


def _words(annotation: object) -> str:
    if annotation is None:
        return "nothing"
    if type(None) in get_args(annotation):
        return f"{_words(get_args(annotation)[0])} | None"
    if get_origin(annotation) is Proposal:
        return f"Proposal[{_words(get_args(annotation)[0])}]"
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
