"""The shape of a lane file: steps, rights, rules, retries, approval edges and evidence, all frozen."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from contracts.declared import Amount, Declared, DurationS, Examples, FieldName, JsonLogic, Line, OneToFour, Slug
from contracts.observing import Derived, Path, Probe
from contracts.prerequisite import Prerequisite
from contracts.running import Isolation, Retries
from contracts.scope import Scope, WorkerBudget
from contracts.switch import Switch
from contracts.taking_over import Takeover
from contracts.undoing import Undo
from contracts.vocabulary import FailureClass, Otherwise

PEERS, FITNESS = "peers", "fitness"
OBSERVE, ASSIST, BOUNDED = 1, 2, 3
"""The stages below which a lane changes nothing by itself (it only observes, or it assists people), and the one at which it
acts within bounds: an edge or a cap.
"""


class Requirement(Declared):
    """What must hold before `before` (a step) may change anything; a rule that can't be evaluated refuses."""

    name: Line
    """What it is called: on cards, in `why`, in messages of `chargehand check`."""
    before: Slug
    """The step that waits for it: before the first a precondition, before a later one a guard of the handoff to it."""
    rule: JsonLogic
    """JSONLogic that must hold."""
    because: Line
    """What people read when it does not."""
    otherwise: Otherwise = Field(default=Otherwise.REFUSED, strict=False)
    """`refused`: the task ends; `blocked`: it waits, with the lane's owner."""
    amend: Slug | None = None
    """The step above that may give something else, once, before that: it is told why at its desk."""
    examples: Examples
    """Facts that prove the rule; `chargehand check` runs them."""


class Condition(Declared):
    """When a step is taken at all; where the rule does not hold it is left out, and its field is null."""

    rule: JsonLogic
    """JSONLogic on what is known when the step would begin."""
    because: Line
    """What people read when it is left out."""
    examples: Examples
    """Facts that prove the rule: with the accepted ones the step is taken."""


class SilenceStep(Declared):
    """Whom a decision is put to, for how long, and when they are reminded (seconds after being asked)."""

    who: Annotated[str, Field(pattern=r"^(group|person|manager-of):[a-z][a-z0-9-]*$")]
    """`group:NAME`, `person:NAME` or `manager-of:requester`; the requester is never among them."""
    for_s: DurationS = Field(alias="for")
    """How long they are asked."""
    remind_s: tuple[DurationS, ...] = Field(default=(), alias="remind", strict=False)
    """When they are reminded, counted from being asked."""


class Limit(Declared):
    """The most that some people may approve by themselves of one number of the proposal."""

    who: Annotated[str, Field(pattern=r"^(group|person|manager-of):[a-z][a-z0-9-]*$")]
    """Whom it binds; somebody with several limits has the highest, and somebody with none is not bound."""
    of: FieldName
    """The argument of the effect that it bounds, such as `amount`."""
    at_most: int = Field(ge=0)
    """The most; money in minor units."""


class ApprovalEdge(Declared):
    """Where a human decides before the effect of `before`; asked when `when` holds or can't be told."""

    name: Line
    """What it is called."""
    before: Slug
    """The step whose effect is decided on."""
    when: JsonLogic
    """JSONLogic: a person is asked when it holds."""
    because: Line
    """Why a person is asked."""
    question: Line
    """What they are asked."""
    state: tuple[Line, ...] = Field(default=(), strict=False)
    """What they should know."""
    alternatives: tuple[Line, ...] = Field(default=(), strict=False)
    """What else could be done."""
    moves: Line | None = None
    """The number that the decision moves."""
    quorum: int = Field(default=1, ge=1, le=20)
    """How many must approve; one rejection decides."""
    steps: tuple[SilenceStep, ...] = Field(min_length=1, strict=False)
    """Who is asked, and who next when they are silent."""
    unanimous: bool = False
    """Whether everybody who is asked first must approve."""
    each: tuple[Slug, ...] = Field(default=(), strict=False)
    """Groups of which one each must approve, different people; all of them are asked from the first."""
    four_eyes: bool = True
    """Whether a yes to the same proposal at another edge bars from this one, as does standing in for who asked."""
    break_glass: bool = False
    """Whether somebody who may decide may, in an emergency, decide on their own request: told to all, marked for ever."""
    limits: tuple[Limit, ...] = Field(default=(), strict=False)
    """How much each may approve; who is asked and has a lower limit can only say no, ask or hand over."""
    changeable: tuple[FieldName, ...] = Field(default=(), strict=False)
    """The arguments of the effect that a decider may change; without any, nobody can approve with changes."""
    revise: Slug | None = None
    """The step that does its work again when a decider sends it back; without it, the step of `before`."""
    at_last: Literal["reject", "last-resort"] = "reject"
    """What silence comes to in the end: a no, or the company's last resort, asked until they answer; never a yes."""
    mail: bool = False
    """Whether a letter may decide: a mail reply is a weaker proof of who says it (OWASP ASVS 5.0, 6.3.6)."""
    examples: Examples
    """Facts that prove `when`: the accepted ones ask."""


class Reviewing(Declared):
    """What a step reviews: it gives a verdict, on named criteria, on what an earlier step of another worker gave."""

    step: Slug
    """The step whose output is reviewed; `revise` sends the task back to it, with what was found."""
    criteria: tuple[Line, ...] = Field(min_length=1, strict=False)
    """What is looked at; the review says of each whether it is met, and why."""
    rounds: int = Field(default=2, ge=0, le=10)
    """How often it may be sent back before the lane's owner is asked: the stop rule of the review."""


class FailureRule(Declared):
    """What a failure is in this lane, where the table of known failures can't know it; the first that holds counts."""

    name: Slug
    """What tactics call such a failure."""
    when: JsonLogic
    """JSONLogic over `error.*` and what else is known: which failures are meant."""
    kind: FailureClass = Field(alias="class", strict=False)
    """`transient`, `deterministic`, `judgment` or `governance`."""
    cause: Line | None = None
    """What is broken, the same for every task that it breaks; without it, what the failure itself says."""
    sentence: Line
    """What people read."""
    then: Otherwise | None = Field(default=None, strict=False)
    """Where one that is not tried again leads: `refused` ends the task, `blocked` lets it wait with its owner."""
    examples: Examples
    """Facts that prove `when`."""


class Tactic(Declared):
    """Another way to do a step after it has failed; each is tried once, in the order in which they stand."""

    name: Slug
    """What the worker's code reads as `desk.tactic`, and trails call it."""
    kind: Literal["amend", "other-tool", "reduced-scope"]
    """`amend`: the same with other parameters; `other-tool`: by another tool; `reduced-scope`: less than was asked for."""
    after: tuple[Line, ...] = Field(min_length=1, strict=False)
    """After which failures: classes (but `governance`), cases such as `duplicate_slug`, names of `failures`, or `rule NAME`."""
    because: Line
    """What people read when it is tried."""
    run: Annotated[str, Field(pattern=r"^workers:[a-z_][a-z0-9_]*$")] | None = None
    """Its function in workers.py; without one the step's own, which sees it at its desk."""


class Step(Declared):
    """One piece of work: who does it, which code runs, what it gives and where that is kept."""

    name: Slug
    """What rules, edges and trails call it."""
    worker: Slug
    """Who does it."""
    run: Annotated[str, Field(pattern=r"^workers:[a-z_][a-z0-9_]*$")]
    """The function in workers.py."""
    gives: Annotated[str, Field(pattern=r"^(models:[A-Z][A-Za-z0-9]*|review)$")]
    """The model of what it gives: the shape of its output; `review` for a step that reviews another."""
    writes: FieldName
    """The field of the lane's state that this step alone writes."""
    progress: Line
    """What the requester reads while it runs."""
    after: tuple[Slug, ...] | None = Field(default=None, strict=False)
    """The steps that hand on to it; without it, the step above. Several are all waited for."""
    when: Condition | None = None
    """When it is taken at all; without it, always."""
    each: Path | None = None
    """The list whose items it is done for, one after the other; its rules and its function read `item`."""
    enough: Annotated[str, Field(pattern=r"^(all|any|[1-9][0-9]?%)$")] = "all"
    """How many of the items have to come out well: `all`, `any`, or a share such as `80%`."""
    counted: Line = "done"
    """What an item is called that came out well, as in “41 of 68 checked”."""
    reviews: Reviewing | None = None
    """What it reviews, if that is its work; its function returns a Review."""
    peer: Slug | None = None
    """The worker of the same job on another runtime who takes over first when `worker` could not."""
    peer_within: DurationS | None = None
    """How long a peer has who takes it over, before the next one is asked; without it three times its `deadline`, and 10 minutes at least."""
    tactics: tuple[Tactic, ...] = Field(default=(), strict=False)
    """Other ways to do it, before anybody else is asked."""
    needs: tuple[Path, ...] = Field(default=(), strict=False)
    """Required fields: facts that must be there and not empty before it may change anything."""
    recheck: tuple[Slug, ...] = Field(default=(), strict=False)
    """Earlier steps that read again before an approved effect is carried out, and when the world has moved meanwhile."""
    fresh: dict[FieldName, DurationS] = {}
    """How old fields of the state may be when it begins; one that is older is read again first, by the step that writes it."""
    accepts_suspect: tuple[FieldName, ...] = Field(default=(), strict=False)
    """Fields on which it may act although they were said to be suspect."""
    overwrites: tuple[FieldName, ...] = Field(default=(), strict=False)
    """Arguments of its effect that may replace what a person has corrected by hand; no others may."""
    undo: Undo | None = None
    """How its effect is taken back when the task ends otherwise than well; without it, it stays."""
    evidence: tuple[str, ...] = Field(default=(), strict=False)
    """Artifacts that it must keep; without them it is not done."""
    deadline: DurationS = 30
    """How long it may take."""


class Patience(Declared):
    """How long somebody on a ladder is asked, and when they are reminded, counted from being asked."""

    for_s: DurationS = Field(alias="for")
    """How long they are asked before the next one is asked too."""
    remind_s: tuple[DurationS, ...] = Field(default=(), alias="remind", strict=False)
    """When they are reminded."""


class CostProfile(Declared):
    """What one run of a worker costs, in the company's currency; written in quotes, so that it is kept exactly."""

    usual: Amount
    """What a run usually costs."""
    at_most: Amount
    """What a run should never pass."""
    minutes: float = Field(default=0, ge=0)
    """How many minutes of people's time go with it."""


Named = Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
"""Names of fields or arguments."""


class WorkerDeclaration(Declared):
    """A worker as the business unit that it is: its job, who answers for it, and the most that it may do."""

    job: Line
    """Its job; a worker is named by it."""
    outcome: Line
    """The outcome that it owns."""
    accountable: Slug
    """The person who answers for it."""
    kpi: Slug | None = None
    """The number that it moves; without one its lane stays at stage 2 or below."""
    done: Line
    """When its work counts as done."""
    tier: OneToFour
    """The most that it may change: 1 nothing, 2 records, 3 all else, 4 coordinates and changes nothing."""
    may: Literal["decide", "recommend"]
    """Whether what it says counts as decided, or is advice."""
    reads: tuple[str, ...] = Field(strict=False)
    """What it may read of the world, as `system.operation`; nothing else."""
    writes: tuple[str, ...] = Field(strict=False)
    """What it may change in the world, as `system.operation`; nothing else."""
    only: dict[str, Named] = {}
    """What is left of a right: of what a read answers these fields, of what a write takes these arguments."""
    takes: tuple[str, ...] = Field(min_length=1, strict=False)
    """Its input: `request`, and fields of the lane's state."""
    gives: tuple[str, ...] = Field(min_length=1, strict=False)
    """Its output: the fields of the lane's state that it writes."""
    evidence: tuple[str, ...] = Field(strict=False)
    """What it leaves to prove its work: artifacts, and effects that are read back."""
    fails: dict[Line, FailureClass] = Field(min_length=1, strict=False)
    """How it can fail, each with its class: what is allowed to go wrong, and what follows."""
    stops: Line
    """When it stops trying."""
    next: Slug
    """The worker who takes over, or `requester`."""
    escalates: tuple[str, ...] = Field(min_length=1, strict=False)
    """Who is asked when it can't go on, in order: workers of the same job (`peers`: all of them, in their `order`), then
    people (`lane-owner`, `group:NAME`, `person:NAME`). The company's last resort always stands at the end."""
    order: Literal["load", "fitness"] = "load"
    """Which of `peers` comes first: the least busy (`load`), or the one that did best in 30 days (`fitness`)."""
    takes_over: Takeover | None = None
    """When it may take a step over as a peer; without it, whenever it is asked."""
    patience: dict[str, Patience] = {}
    """How long people among them are asked, by the name that they have there: at first 4 h, the next ones 20 h."""
    cost: CostProfile
    """What one run costs."""
    budget: WorkerBudget | None = None
    """What its runs may cost in a day and a month."""
    coordinates: Annotated[str, Field(pattern=r"^workers:[a-z_][a-z0-9_]*$")] | None = None
    """The function with which it places steps that are handed to a peer, if that is its job; such a worker does nothing else."""
    runtime: Slug
    """The kind of machine that its steps need."""
    model: Line | None = None
    """The model that it thinks with, if any."""
    begins: Literal["at-once", "compared"] = "at-once"
    """How a new version of it begins: `compared` gets no work before it was compared with what was done and promoted."""
    joins: Literal["active", "proposed"] = "active"
    """How it stands when it is first published; `proposed` gets no work before somebody who answers for it says so."""
    version: str = "1"
    """Its version: code, prompt, model and tools together."""


class Telling(Declared):
    """The sentences of this lane that people read."""

    accepted: Line
    """What was asked for, as a title."""
    done: Line
    """What was done."""
    promise: Line
    """What will happen, and how long it usually takes."""
    verified: Line
    """How it was verified."""


class Lane(Scope):
    """A whole lane file."""

    lane: Slug
    """Its name, the same as its folder's."""
    title: Line
    """What people choose when they ask for it."""
    description: Line
    """What it does."""
    portfolio: Slug
    """Where it belongs."""
    owner: Slug
    """The one person who answers for it and for what it costs."""
    stage: OneToFour = 3
    """Its autonomy: 1 observes, 2 assists, 3 acts within bounds, 4 acts end to end."""
    may_ask: tuple[str, ...] = Field(default=("everyone",), strict=False)
    """`everyone`, `group:NAME` or `person:NAME`, any of them."""
    request: Annotated[str, Field(pattern=r"^models:[A-Z][A-Za-z0-9]*$")]
    """The model of what is asked for; forms are built from it."""
    subject: Line
    """The outside record that it is about; one task at a time works on it."""
    serves: Slug | None = None
    """The KPI that it serves."""
    within: DurationS | None = None
    """Within how long after it was asked a task is wanted; nearer ones are claimed earlier."""
    needed_by: FieldName | None = None
    """The field of the request, an instant, by which that task is wanted; where it is empty, `within` counts."""
    tell: Telling
    """What requesters read."""
    workers: dict[Slug, WorkerDeclaration] = Field(min_length=1)
    """Who works in it."""
    steps: tuple[Step, ...] = Field(min_length=1, strict=False)
    """What is done."""
    derive: dict[FieldName, Derived] = {}
    """Facts that are computed of others."""
    probes: dict[FieldName, Probe] = {}
    """Facts that are looked up before rules are asked."""
    prerequisites: tuple[Prerequisite, ...] = Field(default=(), strict=False)
    """What must be there before a task is run at all."""
    switches: tuple[Switch, ...] = Field(default=(), strict=False)
    """What lowers its stage or stops it by itself."""
    require: tuple[Requirement, ...] = Field(default=(), strict=False)
    """What must hold; tried from the top, and the first that does not is the reason that people read."""
    approve: tuple[ApprovalEdge, ...] = Field(default=(), strict=False)
    """Where a person decides."""
    retries: Retries = Retries()
    """How often a transient failure is tried again."""
    isolation: Isolation | None = None
    """Runs its workers' code in processes of their own; without it, in the runner's."""
    failures: tuple[FailureRule, ...] = Field(default=(), strict=False)
    """What failures are in this lane, beside those that everybody knows."""

    def step(self, name: str) -> Step:
        """The step of that name; KeyError when there is none."""
        return self._steps_by_name[name]

    @cached_property
    def _steps_by_name(self) -> dict[str, Step]:
        return {step.name: step for step in self.steps}

    def peers(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Who takes a step over when its worker could not, in order; those who stand together are in the `order` of its worker."""
        step = self.step(name)
        own = self.workers[step.worker]
        others = tuple(other for other, one in self.workers.items() if one.job == own.job and other != step.worker)
        wanted: list[tuple[str, ...]] = [() if step.peer is None else (step.peer,)]
        wanted += [others if who == PEERS else (who,) for who in own.escalates if who == PEERS or who in self.workers]
        groups: list[tuple[str, ...]] = []
        for group in wanted:
            named = {one for earlier in groups for one in earlier}
            groups.append(tuple(one for one in group if one not in named))
        return tuple(group for group in groups if group)

    def before(self, name: str) -> tuple[str, ...]:
        """The steps that hand on to the one of that name: as it says, else the one above it."""
        declared, names = self.step(name).after, [step.name for step in self.steps]
        return names_above(names, name) if declared is None else declared


def names_above(names: list[str], name: str) -> tuple[str, ...]:
    """The name just above one in a list, if any."""
    index = names.index(name)
    return tuple(names[max(0, index - 1) : index])
