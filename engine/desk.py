"""The worker's desk: the only way to the world, checked against rights on every call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.authoring import Governance, Operation, Proposal, operations_of
from contracts.canonical import digest
from contracts.contract import WorkerDeclaration
from contracts.loaded import LoadedLane
from engine.failures import plain
from storage.artifacts import Artifact

_OPERATION_NAMES: dict[type, dict[str, Operation]] = {}


@dataclass(slots=True)
class Kept:
    """What one attempt leaves on the desk: artifacts, notes, what it read and when, and how often it called a tool."""

    artifacts: list[Artifact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reads: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0

    def marked(self, evidence: Sequence[str]) -> list[Artifact]:
        """The artifacts, with the one marked that stands for the step: what the worker said, else its first declared
        evidence, else the last that it kept.
        """
        said = [one for one in self.artifacts if one.canonical]
        declared = [one for one in self.artifacts if one.name in evidence[:1]]
        chosen = (said or declared or self.artifacts)[-1:]
        return [replace(one, canonical=one in chosen) for one in self.artifacts]


class WorkerDesk:
    """The desk of one attempt: `desk.shop.order(number="1234")` reads, `desk.shop.refund(…)` proposes."""

    def __init__(
        self,
        lane: LoadedLane,
        worker: WorkerDeclaration,
        systems: Mapping[str, Any],
        *,
        step: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._lane = lane
        self._worker = worker
        self._systems = systems
        self._step = step
        self._clock = clock
        self.left = Kept()

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

    def call(self, system: str, name: str, arguments: dict[str, Any]) -> Any:
        """Read, or propose an effect, if the worker has the right to; raises Governance if not."""
        operation = self._operation(system, name)
        full = f"{system}.{name}"
        if full not in (self._worker.writes if operation.is_effect else self._worker.reads):
            verb = "change the world by" if operation.is_effect else "read"
            raise Governance(f"{self._worker.job} has no right to {verb} {full}.", cause="rights")
        if operation.is_effect:
            return self._proposal(full, arguments)
        self.left.calls += 1  # a call that fails costs as much
        answer = getattr(self._systems[system], name)(**arguments)
        self.left.reads.append(
            {"what": full, "args": arguments, "at": self._clock().isoformat(), "digest": digest(answer)}
        )
        return answer

    def _operation(self, system: str, name: str) -> Operation:
        tool = type(self._systems[system]) if system in self._systems else None
        if tool is None:
            raise Governance(f"There is no system {system} for this worker.", cause="rights")
        known = _OPERATION_NAMES.setdefault(tool, operations_of(tool))
        if name not in known:
            raise Governance(f"{system} has no operation {name}.", cause="rights")
        return known[name]

    def _proposal(self, full: str, arguments: dict[str, Any]) -> Proposal[Any]:
        because = arguments.pop("because", "")
        args = self._lane.effects[full].args_model.model_validate(arguments)
        return Proposal(full, args.model_dump(mode="json"), str(because))


@dataclass(frozen=True, slots=True)
class SystemAtDesk:
    """One outside system as a worker sees it."""

    _desk: WorkerDesk
    _system: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda **arguments: self._desk.call(self._system, name, arguments)
