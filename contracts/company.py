"""The shape of company.yaml: people, groups, portfolios, systems and the numbers that work serves."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.contract import Declared, Line, Slug


class PersonDeclaration(Declared):
    """Somebody who asks, approves, manages or operates."""

    id: Slug
    name: Line
    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254)]
    role: Line
    manager: Slug | None = None
    timezone: str = "UTC"
    active: bool = True


class System(Declared):
    """An outside system: the tool that speaks to it and that tool's settings; `{home}` stands for CHARGEHAND_HOME."""

    tool: Annotated[str, Field(pattern=r"^tools/[a-z0-9_]+\.py:[A-Z][A-Za-z0-9]*$")]
    title: Line
    settings: dict[str, Any] = {}


class Portfolio(Declared):
    """Lanes that one manager answers for."""

    id: Slug
    name: Line
    manager: Slug


class KPI(Declared):
    """A number that the business wants moved."""

    name: Slug
    title: Line
    unit: Line
    target: float = Field(strict=False)
    direction: Literal["up", "down"]
    objective: Line


class Workspace(Declared):
    """A part of the company that has its own portfolios."""

    id: Slug
    name: Line
    portfolios: tuple[Portfolio, ...] = Field(min_length=1, strict=False)


class Company(Declared):
    """A whole company.yaml."""

    company: Slug
    name: Line
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    timezone: str
    slack_team: Annotated[str, Field(pattern=r"^T[A-Z0-9]{2,}$")] | None = None
    slack_channels: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    last_resort: Slug
    strategy: Line
    workspaces: tuple[Workspace, ...] = Field(min_length=1, strict=False)
    people: tuple[PersonDeclaration, ...] = Field(min_length=1, strict=False)
    groups: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    systems: dict[Slug, System] = {}
    kpis: tuple[KPI, ...] = Field(default=(), strict=False)

    def person(self, person: str) -> PersonDeclaration | None:
        """The person with that id, if declared."""
        return {declared.id: declared for declared in self.people}.get(person)
