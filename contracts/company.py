"""The shape of company.yaml: people, groups, portfolios, systems and the numbers that work serves."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from contracts.contract import Declared, Line, Slug

_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_DOMAIN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


class PersonDeclaration(Declared):
    """Somebody who asks, approves, manages or operates; `prefers` says where they would rather be told."""

    id: Slug
    name: Line
    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254)]
    role: Line
    manager: Slug | None = None
    timezone: str = "UTC"
    active: bool = True
    prefers: Literal["slack", "mail"] = "slack"


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
    """A number that the business wants moved: `source` is `pushed`, or `events:` and a measure of what is stored."""

    name: Slug
    title: Line
    unit: Line
    target: float = Field(strict=False)
    direction: Literal["up", "down"]
    objective: Line
    period: Literal["week", "day", "month"] = "week"
    source: Line = "pushed"


class Price(Declared):
    """What our machines cost from a day on (UTC), until the next price: by tool call and by second of computing."""

    since: date = Field(alias="from", strict=False)
    tool_call: Decimal = Field(ge=0, strict=False)
    compute_second: Decimal = Field(ge=0, strict=False)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class DigestTime(Declared):
    """When every manager gets the weekly digest, by the wall clock of the company's time zone."""

    day: _Weekday = "monday"
    at: Annotated[str, Field(pattern=_TIME_OF_DAY)] = "08:00"

    @property
    def weekday(self) -> int:
        """The day as `date.weekday()` counts: Monday is 0."""
        return get_args(_Weekday).index(self.day)


class Workspace(Declared):
    """A part of the company that has its own portfolios."""

    id: Slug
    name: Line
    portfolios: tuple[Portfolio, ...] = Field(min_length=1, strict=False)


class Company(Declared):
    """A whole company.yaml; with a `mail_domain` a lane can be asked by mail, at `<lane>@<mail_domain>`."""

    company: Slug
    name: Line
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    timezone: str
    slack_team: Annotated[str, Field(pattern=r"^T[A-Z0-9]{2,}$")] | None = None
    mail_domain: Annotated[str, Field(pattern=_DOMAIN, max_length=253)] | None = None
    slack_channels: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    last_resort: Slug
    strategy: Line
    workspaces: tuple[Workspace, ...] = Field(min_length=1, strict=False)
    people: tuple[PersonDeclaration, ...] = Field(min_length=1, strict=False)
    groups: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    systems: dict[Slug, System] = {}
    kpis: tuple[KPI, ...] = Field(default=(), strict=False)
    prices: tuple[Price, ...] = Field(default=(), strict=False)
    digest: DigestTime = DigestTime()

    def person(self, person: str) -> PersonDeclaration | None:
        """The person with that id, if declared."""
        return {declared.id: declared for declared in self.people}.get(person)

    @property
    def portfolios(self) -> tuple[Portfolio, ...]:
        """The portfolios of every workspace, in the order of the file."""
        return tuple(portfolio for space in self.workspaces for portfolio in space.portfolios)
