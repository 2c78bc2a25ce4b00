"""What people who write workers and tools import: markers for fields, the desk, proposals, reviews and failures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, Field

from contracts.failures import Changed as Changed  # noqa: PLC0414 - authors import it from here
from contracts.failures import Deterministic as Deterministic  # noqa: PLC0414 - authors import it from here
from contracts.failures import Failure as Failure  # noqa: PLC0414 - authors import it from here
from contracts.failures import Governance as Governance  # noqa: PLC0414 - authors import it from here
from contracts.failures import Judgment as Judgment  # noqa: PLC0414 - authors import it from here
from contracts.failures import Transient as Transient  # noqa: PLC0414 - authors import it from here
from contracts.misdeclared import Misdeclared, bounded, chosen
from contracts.placing import Candidate as Candidate  # noqa: PLC0414 - authors import it from here
from contracts.placing import Placement as Placement  # noqa: PLC0414 - authors import it from here
from contracts.placing import Routing as Routing  # noqa: PLC0414 - authors import it from here
from contracts.placing import RuledOut as RuledOut  # noqa: PLC0414 - authors import it from here
from contracts.vocabulary import BlastRadius, EffectClass, FailureClass


@dataclass(frozen=True, slots=True)
class Money:
    """Marks an integer as an amount in minor units: `USD = Annotated[int, Money("USD")]`."""

    currency: str


@dataclass(frozen=True, slots=True)
class Instant:
    """Marks an integer as UTC epoch seconds."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Marks an integer as a duration in seconds."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a field as personal: masked in logs and audit, plain on cards for those entitled."""


Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class Proposal(Generic[Output]):
    """One effect that a step asks for as its last act; the engine decides, performs and verifies it.

    `tool` is "system.operation" as the lane's rights name it, `args` are JSON values, `because` is the worker's reason.
    """

    tool: str
    args: Mapping[str, Any]
    because: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """A try of this step that failed: who tried it by which tactic ("" for the plain way), why it failed, what it had used.

    `used` are its calls as {"what", "args", "answered"}, in order; `kept` names the artifacts that it left, and `notes` is
    what it had found out: what partly succeeded, and need not be done again.
    """

    worker: str
    tactic: str
    kind: FailureClass
    case: str
    cause: str
    sentence: str
    used: tuple[Mapping[str, Any], ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...]


class Desk(Protocol):
    """All that a worker sees of the world. Systems hang on it by name: `desk.shop.order(number="1234")`.

    A read returns what the tool returns; an effect returns a `Proposal` and changes nothing yet. Each call is checked
    against the worker's rights; a call outside them raises Governance.
    """

    revisions: tuple[str, ...]
    """What deciders wanted otherwise when they sent this work back, oldest first; empty the first time."""
    tactic: str
    """The tactic that is tried now, "" for the plain way."""
    before: tuple[Before, ...]
    """The tries of this step that have failed so far, the oldest first."""

    def __getattr__(self, system: str) -> Any: ...

    @property
    def objection(self) -> str | None:
        """Why what this step gave before did not do, when a rule asks it to amend that; None at other times."""

    def keep(self, name: str, content: str | bytes, *, media_type: str = "text/plain", canonical: bool = False) -> str:
        """Save an artifact as evidence; returns its sha256.

        One artifact stands for the step: the one that is said to be `canonical`, else its first declared evidence.
        """

    def note(self, sentence: str) -> None:
        """Tell, in one sentence, what was found; it stands in the task's evidence."""

    def suspect(self, why: str) -> None:
        """Say, in one sentence, why what this step gives can't be relied on.

        Nothing is changed on the strength of it before it was read again and is sound, unless a step accepts it.
        """

    def remember(
        self,
        topic: str,
        value: Any,
        *,
        about: str = "subject",
        kind: str = "observation",
        days: float | None = 30,
        confidence: float = 1.0,
    ) -> None:
        """Write a short belief (JSON, 2,000 bytes) on the memory pad, in the place of the one on its topic.

        `about` is the task's `subject` or its `lane`; `kind` decision, constraint, preference or observation. It stands
        at once, whatever becomes of the step, until it is superseded or its days are over (None: no end).
        """

    def recall(self, topic: str, *, about: str = "subject") -> Any:
        """The value that is believed now on a topic of the subject, the lane or the company; None when there is none."""

    def beliefs(self, *, about: str | None = None) -> list[dict[str, Any]]:
        """All that is believed now: topic, value, kind, confidence, source, about, at and expires_at of each."""

    def brief(self) -> str:
        """All that is known of the task in one document of at most 4 KB, from the record: what stands, what was changed
        and must not be done again, what was tried, believed and saved, and what is next.
        """

    def heard(self, what: str, *, because: str, subject: str | None = None) -> None:
        """Put `opted_out` or `corrected` on the timeline of the task's subject, or of another one of the company.

        Every lane reads it as `subject.opted_out` and `subject.corrected`.
        """


class Point(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a review says of one criterion, in a sentence."""

    criterion: str
    passed: bool
    sentence: str = Field(min_length=1)


class Review(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a reviewing step returns: the verdict, and a point for each criterion that its contract names."""

    verdict: Literal["pass", "fail", "revise"]
    points: list[Point]


class Reviewed(Review):
    """A review as it is kept: `of` is the digest of what was reviewed, `by` the worker, `round` counts from 1.

    `live` is false once what was reviewed is no longer what it was.
    """

    of: str
    by: str
    round: int
    live: bool

    @property
    def findings(self) -> tuple[str, ...]:
        """What has to be better: the sentences of the points that did not pass."""
        return tuple(point.sentence for point in self.points if not point.passed)


Item = TypeVar("Item")


class Left(BaseModel, Generic[Item], frozen=True, extra="forbid"):
    """An item that did not come out well: refused by `rule`, or failed, and why."""

    item: Item
    outcome: Literal["refused", "failed"]
    rule: str
    because: str


class Gathered(BaseModel, Generic[Item, Output], frozen=True, extra="forbid"):
    """What a step that is done for each item gives: the outputs of those that came out well, and the items left over."""

    done: list[Output]
    left: list[Left[Item]]


WorkerFunction = TypeVar("WorkerFunction", bound=Callable[..., Any])


def worker(function: WorkerFunction) -> WorkerFunction:
    """Mark a function as a step's code, so that a lane file can name it."""
    function.__chargehand_worker__ = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the world found for one effect key; `args` are compared with what was intended."""

    reference: str
    args: Mapping[str, Any]
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """How a tool's operation behaves.

    `timeout_s` bounds one call, `settle_s` is how long the world may take to show what it has accepted. `amount`, `version`
    and `parts` name the arguments that are money, the version which was read and the parts that are missing; `records` and
    `recipients` are how many it touches, or what lists or counts them; `corrections` names the method that tells what people
    put there by hand. `dated` ones and their looks are told `since`: the UTC epoch second since when it can exist.
    """

    name: str
    is_effect: bool
    effect_class: EffectClass | None = None
    blast: BlastRadius = BlastRadius.RECORD
    timeout_s: float = 5.0
    settle_s: float = 1.0
    look: str | None = None
    amount: str | None = None
    records: int | str = 0
    recipients: int | str = 0
    version: str | None = None
    corrections: str | None = None
    parts: str | None = None
    dated: bool = False


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """What a tool's read returns when it knows more than the value: the worker is given the value, the engine keeps the rest.

    `as_of` is the UTC epoch second of which the value is true, for a copy that lags behind; `suspect` says, in one
    sentence, why it can't be relied on.
    """

    value: Value
    as_of: int | None = None
    suspect: str | None = None


def reads(*, timeout_s: float = 5.0) -> Callable[[WorkerFunction], WorkerFunction]:
    """Declare a tool's method as a read: it changes nothing outside."""

    def declare(function: WorkerFunction) -> WorkerFunction:
        bounded(function.__qualname__, timeout_s=timeout_s)
        operation = Operation(function.__name__, is_effect=False, timeout_s=timeout_s)
        function.__chargehand_operation__ = operation  # type: ignore[attr-defined]
        return function

    return declare


def effect(
    kind: EffectClass | str,
    *,
    look: str | None,
    blast: BlastRadius | str = BlastRadius.RECORD,
    timeout_s: float = 5.0,
    settle_s: float = 1.0,
    amount: str | None = None,
    records: int | str = 1,
    recipients: int | str | None = None,
) -> Callable[[WorkerFunction], WorkerFunction]:
    """Declare a tool's method as an effect of class `kind`.

    The method takes `key` (text, the same for every try of one proposal) beside the proposal's arguments and returns
    the world's answer as a JSON object. `look` names the method that, given the same, returns `Seen` or None.

    Caps count by the last three: `amount` names the argument that is money, in minor units; `records` and `recipients`
    are a number, or the argument that is a list of them or their number. Without `recipients` an effect that reaches
    customers has one. Raises Misdeclared for an unknown class or blast radius, seconds beyond their bounds, and for a
    keyed or readable effect without a look.
    """

    def declare(function: WorkerFunction) -> WorkerFunction:
        name = function.__qualname__
        effect_class = chosen(EffectClass, kind, operation=name, what="class of an effect")
        bounded(name, timeout_s=timeout_s, settle_s=settle_s)
        if look is None and effect_class is not EffectClass.NEITHER:
            hint = 'Write look="METHOD", the method that finds it again by its key.'
            raise Misdeclared(name, f"a {effect_class} effect names its look", hint)
        touched = chosen(BlastRadius, blast, operation=name, what="blast radius")
        reached = int(touched is BlastRadius.CUSTOMER) if recipients is None else recipients
        behaviour = (effect_class, touched, timeout_s, settle_s, look, amount, records, reached)
        operation = Operation(function.__name__, True, *behaviour)
        function.__chargehand_operation__ = operation  # type: ignore[attr-defined]
        return function

    return declare


def respects(*, version: str, corrections: str | None = None) -> Callable[[WorkerFunction], WorkerFunction]:
    """Declare, above `@effect`, that an effect overwrites nothing which somebody has changed meanwhile.

    `version` names the argument that is the version of the record as it was read: the method changes nothing and raises
    Changed when the record has another one by now. `corrections` names the method that is given what the effect is given,
    but for `key`, and returns, by argument, the values that people have put there by hand: the engine lets nothing else be
    put in their place unless the step names the argument in `overwrites`.
    """

    def declare(function: WorkerFunction) -> WorkerFunction:
        operation = getattr(function, "__chargehand_operation__", None)
        if operation is None:
            raise Misdeclared(function.__qualname__, "@respects stands above no effect", "Put it above @effect.")
        respectful = replace(operation, version=version, corrections=corrections)
        function.__chargehand_operation__ = respectful  # type: ignore[attr-defined]
        return function

    return declare


def operations_of(tool: type) -> dict[str, Operation]:
    """The operations that a tool's class declares, by name."""
    found = (getattr(member, "__chargehand_operation__", None) for member in vars(tool).values())
    return {operation.name: operation for operation in found if operation is not None}


def lists(effect_name: str) -> Callable[[WorkerFunction], WorkerFunction]:
    """Declare a tool's method, called without arguments, as the list of keys of all that an effect has ever done.

    With it `chargehand reconcile` can say, after a restore, what the world shows and the record does not know.
    """

    def declare(function: WorkerFunction) -> WorkerFunction:
        function.__chargehand_lists__ = effect_name  # type: ignore[attr-defined]
        return function

    return declare


def lists_of(tool: type) -> dict[str, str]:
    """The methods of a tool that list keys, by the effect that they list."""
    found = ((getattr(member, "__chargehand_lists__", None), name) for name, member in vars(tool).items())
    return {effect_name: name for effect_name, name in found if effect_name is not None}
