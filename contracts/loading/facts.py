"""Tells which facts a lane has, and which of them exist when a step starts or when its proposal is judged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from contracts.authoring import Instant, Personal
from contracts.contract import Lane, Step
from contracts.deriving import DERIVED, derived_type
from contracts.facts import FactSchema, FactType, schema_of
from contracts.graph import leading_to
from contracts.grounds import PROBE
from contracts.loaded import EffectSpec
from contracts.observing import Probe
from contracts.vocabulary import FailureClass


class TaskFacts(BaseModel):
    """What a rule may know of its task; `tries` counts attempts of the step under way, from 1.

    `revisions` counts how often a decider has sent its work back.
    """

    id: str
    lane: str
    tries: int
    requester: str
    revisions: int


class PersonFacts(BaseModel):
    """What a rule may know of whoever asked."""

    id: str
    name: Annotated[str, Personal()]
    role: str


class LaneFacts(BaseModel):
    """What a rule may know of its lane."""

    title: str
    stage: int


class SubjectFacts(BaseModel):
    """What a rule may know of the task's subject, across the lanes of the company, but for this task itself."""

    asked: int
    changed: int
    refused: int
    corrected: int
    opted_out: bool
    last_changed_at: Annotated[int, Instant()] | None
    last_contact_at: Annotated[int, Instant()] | None


class KnownFacts(BaseModel):
    """What a rule may know of a field of the state, beside its value.

    `at` is when what it was made of was read from the world, or how old that said it was; `source` names those reads, and
    the worker where there are none; `trust` is suspect when a worker said so of it, or of what it was made of.
    """

    at: Annotated[int, Instant()]
    source: str
    trust: Literal["ok", "suspect"]


class HistoryFacts(BaseModel):
    """What a rule may know of the tries of the step under way that have failed; `last_case` is "" for one without a name."""

    tries: int
    tactics: list[str]
    workers: list[str]
    causes: list[str]
    last_case: str


class ErrorFacts(BaseModel):
    """What a rule of `failures`, or of a peer, may know of a failure: text is "" and numbers are 0 where there is nothing to say.

    `kind` is the class that it has without the rule; `status` the number that the other side gave.
    """

    kind: FailureClass
    case: str
    cause: str
    status: int
    system: str
    step: str
    sentence: Annotated[str, Personal()]


class ArgumentsDiffer(TypeError):
    """Effects of one step call different things by the same name, so that no rule could tell them apart."""


@dataclass(frozen=True, slots=True)
class LaneSchemas:
    """The facts of a lane as they come to be.

    `asked`: as soon as somebody has asked; `entering`: by step, when it starts; `starting`: that, and what derives of it;
    `before`: by step, when what it proposes is judged; `failing`: when a step has failed;
    `handing`: by step, when peers could take it over; `whole`: all that there ever are.
    """

    asked: FactSchema
    entering: Mapping[str, FactSchema]
    starting: Mapping[str, FactSchema]
    before: Mapping[str, FactSchema]
    failing: FactSchema
    handing: Mapping[str, FactSchema]
    whole: FactSchema


ITEM, KNOWN, ERROR = "item", "known", "error"
_KNOWN = schema_of({KNOWN: KnownFacts}).root.fields[KNOWN]
_ERROR = schema_of({ERROR: ErrorFacts}).root.fields[ERROR]
_ANSWERS: Mapping[str, type] = {"boolean": bool, "integer": int, "text": str}

Models = Mapping[str, type[BaseModel]]
Effects = Callable[[str], tuple[EffectSpec, ...]]
"""The effects that a step, given by name, may propose."""

_ALWAYS: Mapping[str, Any] = {
    "task": TaskFacts,
    "person": PersonFacts,
    "lane": LaneFacts,
    "history": HistoryFacts,
    "now": Annotated[int, Instant()],
}


def schemas_of(
    lane: Lane, request: type[BaseModel], state: Models, *, effects: Effects, items: Mapping[str, Any]
) -> LaneSchemas:
    """The schemas of a lane; `items` has the type of an item by step. Raises contracts.facts.NotAFact, ArgumentsDiffer."""
    steps = [step.name for step in lane.steps]
    entering = {step: _schema(request, state_before(lane, step, state)) for step in steps}
    starting = {step: _judged(lane, entering[step], {}, set()) for step in steps}
    arguments = {step: _arguments(effects(step)) for step in steps}
    known = {step: _with_item(entering[step], items.get(step)) for step in steps}
    before = {step: _judged(lane, known[step], _agreed(arguments[step]), {step}) for step in steps}
    all_arguments: dict[str, FactType] = {}
    for found in (kinds for step in steps for kinds in arguments[step]):
        all_arguments = {**found, **all_arguments}
    ever = {one.writes: state_type(one, state) for one in lane.steps if one.writes in state}
    whole = _judged(lane, _schema(request, ever), all_arguments, set(steps))
    asked = schema_of({"request": request, "state": {}, **_ALWAYS})
    failing = schema_of({"request": request, ERROR: ErrorFacts, **_ALWAYS})
    handing = {step: _with_group(starting[step], ERROR, _ERROR.fields) for step in steps}
    return LaneSchemas(asked, entering, starting, before, failing, handing, whole)


def _judged(lane: Lane, schema: FactSchema, arguments: Mapping[str, FactType], steps: set[str]) -> FactSchema:
    """What rules read: what is known when the steps start, their proposals, what was probed, and what derives of it."""
    probed = {name: _probed(one) for name, one in lane.probes.items() if one.before in steps}
    known = _with_group(_with_effect(schema, arguments), PROBE, probed)
    sources = {name: known.at(one.of) for name, one in lane.derive.items()}
    derived = {name: derived_type(lane.derive[name], kind) for name, kind in sources.items() if kind is not None}
    return _with_group(known, DERIVED, derived)


def _with_item(schema: FactSchema, item: Any) -> FactSchema:
    if item is None:
        return schema
    kind = schema_of({ITEM: item}).root.fields[ITEM]
    return FactSchema(FactType("object", fields={**schema.root.fields, ITEM: kind}))


def _probed(probe: Probe) -> FactType:
    value = schema_of({"value": _ANSWERS[probe.gives]}).root.fields["value"]
    return FactType("object", fields={"value": value, "at": FactType("integer", unit="instant")})


def state_before(lane: Lane, step: str, models: Models) -> dict[str, Any]:
    """The fields that the steps have written which lead to this one; that of a step that may be left out can be null."""
    leading = leading_to(lane, step)
    written = [declared for declared in lane.steps if declared.name in leading and declared.writes in models]
    return {declared.writes: state_type(declared, models) for declared in written}


def state_type(step: Step, models: Models) -> Any:
    """The type of the field that a step writes."""
    model = models[step.writes]
    return model | None if step.when is not None else model


def _schema(request: type[BaseModel], state: Mapping[str, Any]) -> FactSchema:
    schema = schema_of({"request": request, "state": state, "subject": SubjectFacts, **_ALWAYS})
    fields = schema.root.fields["state"].fields
    return _with_group(schema, KNOWN, {name: _KNOWN.nulled(kind.nullable) for name, kind in fields.items()})


def _arguments(effects: Iterable[EffectSpec]) -> list[Mapping[str, FactType]]:
    return [schema_of({"args": effect.args_model}).root.fields["args"].fields for effect in effects]


def _agreed(arguments: list[Mapping[str, FactType]]) -> dict[str, FactType]:
    agreed: dict[str, FactType] = {}
    for name, kind in (item for found in arguments for item in found.items()):
        if agreed.setdefault(name, kind) != kind:
            raise ArgumentsDiffer(f"{name} is {agreed[name].words()} for one effect and {kind.words()} for another")
    return agreed


def _with_effect(schema: FactSchema, arguments: Mapping[str, FactType]) -> FactSchema:
    if not arguments:
        return schema
    effect = {"name": FactType("text"), "args": FactType("object", fields=arguments)}
    return _with_group(schema, "effect", effect)


def _with_group(schema: FactSchema, name: str, fields: Mapping[str, FactType]) -> FactSchema:
    if not fields:
        return schema
    return FactSchema(FactType("object", fields={**schema.root.fields, name: FactType("object", fields=fields)}))
