"""The worker's desk: the only way to the world, checked against rights on every call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from contracts.authoring import Before, Governance, Operation, Reading, operations_of
from contracts.rights import RIGHTS
from engine.failures import plain
from engine.keeping import digest_of_read, refuse_unkept_question
from engine.pad import Pad, as_read
from engine.purse import Meter
from engine.rights import Rights
from engine.scopes import SUBJECT
from storage.artifacts import Artifact

MOST_REFUSED = 20
_OPERATION_NAMES: dict[type, dict[str, Operation]] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool: `what` is "system.operation"."""

    what: str
    args: Mapping[str, Any]

    @property
    def system(self) -> str:
        """The outside system that is called."""
        return self.what.partition(".")[0]


@dataclass(slots=True)
class Kept:
    """What one attempt leaves on the desk: artifacts, notes, what it read and when, and how often it called a tool.

    `suspicions` say why what it gives can't be relied on. `refused` holds the calls that were outside its rights, each with the sentence that it was told. `failing` is the last
    call that raised something.
    """

    artifacts: list[Artifact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reads: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    suspicions: list[str] = field(default_factory=list)
    failing: Call | None = None

    def used(self) -> list[dict[str, Any]]:
        """The calls that were made, and whether they were answered."""
        answered = [{"what": one["what"], "args": one["args"], "answered": True} for one in self.reads]
        return answered + ([{**asdict(self.failing), "answered": False}] if self.failing is not None else [])

    def marked(self, evidence: Sequence[str]) -> list[Artifact]:
        """The artifacts, with the one marked that stands for the step: what the worker said, else its first declared
        evidence, else the last that it kept.
        """
        said = [one for one in self.artifacts if one.canonical]
        declared = [one for one in self.artifacts if one.name in evidence[:1]]
        chosen = (said or declared or self.artifacts)[-1:]
        return [replace(one, canonical=one in chosen) for one in self.artifacts]

    def with_more(self, more: "Kept") -> "Kept":
        """What two attempts of one step leave together."""
        return Kept(
            [*self.artifacts, *more.artifacts],
            [*self.notes, *more.notes],
            [*self.reads, *more.reads],
            self.calls + more.calls,
            [*self.refused, *more.refused],
            [*self.suspicions, *more.suspicions],
            more.failing,
        )


class WorkerDesk:
    """The desk of one attempt: `desk.shop.order(number="1234")` reads, `desk.shop.refund(…)` proposes."""

    def __init__(
        self,
        rights: Rights,
        systems: Mapping[str, Any],
        *,
        step: str,
        clock: Callable[[], datetime],
        pad: Pad | None = None,
        meter: Meter | None = None,
        tactic: str = "",
        before: tuple[Before, ...] = (),
    ) -> None:
        self._rights = rights
        self._systems = systems
        self._step = step
        self._clock = clock
        self._pad = pad
        self._meter = meter
        self.left = Kept()
        self.revisions: tuple[str, ...] = ()
        self.tactic = tactic
        self.before = before
        self.objection: str | None = None

    def __getattr__(self, system: str) -> "SystemAtDesk":
        if system.startswith("_"):
            raise AttributeError(system)
        return SystemAtDesk(self, system)

    def keep(self, name: str, content: str | bytes, *, media_type: str = "text/plain", canonical: bool = False) -> str:
        """Save an artifact as evidence; returns its sha256."""
        raw = content.encode() if isinstance(content, str) else content
        artifact = Artifact(plain(name), plain(media_type), raw, self._step, canonical)
        self.left.artifacts.append(artifact)
        return artifact.digest

    def note(self, sentence: str) -> None:
        """Tell, in one sentence, what was found."""
        self.left.notes.append(plain(sentence))

    def suspect(self, why: str) -> None:
        """Say why what this step gives can't be relied on."""
        self.left.suspicions.append(plain(why))

    def remember(
        self,
        topic: str,
        value: Any,
        *,
        about: str = SUBJECT,
        kind: str = "observation",
        days: float | None = 30,
        confidence: float = 1.0,
    ) -> None:
        """Write a belief on the memory pad, at once."""
        with self._refusing("memory.remember"):
            self._memory().remember(topic, value, about=about, kind=kind, days=days, confidence=confidence)

    def recall(self, topic: str, *, about: str = SUBJECT) -> Any:
        """The value that is believed now on a topic, or None."""
        found = self._memory().known(about=about, topic=topic)[:1]
        value = found[0].value if found else None
        self._note_read(f"memory.{about}", {"topic": topic}, value)
        return value

    def beliefs(self, *, about: str | None = None) -> list[dict[str, Any]]:
        """All that is believed now of the subject, the lane and the company, or of one of them."""
        found = [as_read(one) for one in self._memory().known(about=about)]
        self._note_read("memory", {"about": about or "all"}, found)
        return found

    def brief(self) -> str:
        """All that is known of the task, from the record."""
        text = self._memory().brief()
        self._note_read("memory.brief", {}, text)
        return text

    def heard(self, what: str, *, because: str, subject: str | None = None) -> None:
        """Put on a subject's timeline what was heard of it, at once."""
        with self._refusing("memory.heard"):
            self._memory().heard(what, because=because, subject=subject)

    def _memory(self) -> Pad:
        if self._pad is None:
            raise Governance("This worker has no memory pad here.", cause=RIGHTS)
        return self._pad

    def call(self, system: str, name: str, arguments: dict[str, Any]) -> Any:
        """Read, or propose an effect, if the worker has the right to; raises Governance if not, and keeps that it did."""
        with self._refusing(f"{system}.{name}"):
            return self._called(system, name, arguments)

    @contextmanager
    def _refusing(self, call: str) -> Iterator[None]:
        try:
            yield
        except Governance as refusal:
            if refusal.cause == RIGHTS:
                self.refused(call, refusal.sentence)
            raise

    def refused(self, call: str, sentence: str) -> None:
        """Keep that a call was outside the rights, so that it is on the trail whatever the worker makes of it."""
        if len(self.left.refused) < MOST_REFUSED:
            self.left.refused.append((plain(call), plain(sentence)))

    def _called(self, system: str, name: str, arguments: dict[str, Any]) -> Any:
        operation, full = self._operation(system, name), f"{system}.{name}"
        self._rights.permit(full, operation)
        if operation.is_effect:
            because = str(arguments.pop("because", ""))
            return self._rights.proposal(full, arguments, because)
        refuse_unkept_question(full, arguments)
        if self._meter is not None:
            self._meter.allow(self.left.calls + 1)
        self.left.calls += 1  # a call that fails costs as much
        self.left.failing = Call(full, arguments)
        given = getattr(self._systems[system], name)(**arguments)
        self.left.failing = None
        reading = given if isinstance(given, Reading) else Reading(given)
        answer = self._rights.seen(full, reading.value, self.refused)
        if reading.suspect is not None:
            self.suspect(reading.suspect)
        self._note_read(full, arguments, answer, as_of=reading.as_of)
        return answer

    def _note_read(self, what: str, arguments: dict[str, Any], answer: Any, *, as_of: int | None = None) -> None:
        at = self._clock()
        read = {"what": what, "args": arguments, "at": at.isoformat(), "digest": digest_of_read(what, answer)}
        if as_of is not None:  # a clock of theirs that is ahead makes nothing fresher than now
            read["as_of"] = min(datetime.fromtimestamp(as_of, UTC), at).isoformat()
        self.left.reads.append(read)

    def _operation(self, system: str, name: str) -> Operation:
        tool = type(self._systems[system]) if system in self._systems else None
        if tool is None:
            raise Governance(f"There is no system {system} for this worker.", cause=RIGHTS)
        known = _OPERATION_NAMES.setdefault(tool, operations_of(tool))
        if name not in known:
            raise Governance(f"{system} has no operation {name}.", cause=RIGHTS)
        return known[name]


class _Calls(Protocol):
    def call(self, system: str, name: str, arguments: dict[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class SystemAtDesk:
    """One outside system as a worker sees it."""

    _desk: _Calls
    _system: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda **arguments: self._desk.call(self._system, name, arguments)
