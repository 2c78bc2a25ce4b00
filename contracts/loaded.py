"""A business after its files were read and found good: what intake, engine and screens work from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from contracts.authoring import Operation
from contracts.budgets import Allowance
from contracts.company import Company
from contracts.contract import OBSERVE, ApprovalEdge, FailureRule, Lane, Requirement
from contracts.facts import FactSchema
from contracts.limits import Limit
from contracts.loading.pages import Page
from contracts.rules import Rule
from contracts.vocabulary import BlastRadius


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """An effect that a lane may propose, by the name that its rights give it ("shop.refund").

    `args_model` holds what a proposal's arguments are: the method's parameters without `self` and `key`.
    """

    name: str
    operation: Operation
    args_model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Who places a lane's work: its name, its function, and what each of that function's parameters is given ("routing", "desk")."""

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class LoadedLane:
    """A lane with its code and its compiled rules.

    `hash` is the contract's version (lane.yaml and models.py), `code_hash` that of workers.py; both are sha256 in hex.
    `versions` holds, by worker, the hash of all that it works with: code, model, tools and its declared version.
    `functions` are by step, and by "step/tactic" where a tactic has its own; `arguments` says where each parameter of such a
    function comes from: "request", "desk", "item" or "state.<field>". `outputs` holds, by step, the model of what its function
    gives, and `items` the type of the items of a step that is done for each. `proposes` names the steps that return a Proposal,
    `conditions` has the rules of steps that may be left out, `takeovers`, by step and peer, those of who may take it over. `schemas` holds, by step, what rules before that step may read,
    `failing` what rules of `failures` may, `handing`, by step, what rules of its peers may; `schema` is every fact that this lane ever has. `limits` are the caps that its
    effects count in, `allowances` the budgets that its tasks are paid from. `page` is the lane file as written, with the line of everything. `reads_subject` says
    whether any rule or sentence reads the subject's timeline: only then is it looked up; `dates_fields` whether any reads
    when a field was read, or demands that it is fresh: only then is that kept at hand. `coordinator` places what is handed to peers.
    """

    lane: Lane
    hash: str
    code_hash: str
    versions: Mapping[str, str]
    request_model: type[BaseModel]
    state_models: Mapping[str, type[BaseModel]]
    outputs: Mapping[str, type[BaseModel]]
    items: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    arguments: Mapping[str, Mapping[str, str]]
    effects: Mapping[str, EffectSpec]
    reads: frozenset[str]
    proposes: frozenset[str]
    schema: FactSchema
    schemas: Mapping[str, FactSchema]
    requirements: tuple[tuple[Requirement, Rule], ...]
    edges: tuple[tuple[ApprovalEdge, Rule], ...]
    limits: tuple[Limit, ...]
    conditions: Mapping[str, Rule]
    takeovers: Mapping[str, Mapping[str, Rule]]
    allowances: tuple[Allowance, ...]
    failures: tuple[tuple[FailureRule, Rule], ...]
    failing: FactSchema
    handing: Mapping[str, FactSchema]
    page: Page
    reads_subject: bool = False
    dates_fields: bool = False
    coordinator: Coordinator | None = None

    def __repr__(self) -> str:
        # Short: logs and tracebacks show it, and all that hangs on a lane takes minutes to lay out.
        return f"LoadedLane({self.lane.lane!r}, hash={self.hash[:12]!r})"

    @property
    def only_observes(self) -> bool:
        """Whether nobody can ask for its work yet."""
        return self.lane.stage == OBSERVE


@dataclass(frozen=True, slots=True, repr=False)
class Business:
    """A company with its lanes by name and the classes of its tools by the system's name; `page` is company.yaml."""

    company: Company
    lanes: Mapping[str, LoadedLane]
    tools: Mapping[str, type]
    hash: str
    page: Page

    @property
    def contacts(self) -> tuple[str, ...]:
        """The effects, by name, that reach customers."""
        effects = {spec.name: spec for lane in self.lanes.values() for spec in lane.effects.values()}
        return tuple(sorted(name for name, spec in effects.items() if spec.operation.blast is BlastRadius.CUSTOMER))

    def __repr__(self) -> str:
        return f"Business({self.company.company!r}, hash={self.hash[:12]!r})"
