"""Makes the class of a tool out of declared operations; what it does outside is left to the carrier that it is made with."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from pydantic import BaseModel, ConfigDict, create_model

from contracts.authoring import Operation, Reading, Seen, lists
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion
from contracts.systems.operations import KEY, SINCE, DeclaredEffect, DeclaredRead
from contracts.systems.words import bare, may_be_null, type_of

_ARGS = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())


class Carrier(Protocol):
    """What speaks to a system: it is given the name of an operation and its arguments by name."""

    def read(self, name: str, args: Mapping[str, Any]) -> Any:
        """The answer of a read."""

    def perform(self, name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Change the world under a key."""

    def look(self, name: str, args: Mapping[str, Any], key: str) -> Seen | None:
        """What the world shows of an effect under its key."""


class DatedCarrier(Protocol):
    """What speaks to a system whose effects carry an instant, or are looked for from one on; `since` is a UTC epoch second."""

    def perform(self, name: str, args: Mapping[str, Any], key: str, since: int) -> dict[str, Any]:
        """Change the world under a key; it was intended at `since`."""

    def look(self, name: str, args: Mapping[str, Any], key: str, since: int) -> Seen | None:
        """What the world shows of an effect under its key, which did not exist before `since`."""


@dataclass(frozen=True, slots=True)
class Made:
    """An operation with the model of what it takes; of a read the type of what it gives and the field that says how old
    that is, of an effect whether all its keys can be listed.
    """

    operation: Operation
    args: type[BaseModel]
    gives: Any = None
    as_of: str | None = None
    lists: bool = False


def made_read(operation: Operation, declared: DeclaredRead) -> Made:
    """A declared read."""
    fields = {name: type_of(word, personal=name in declared.personal) for name, word in declared.gives.items()}
    record: Any = TypedDict(operation.name.title().replace("_", ""), fields)  # type: ignore[misc]
    gives = list[record] if declared.rows == "many" else record | None
    return Made(operation, _model(operation, declared.takes, {}, ()), gives, declared.as_of)


def made_effect(operation: Operation, declared: DeclaredEffect, *, lists: bool = False) -> Made:
    """A declared effect."""
    args = _model(operation, declared.takes, declared.defaults, declared.personal)
    return Made(operation, args, lists=lists)


def _model(
    operation: Operation, takes: Mapping[str, str], defaults: Mapping[str, Any], personal: Sequence[str]
) -> type[BaseModel]:
    def default(name: str, word: str) -> Any:
        return defaults.get(name, None if may_be_null(word) else ...)

    fields: Any = {
        name: (type_of(word, personal=name in personal), default(name, word)) for name, word in takes.items()
    }
    model: type[BaseModel] = create_model(operation.name.title().replace("_", ""), __config__=_ARGS, **fields)
    return model


def tool_of(system: str, made: Sequence[Made]) -> type:
    """The class of a system's tool; it is made with the carrier alone."""

    def start(self: Any, carrier: Carrier | DatedCarrier) -> None:
        self._carrier = carrier

    methods: dict[str, Any] = {"__init__": start, "__doc__": f"{system}, as company.yaml declares it."}
    for one in made:
        methods[one.operation.name] = _performing(one) if one.operation.is_effect else _reading(one)
        if one.operation.look is not None:
            methods[one.operation.look] = _looking(one)
        if one.lists:
            methods[f"{one.operation.name}_keys"] = _listing(one)
    return type(system.title().replace("-", ""), (), methods)


def _reading(made: Made) -> Callable[..., Any]:
    def read(self: Any, **given: Any) -> Any:
        args = made.args.model_validate(given).model_dump()
        answer = self._carrier.read(made.operation.name, args)
        return answer if made.as_of is None else Reading(answer, as_of=_age(answer, made.as_of))

    return _signed(read, made, returns=made.gives)


def _age(answer: Any, field: str) -> int | None:
    """The instant of which all that was read is true: of several records that of the oldest, of none nobody says."""
    records = answer if isinstance(answer, list) else [] if answer is None else [answer]
    return min((record[field] for record in records), default=None)


def _performing(made: Made) -> Callable[..., Any]:
    def perform(self: Any, *, key: str, **given: Any) -> Any:
        instant = _instant_in(given, made.operation)
        args = made.args.model_validate(given).model_dump()
        return self._carrier.perform(made.operation.name, args, key, *instant)

    return _signed(perform, made, returns=dict[str, Any], more=(KEY,))


def _looking(made: Made) -> Callable[..., Any]:
    def look(self: Any, *, key: str, **given: Any) -> Any:
        instant = _instant_in(given, made.operation)
        return self._carrier.look(made.operation.name, given, key, *instant)

    return look


def _instant_in(given: dict[str, Any], operation: Operation) -> tuple[int, ...]:
    """Take out what only a dated effect is told."""
    return (given.pop(SINCE),) if operation.dated else ()


def _listing(made: Made) -> Callable[..., list[str]]:
    @lists(made.operation.name)
    def keys(self: Any) -> list[str]:
        found: list[str] = self._carrier.keys(made.operation.name)
        return found

    return keys


def _signed(function: Callable[..., Any], made: Made, *, returns: Any, more: Sequence[str] = ()) -> Callable[..., Any]:
    """The function with the operation's name, its mark and the types that rights and rules are read off."""
    hints = {name: field.rebuild_annotation() for name, field in made.args.model_fields.items()}
    hints |= dict.fromkeys(more, str)
    named = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in hints.items()]
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    function.__name__ = made.operation.name
    function.__annotations__ = {**hints, "return": returns}
    function.__signature__ = inspect.Signature([itself, *named], return_annotation=returns)  # type: ignore[attr-defined]
    function.__chargehand_operation__ = made.operation  # type: ignore[attr-defined]
    return function


def fields_of(declared: DeclaredEffect, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Defaults, personal fields and what is counted that are no arguments; and names that a look needs for itself."""
    known = [*declared.takes]
    counted = {name: getattr(declared, name) for name in ("amount", "records", "recipients")}
    for field, name in counted.items():
        if isinstance(name, str) and name not in known:
            yield page.mistake((*at, field), f"it takes no {name} to count by", suggestion(name, known))
    if declared.amount in known and bare(declared.takes[str(declared.amount)]) != "money":
        yield page.mistake((*at, "amount"), f"{declared.amount} is no money", "Type it so: money USD.")
    for name in declared.defaults:
        if name not in known:
            yield page.mistake((*at, "defaults", name), f"it takes no {name}", suggestion(name, known), key=True)
    yield from personal_mistakes(declared.personal, known, page, at)
    yield from _taken_names((KEY, "self", "because"), known, page, at)


def dated_mistakes(declared: DeclaredEffect, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Names that a dated effect needs for itself."""
    yield from _taken_names((SINCE,), [*declared.takes], page, at)


def _taken_names(ours: Sequence[str], known: list[str], page: Page, at: Pointer) -> Iterator[Mistake]:
    for name in ours:
        if name in known:
            yield page.mistake(
                (*at, "takes", name), f"{name} is a name of ours", "Call the argument otherwise.", key=True
            )


def read_mistakes(read: DeclaredRead, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Personal fields that are not there, and an age that is not there, no instant, or not always known."""
    yield from personal_mistakes(read.personal, [*read.gives], page, at)
    if read.as_of is None:
        return
    if read.as_of not in read.gives:
        hint = suggestion(read.as_of, [*read.gives])
        yield page.mistake((*at, "as_of"), f"it gives no {read.as_of}", hint)
    elif read.gives[read.as_of] != "instant":
        told = f"{read.as_of} does not always say how old it is"
        yield page.mistake((*at, "as_of"), told, "Type it so: instant.")


def personal_mistakes(personal: Sequence[str], known: list[str], page: Page, at: Pointer) -> Iterator[Mistake]:
    """Personal fields that are not there."""
    for index, name in enumerate(personal):
        if name not in known:
            yield page.mistake((*at, "personal", index), f"there is no {name}", suggestion(name, known))
