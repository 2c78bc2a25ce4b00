"""Finds what should have moved and did not, and tells the company's last resort: a dead clock can't do it itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from contracts.vocabulary import Message
from contracts.wording import duration
from engine.deployment import Deployment
from storage.database import Unit
from storage.outbox import Letter, put
from storage.overdue import Kind, Overdue, overdue
from storage.tables.traffic import outbox

ROUND_S = 20.0
"""How often the auditor looks: one statement for each company."""

PATIENCE_S: Mapping[Kind, float] = {
    Kind.TIMER: 60,
    Kind.DECISION: 60,
    Kind.LADDER: 60,
    Kind.TASK: 600,
    Kind.DELIVERY: 600,
    Kind.OUTBOX: 600,
}
"""How late the oldest of a kind may be before somebody is told; what only waits in a queue may wait longer."""

IN_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.TIMER: ("timer", "timers"),
    Kind.DECISION: ("decision past its time", "decisions past their time"),
    Kind.LADDER: ("task whose next move is due", "tasks whose next move is due"),
    Kind.TASK: ("task that nobody begins", "tasks that nobody begins"),
    Kind.DELIVERY: ("delivery not dealt with", "deliveries not dealt with"),
    Kind.OUTBOX: ("message not sent", "messages not sent"),
}


@dataclass(slots=True)
class Auditor:
    """Looks again and again. What was the oldest of its kind at the last look and still is has not moved: a queue that
    is long, or a clock that catches up after an outage, moves from one look to the next. `unmoved` holds, by company,
    what the last look found so.
    """

    deployment: Deployment
    seen: dict[tuple[str, Kind], str] = field(default_factory=dict)
    unmoved: dict[str, Sequence[Overdue]] = field(default_factory=dict)

    def look(self) -> int:
        """One round over all companies; returns how many last resorts were told. Raises sqlalchemy's errors."""
        return sum(self._look_at(company) for company in self.deployment.businesses)

    def _look_at(self, company: str) -> bool:
        with self.deployment.database.transaction(company) as unit:
            late = [one for one in overdue(unit) if one.seconds > PATIENCE_S[one.kind]]
            unmoved = [one for one in late if self.seen.get((company, one.kind)) == one.first]
            self._remember(company, late)
            self.unmoved = self.unmoved | {company: unmoved}
            return bool(unmoved) and self._tell(unit, unmoved)

    def _remember(self, company: str, late: Sequence[Overdue]) -> None:
        others = {key: first for key, first in self.seen.items() if key[0] != company}
        self.seen = others | {(company, one.kind): one.first for one in late}

    def _tell(self, unit: Unit, unmoved: Sequence[Overdue]) -> bool:
        """Once a day: more would only bury the first."""
        dedupe = f"unmoved:{unit.now:%Y-%m-%d}"
        known = select(outbox.c.id).where(outbox.c.company == unit.company, outbox.c.dedupe == dedupe)
        if unit.connection.execute(known).first() is not None:
            return False
        person = self.deployment.businesses[unit.company].company.last_resort
        put(unit, Letter(Message.NOTICE, dedupe, person=person, details={"sentence": sentence(unmoved)}))
        return True


def sentence(unmoved: Sequence[Overdue]) -> str:
    """What the last resort reads."""
    found = "; ".join(counted(one) for one in unmoved)
    return f"Something should have moved and did not: {found}. Run chargehand doctor on the machine: it says why."


def counted(one: Overdue) -> str:
    """For example "3 timers, the oldest (lapse of decision 7) is 5 min late"."""
    word = IN_WORDS[one.kind][one.amount != 1]
    late = f"({one.first}) is {duration(int(one.seconds))} late"
    return f"{one.amount} {word}, the oldest {late}" if one.amount > 1 else f"1 {word} {late}"
