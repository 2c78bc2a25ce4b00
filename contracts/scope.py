"""What is declared anywhere down the tree and holds for all below: brand, channels, data sources, limits, policies."""

from typing import Literal

from pydantic import Field

from contracts.declared import Amount, Declared, Line, Slug
from contracts.vocabulary import BlastRadius


class Cap(Declared):
    """The most that may happen in one span; what is not named is not capped there."""

    count: int | None = Field(default=None, ge=0)
    """How many effects."""
    amount: int | None = Field(default=None, ge=0)
    """How much money, in minor units of the company's currency."""
    records: int | None = Field(default=None, ge=0)
    """How many records are changed."""
    recipients: int | None = Field(default=None, ge=0)
    """How many people are written to."""


class Caps(Declared):
    """The most of one blast radius, by span."""

    attempt: Cap | None = None
    """In one attempt of a step."""
    hour: Cap | None = None
    """In any hour."""
    day: Cap | None = None
    """In any day."""
    reached: Literal["wait", "owner"] = "wait"
    """What becomes of a task that meets it: it waits until there is room again, or the lane's owner is asked."""


class Budget(Declared):
    """The most that machines may cost, in the company's currency; written in quotes, so that it is kept exactly."""

    run: Amount | None = None
    """For one task."""
    day: Amount | None = None
    """For all tasks of a day."""
    month: Amount | None = None
    """For all tasks of a month."""


class WorkerBudget(Declared):
    """The most that a worker's runs may cost machines in all tasks of its lane; what one may cost says `cost.at_most`."""

    day: Amount | None = None
    """In a day."""
    month: Amount | None = None
    """In a month."""


class Policy(Declared):
    """What every effect of one blast radius needs, wherever below it is declared; checked when files are loaded."""

    name: Line
    """What it is called."""
    touching: BlastRadius = Field(strict=False)
    """Which effects it is about."""
    demands: tuple[Literal["verification", "approval", "cap"], ...] = Field(min_length=1, strict=False)
    """`verification`: a look that can read it back; `approval`: an edge before it; `cap`: a cap in force for it."""
    because: Line
    """Why, for whoever meets it."""


class Scope(Declared):
    """What a company, a workspace, a portfolio or a lane says for all below it; what lies below may only narrow it."""

    brand: Line | None = None
    """Under whose name people are written to. Below, only the same."""
    channels: tuple[Slug, ...] | None = Field(default=None, strict=False)
    """Slack channels of the work. Below, only some of these."""
    data_sources: tuple[Slug, ...] | None = Field(default=None, strict=False)
    """Systems that workers may read or change. Below, only some of these."""
    approvers: tuple[Slug, ...] | None = Field(default=None, strict=False)
    """Groups that may be asked to approve. Below, only some of these."""
    budget: Budget | None = None
    """What machines may cost. Below, at most that."""
    caps: dict[BlastRadius, Caps] = {}
    """The most that may happen, by blast radius; all lanes below share it. Below, at most that."""
    policies: tuple[Policy, ...] = Field(default=(), strict=False)
    """What effects need. Below, more can be added and none taken away."""
