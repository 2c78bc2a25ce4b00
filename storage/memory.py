"""The memory pad: short current beliefs of a company, a lane or a subject, each with its source, confidence and expiry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, text, update

from contracts.canonical import canonical
from contracts.vocabulary import BeliefKind
from storage.database import Unit
from storage.tables.memory import beliefs

LONGEST_TOPIC = 120
LARGEST_VALUE = 2000
MOST_IN_A_SCOPE = 64
COMPANY = "company"
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:pad, 0))")


class NotBelievable(ValueError):
    """This can't be kept on the pad; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is held true: `value` is JSON, `confidence` from 0 to 1, `source` such as "T-1042, search" or a person's id.

    `scope` is "company", "lane:NAME" or "subject:TEXT"; without `expires_at` it stands until it is superseded.
    """

    scope: str
    topic: str
    kind: BeliefKind
    value: Any
    source: str
    confidence: float
    expires_at: datetime | None
    task: int | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.topic) <= LONGEST_TOPIC:
            raise NotBelievable(f"a topic has 1 to {LONGEST_TOPIC} characters")
        if not 0 <= self.confidence <= 1:
            raise NotBelievable(f"confidence is between 0 and 1, and not {self.confidence}")
        if len(canonical(self.value)) > LARGEST_VALUE:
            raise NotBelievable(
                f"{self.topic}: a belief is at most {LARGEST_VALUE} bytes; save an artifact and note its name"
            )


def remember(unit: Unit, belief: Belief) -> None:
    """Write a belief in the place of the one on its topic; the oldest observation of a full scope is let go."""
    unit.connection.execute(_LOCK, {"pad": f"{unit.company}/pad/{belief.scope}"})
    values = {name: getattr(belief, name) for name in Belief.__slots__ if name != "at"}
    new = insert(beliefs).values(company=unit.company, **values, at=unit.now).returning(beliefs.c.id)
    number = unit.connection.execute(new).scalar_one()
    same = _on(unit, belief.scope) & (beliefs.c.topic == belief.topic) & (beliefs.c.id != number)
    unit.connection.execute(update(beliefs).where(same).values(superseded_by=number))
    _let_go(unit, belief.scope)


def current(unit: Unit, scopes: Sequence[str], *, topic: str | None = None) -> list[Belief]:
    """What is believed now in any of the scopes, the newest first: nothing that is superseded, expired or erased."""
    mine = (beliefs.c.company == unit.company) & beliefs.c.scope.in_(scopes) & _stands(unit)
    if topic is not None:
        mine = mine & (beliefs.c.topic == topic)
    rows = unit.connection.execute(select(beliefs).where(mine).order_by(beliefs.c.id.desc()))
    return [_belief(row) for row in rows]


def _belief(row: Any) -> Belief:
    values = {name: getattr(row, name) for name in Belief.__slots__}
    return Belief(**{**values, "kind": BeliefKind(row.kind)})


def _on(unit: Unit, scope: str) -> ColumnElement[bool]:
    return (beliefs.c.company == unit.company) & (beliefs.c.scope == scope) & beliefs.c.superseded_by.is_(None)


def _stands(unit: Unit) -> ColumnElement[bool]:
    lasting = beliefs.c.expires_at.is_(None) | (beliefs.c.expires_at > unit.now)
    return beliefs.c.superseded_by.is_(None) & lasting & beliefs.c.value.is_not(None)


def _let_go(unit: Unit, scope: str) -> None:
    """Observations go first, the oldest of them: what people decided and want is not crowded out by what was seen."""
    seen_last = (beliefs.c.kind == BeliefKind.OBSERVATION).asc()
    kept = select(beliefs.c.id).where(_on(unit, scope) & _stands(unit)).order_by(seen_last, beliefs.c.id.desc())
    over = kept.offset(MOST_IN_A_SCOPE).scalar_subquery()
    mine = (beliefs.c.company == unit.company) & beliefs.c.id.in_(over)
    unit.connection.execute(update(beliefs).where(mine).values(expires_at=unit.now))
