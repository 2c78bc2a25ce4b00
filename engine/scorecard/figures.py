"""What a weekly digest holds, as figures without words: it is kept on record like this, and rendered from there."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import TypeAdapter

Span = Literal["week", "day", "month"]
MOST_SHOWN = 5
"""Of many things that are alike the oldest are shown; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose digest of which week: `begins` and `ends` are its first and last day; `running` says it is not over."""

    company: str
    portfolio: str
    title: str
    manager: str
    week: str
    begins: date
    ends: date
    running: bool
    timezone: str


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A question that waits for an answer; `asks_back` when its requester has to answer first."""

    number: int
    question: str
    since: datetime
    waits_for: str
    asks_manager: bool
    asks_back: bool


@dataclass(frozen=True, slots=True)
class OpenBlocker:
    """What stops a lane: `owner` is a name, `tasks` how many wait."""

    lane: str
    sentence: str
    owner: str
    since: datetime
    tasks: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """An effect of which nobody knows whether it happened; `task` is a number."""

    task: int
    effect: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """A result that was said to be wrong and of which nobody has said why; `task` is a number, `owner` a name."""

    task: int
    lane: str
    owner: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Untold:
    """A pushed KPI of which nobody has said a value in the week, or (by month) in the 31 days up to its end."""

    title: str
    period: Span


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits for people when the digest is made: the oldest of each, and how many there are.

    `asking` of the `decisions_open` decisions ask the manager.
    """

    decisions: tuple[OpenDecision, ...]
    decisions_open: int
    asking: int
    blockers: tuple[OpenBlocker, ...]
    blockers_open: int
    doubts: tuple[Doubt, ...]
    doubts_open: int
    unobserved: tuple[Untold, ...]
    incidents: tuple[OpenIncident, ...] = ()
    incidents_open: int = 0

    @property
    def count(self) -> int:
        """How many things need the manager; a decision that waits for somebody else does not."""
        return self.asking + self.blockers_open + self.doubts_open + self.incidents_open + len(self.unobserved)

    @property
    def elsewhere(self) -> int:
        """How many decisions wait for somebody else."""
        return self.decisions_open - self.asking


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI with its values in the last periods, oldest first, the newest that of the digest; None is "nothing"."""

    name: str
    title: str
    unit: str
    target: float
    direction: Literal["up", "down"]
    period: Span
    values: tuple[float | None, ...]
    behind: bool | None


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """A lane's week: what ended how, what is `open` at its end, and what one verified outcome cost.

    `verified` of `settled` effects, `median_s` from accepted to done, `asked` tasks that people were asked about.
    `each` is None with nothing done, or (`unpriced`) without a price. `wrong` tasks were said to have a wrong result; of
    the incidents closed, `again` were the same as earlier ones, and `correction_s` is what they took people.
    """

    name: str
    title: str
    done: int
    refused: int
    failed: int
    cancelled: int
    open: int
    verified: int
    settled: int
    median_s: float | None
    asked: int
    each: Decimal | None
    unpriced: bool
    wrong: int = 0
    again: int = 0
    correction_s: int = 0


@dataclass(frozen=True, slots=True)
class Decider:
    """A person's answers of the week; `median_s` from when they were asked."""

    person: str
    name: str
    decided: int
    rejected: int
    median_s: float


@dataclass(frozen=True, slots=True)
class Spending:
    """Machine cost of the lanes that have prices, in whole units; `unpriced` are the titles of the others.

    `per_outcome` is for each task done, `before` the same a week earlier; None when nothing was done.
    """

    total: Decimal
    currency: str | None
    per_outcome: Decimal | None
    before: Decimal | None
    unpriced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A portfolio's week."""

    scope: Scope
    made_at: datetime
    needs: Needs
    figures: tuple[Figure, ...]
    lanes: tuple[LaneFigures, ...]
    people: tuple[Decider, ...]
    spending: Spending


DOCUMENT = TypeAdapter(Digest)
"""Between a digest and the JSON of its row."""
