"""The shape of company.yaml: people, groups, portfolios, systems, objectives and the numbers that work serves."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from contracts.declared import Amount, Currency, Declared, DurationS, Line, Slug
from contracts.scope import Scope
from contracts.systems.api import HttpSystem
from contracts.systems.files import FilesSystem
from contracts.systems.mail import MailSystem
from contracts.systems.slack import SlackSystem
from contracts.systems.sql import SqlSystem

_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_DOMAIN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


class PersonDeclaration(Declared):
    """Somebody who asks, approves, manages or operates."""

    id: Slug
    """How files name them."""
    name: Line
    """How people name them."""
    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254)]
    """Their address."""
    role: Line
    """What they do."""
    manager: Slug | None = None
    """Whom they report to."""
    timezone: str = "UTC"
    """Where they are."""
    active: bool = True
    """Whether they still work here."""
    prefers: Literal["slack", "mail"] = "slack"
    """Where they would rather be told."""


class System(Declared):
    """An outside system and what speaks to it: a tool of the company's own, or one that is declared here by its kind."""

    title: Line
    """What people call it."""
    owner: Slug | None = None
    """Who is asked when it does not answer, once for all lanes; needed where the workers who use it would ask different people first."""
    tool: Annotated[str, Field(pattern=r"^tools/[a-z0-9_]+\.py:[A-Z][A-Za-z0-9]*$")] | None = None
    """The class of a tool of its own."""
    sql: SqlSystem | None = None
    """A database, by statements."""
    http: HttpSystem | None = None
    """An API that speaks JSON, by calls."""
    files: FilesSystem | None = None
    """A folder of files."""
    mail: MailSystem | None = None
    """A mail server, by letters."""
    slack: SlackSystem | None = None
    """A Slack team, by messages."""
    settings: dict[str, Any] = {}
    """What a tool of its own is made with, as its constructor is annotated; `{home}` stands for CHARGEHAND_HOME, and nothing else in braces does."""


class Portfolio(Scope):
    """Lanes that one manager answers for."""

    id: Slug
    """How lanes name it."""
    name: Line
    """What people call it."""
    manager: Slug
    """Who answers for it."""


class KPI(Declared):
    """A number that the business wants moved."""

    name: Slug
    """How lanes and workers name it."""
    title: Line
    """What people call it."""
    unit: Line
    """What it is counted in."""
    target: float
    """Where it should be."""
    direction: Literal["up", "down"]
    """Whether more is better."""
    objective: Line
    """What it is for; the title of one of the objectives, where any are declared."""
    period: Literal["week", "day", "month"] = "week"
    """How long it is counted, by the company's wall clock; weeks begin on Monday."""
    source: Line = "pushed"
    """`pushed`, or `events:` and a measure of what is stored."""
    weight: float = Field(default=1, gt=0, le=1000)
    """How much it counts beside the other numbers when work is put in order: one of 2 counts twice as much as one of 1."""
    counts: Literal["outcome", "activity"] = "outcome"
    """Whether it counts what the business wants, or only how busy somebody was."""


class KeyResult(Declared):
    """Something that will have become true, and the numbers that show it."""

    id: Slug
    """How files name it."""
    title: Line
    """What will have become true."""
    kpis: tuple[Slug, ...] = Field(min_length=1, strict=False)
    """The numbers that show it."""


class Objective(Declared):
    """Something that the strategy asks for."""

    id: Slug
    """How files name it."""
    title: Line
    """What is wanted."""
    owner: Slug
    """Who answers for it."""
    key_results: tuple[KeyResult, ...] = Field(min_length=1, strict=False)
    """How one will see that it was reached."""


class Price(Declared):
    """What our machines cost from a day on (UTC), until the next price."""

    since: date = Field(alias="from")
    """The first day."""
    tool_call: Amount
    """What one call of a tool costs."""
    compute_second: Amount
    """What one second of computing costs."""
    person_hour: Amount | None = None
    """What an hour of people's time costs; without it their minutes are unpriced."""
    currency: Currency
    """In which currency."""


class Attention(Declared):
    """How long people take over a decision, where nobody saw when they began."""

    usual: DurationS = 60
    """What is reckoned when it is not known when somebody opened the card."""
    most: DurationS = 900
    """What is reckoned at most of one answer: a card that lies open is not read all the time."""


class QuietHours(Declared):
    """When nobody is reminded, by each person's own wall clock; cards come at any time."""

    since: Annotated[str, Field(alias="from", pattern=_TIME_OF_DAY)]
    """When it begins, in quotes."""
    until: Annotated[str, Field(alias="to", pattern=_TIME_OF_DAY)]
    """When it ends, in quotes."""


class DigestTime(Declared):
    """When every manager gets the weekly digest, by the wall clock of the company's time zone."""

    day: _Weekday = "monday"
    """On which day of the week."""
    at: Annotated[str, Field(pattern=_TIME_OF_DAY)] = "08:00"
    """At what time, in quotes."""

    @property
    def weekday(self) -> int:
        """The day as `date.weekday()` counts: Monday is 0."""
        return get_args(_Weekday).index(self.day)


class Workspace(Scope):
    """A part of the company that has its own portfolios."""

    id: Slug
    """Its name in files."""
    name: Line
    """What people call it."""
    portfolios: tuple[Portfolio, ...] = Field(min_length=1, strict=False)
    """What it holds."""


class Company(Scope):
    """A whole company.yaml."""

    company: Slug
    """Its id, which every record carries."""
    name: Line
    """What people call it."""
    currency: Currency
    """What amounts of its own are in."""
    timezone: str
    """Its wall clock."""
    slack_team: Annotated[str, Field(pattern=r"^T[A-Z0-9]{2,}$")] | None = None
    """Its Slack team."""
    mail_domain: Annotated[str, Field(pattern=_DOMAIN, max_length=253)] | None = None
    """With it a lane can be asked by mail, at `<lane>@<mail_domain>`."""
    slack_channels: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    """Its channels, each with the people and groups in it."""
    last_resort: Slug
    """Who is asked when nobody else is left."""
    strategy: Line
    """What it is all for."""
    objectives: tuple[Objective, ...] = Field(default=(), strict=False)
    """What the strategy asks for, down to key results and their numbers."""
    workspaces: tuple[Workspace, ...] = Field(min_length=1, strict=False)
    """Its parts, with their portfolios."""
    people: tuple[PersonDeclaration, ...] = Field(min_length=1, strict=False)
    """Its people."""
    groups: dict[Slug, tuple[Slug, ...]] = Field(default={}, strict=False)
    """Who asks and decides together."""
    systems: dict[Slug, System] = {}
    """Outside systems."""
    kpis: tuple[KPI, ...] = Field(default=(), strict=False)
    """The numbers that count."""
    prices: tuple[Price, ...] = Field(default=(), strict=False)
    """What machines cost."""
    digest: DigestTime = DigestTime()
    """When managers get the weekly digest."""
    attention: Attention = Attention()
    """How long a decision takes, where nobody saw."""
    quiet: QuietHours | None = None
    """When nobody is reminded."""

    def person(self, person: str) -> PersonDeclaration | None:
        """The person with that id, if declared."""
        return self._people_by_id.get(person)

    @cached_property
    def _people_by_id(self) -> dict[str, PersonDeclaration]:
        return {declared.id: declared for declared in reversed(self.people)}

    @property
    def portfolios(self) -> tuple[Portfolio, ...]:
        """The portfolios of every workspace, in the order of the file."""
        return tuple(portfolio for space in self.workspaces for portfolio in space.portfolios)

    def kpi(self, name: str | None) -> KPI | None:
        """The KPI of that name, if declared."""
        return self._kpis_by_name.get(name or "")

    @cached_property
    def _kpis_by_name(self) -> dict[str, KPI]:
        return {declared.name: declared for declared in self.kpis}

    def placed_portfolios(self) -> Iterator[tuple[int, int, Portfolio]]:
        """Every portfolio with the index of its workspace and its own index there."""
        for number, space in enumerate(self.workspaces):
            yield from ((number, index, portfolio) for index, portfolio in enumerate(space.portfolios))

    def placed_key_results(self) -> Iterator[tuple[int, int, KeyResult]]:
        """Every key result with the index of its objective and its own index there."""
        for number, objective in enumerate(self.objectives):
            yield from ((number, index, result) for index, result in enumerate(objective.key_results))
