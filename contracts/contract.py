"""The shape of a lane file: steps, rights, rules, retries, approval edges and evidence, all frozen."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contracts.vocabulary import Otherwise

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")


def _seconds(text: Any) -> int:
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("write a duration as a number and s, m, h or d, such as 4h")
    return int(found[1]) * _UNITS[found[2]]


DurationS = Annotated[int, BeforeValidator(_seconds, json_schema_input_type=str)]
"""Seconds, written in files as `30s`, `15m`, `4h` or `2d`."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
"""A name that ids, keys and addresses are made of."""

Line = Annotated[str, Field(min_length=1, max_length=300)]
"""One sentence that people read; `{request.order}` stands for a fact."""

JsonLogic = Any


class Declared(BaseModel):
    """What is written in a file: nothing unknown, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Examples(Declared):
    """Facts that a rule must accept and facts that it must refuse, as path → value."""

    accepted: tuple[dict[str, Any], ...] = Field(min_length=1, strict=False)
    refused: tuple[dict[str, Any], ...] = Field(min_length=1, strict=False)


class Requirement(Declared):
    """What must hold before `before` (a step) may change anything; a rule that can't be evaluated refuses."""

    name: Line
    before: Slug
    rule: JsonLogic
    because: Line
    otherwise: Otherwise = Field(default=Otherwise.REFUSED, strict=False)
    examples: Examples


class SilenceStep(Declared):
    """Whom a decision is put to, for how long, and when they are reminded (seconds after being asked)."""

    who: Annotated[str, Field(pattern=r"^(group|person|manager-of):[a-z][a-z0-9-]*$")]
    for_s: DurationS = Field(alias="for")
    remind_s: tuple[DurationS, ...] = Field(default=(), alias="remind", strict=False)


class ApprovalEdge(Declared):
    """Where a human decides before the effect of `before`; asked when `when` holds or can't be told.

    `mail` says whether a letter may decide: a mail reply is a weaker proof of who says it (OWASP ASVS 5.0, 6.3.6).
    """

    name: Line
    before: Slug
    when: JsonLogic
    because: Line
    question: Line
    state: tuple[Line, ...] = Field(default=(), strict=False)
    alternatives: tuple[Line, ...] = Field(default=(), strict=False)
    moves: Line | None = None
    quorum: int = Field(default=1, ge=1, le=20)
    steps: tuple[SilenceStep, ...] = Field(min_length=1, strict=False)
    at_last: Literal["reject"] = "reject"
    mail: bool = False
    examples: Examples


class Retries(Declared):
    """How often a transient failure is tried again, with full jitter between `first_s` and `longest_s` seconds."""

    tries: int = Field(default=4, ge=1, le=20)
    first_s: float = Field(default=1.0, gt=0, le=600, strict=False)
    factor: float = Field(default=3.0, ge=1, le=10, strict=False)
    longest_s: float = Field(default=60.0, gt=0, le=86400, strict=False)
    look_again: DurationS = 600


class Step(Declared):
    """One piece of work: who does it, which code runs, what it gives and where that is kept.

    `peer` is the worker of the same job on another runtime who takes over when `worker` could not.
    """

    name: Slug
    worker: Slug
    run: Annotated[str, Field(pattern=r"^workers:[a-z_][a-z0-9_]*$")]
    gives: Annotated[str, Field(pattern=r"^models:[A-Z][A-Za-z0-9]*$")]
    writes: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    progress: Line
    peer: Slug | None = None
    recheck: tuple[Slug, ...] = Field(default=(), strict=False)
    evidence: tuple[str, ...] = Field(default=(), strict=False)
    deadline: DurationS = 30


class WorkerDeclaration(Declared):
    """A worker as the business unit that it is: its job, who answers for it, and the most that it may do."""

    job: Line
    outcome: Line
    accountable: Slug
    kpi: Slug | None = None
    tier: Literal[1, 2, 3, 4]
    reads: tuple[str, ...] = Field(default=(), strict=False)
    writes: tuple[str, ...] = Field(default=(), strict=False)
    runtime: Slug = "default"
    version: str = "1"


class Telling(Declared):
    """The sentences of this lane that people read."""

    accepted: Line
    done: Line
    promise: Line
    verified: Line


class Lane(Declared):
    """A whole lane file."""

    lane: Slug
    title: Line
    description: Line
    portfolio: Slug
    owner: Slug
    stage: Literal[1, 2, 3, 4] = 3
    may_ask: tuple[str, ...] = Field(default=("everyone",), strict=False)
    request: Annotated[str, Field(pattern=r"^models:[A-Z][A-Za-z0-9]*$")]
    subject: Line
    serves: Slug | None = None
    tell: Telling
    workers: dict[Slug, WorkerDeclaration]
    steps: tuple[Step, ...] = Field(min_length=1, strict=False)
    require: tuple[Requirement, ...] = Field(default=(), strict=False)
    approve: tuple[ApprovalEdge, ...] = Field(default=(), strict=False)
    retries: Retries = Retries()

    def step(self, name: str) -> Step:
        """The step of that name; KeyError when there is none."""
        return {step.name: step for step in self.steps}[name]

    def after(self, name: str) -> Step | None:
        """The step that follows, or None after the last."""
        names = [step.name for step in self.steps]
        index = names.index(name) + 1
        return self.steps[index] if index < len(self.steps) else None
