"""The rights in force for one worker in one attempt: what it declares, within its tier, each call held against them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.authoring import Governance, Operation, Proposal
from contracts.contract import WorkerDeclaration
from contracts.loaded import LoadedLane
from contracts.mistakes import listed
from contracts.rights import RIGHTS, least_tier, narrowed, set_beyond, tier_allows
from engine.keeping import refuse_unkept_proposal

Refusing = Callable[[str, str], None]
"""Hears of a refusal: the call, and the sentence that was said."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Refuses fields of an answer; it goes with the answer wherever that goes, to another process too."""

    job: str
    full: str
    only: Sequence[str]
    refusing: Refusing

    def __call__(self, name: str) -> Governance:
        told = f"{self.job} has no right to read {self.full}.{name}; of {self.full} it may read {listed(self.only)}."
        self.refusing(f"{self.full}.{name}", told)
        return Governance(told, cause=RIGHTS)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a worker of a lane may do; `tier` is the one in force, which is its own or a lower one."""

    lane: LoadedLane
    worker: WorkerDeclaration
    tier: int

    def permit(self, full: str, operation: Operation) -> None:
        """Let a call to "system.operation" pass, or raise Governance that names the right which is missing."""
        if full not in (self.worker.writes if operation.is_effect else self.worker.reads):
            verb = "change the world by" if operation.is_effect else "read"
            raise Governance(f"{self.worker.job} has no right to {verb} {full}.", cause=RIGHTS)
        self._within_tier(full, operation)

    def _within_tier(self, full: str, operation: Operation) -> None:
        if not tier_allows(self.tier, operation):
            least = least_tier(operation.blast)
            raise Governance(f"{self.worker.job} has tier {self.tier}, and {full} takes tier {least}.", cause=RIGHTS)

    def undo(self, full: str, args: Mapping[str, Any], because: str) -> Proposal[Any]:
        """A proposal to take back what the worker did: its step's `undo` is the right to it, as far as its tier goes.

        Raises Governance above the tier, and ValidationError beside the shape.
        """
        effect = self.lane.effects[full]
        self._within_tier(full, effect.operation)
        return Proposal(full, effect.args_model.model_validate(dict(args)).model_dump(mode="json"), because)

    def seen(self, full: str, answer: Any, refusing: Refusing) -> Any:
        """What the worker may see of an answer; `refusing` hears of each field that it asks for and may not."""
        only = self.worker.only.get(full)
        if only is None:
            return answer
        return narrowed(answer, only, _Refusal(self.worker.job, full, only, refusing))

    def proposal(self, full: str, args: Mapping[str, Any], because: str) -> Proposal[Any]:
        """A proposal in the shape that its tool promises; raises Governance outside the rights,
        ValidationError beside the shape, Deterministic where no record can keep it.
        """
        if full not in self.worker.writes or full not in self.lane.effects:
            raise Governance(f"{self.worker.job} has no right to change the world by {full}.", cause=RIGHTS)
        effect = self.lane.effects[full]
        self.permit(full, effect.operation)
        checked = effect.args_model.model_validate(dict(args))
        only = self.worker.only.get(full)
        beyond = [] if only is None else set_beyond(checked, only)
        if only is not None and beyond:
            told = f"{self.worker.job} has no right to set {listed([f'{full}.{name}' for name in beyond])}"
            raise Governance(f"{told}; of {full} it may set {listed(only)}.", cause=RIGHTS)
        wanted = checked.model_dump(mode="json")
        refuse_unkept_proposal(self.worker.job, full, wanted)
        return Proposal(full, wanted, because)
