"""What came in, kept before it is acknowledged, so that nothing that was answered with yes can be lost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, text, update

from contracts.vocabulary import Became, Message
from storage.database import Database, Unit
from storage.outbox import Letter, put
from storage.pipeline import Sendable, count_of
from storage.receipts import Receipts
from storage.tables.business import companies
from storage.tables.traffic import deliveries

FIRST_LOOK_S = 5
GIVE_UP_AFTER = 8

_RECEIVE = text(
    "insert into delivery (company, key, source, kind, body, answer, due_at) values "
    "(:company, :key, :source, :kind, cast(:body as jsonb), cast(:answer as jsonb), "
    "chargehand_now() + make_interval(secs => :look)) on conflict do nothing"
)
_RECEIVE_ALONE = Sendable(_RECEIVE)
# The keys stand there once more, as a list: joined only to what came as JSON, the database has no idea how few they are.
BECOMING_TASKS = """update delivery set handled_at = :now, became = :became, reference = 'T-' || w.number, why = null
    from wanted w where delivery.company = :company and delivery.key = any(array(select delivery from wanted))
    and delivery.key = w.delivery"""
"""Says of deliveries which task of `wanted` they became, as a part of larger statements; see `handled`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that came in: `key` is the same for every copy of it, `body` is JSON, `answer` what was said to it."""

    company: str
    key: str
    source: str
    kind: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None


def receive(database: Database | Receipts, delivery: Delivery) -> bool:
    """Keep a delivery in one statement of its own; False when it was already kept. Raises when nothing was kept."""
    with database.autocommit() as connection:
        return count_of(connection, (_RECEIVE_ALONE, _values(delivery))) == 1


def keep(unit: Unit, delivery: Delivery) -> bool:
    """Keep a delivery in the caller's transaction, with what belongs to it; False when it was already kept."""
    return unit.connection.execute(_RECEIVE, _values(delivery)).rowcount == 1


def _values(delivery: Delivery) -> dict[str, Any]:
    return {
        "company": delivery.company,
        "key": delivery.key,
        "source": delivery.source,
        "kind": delivery.kind,
        "body": json.dumps(delivery.body),
        "answer": json.dumps(delivery.answer) if delivery.answer is not None else None,
        "look": FIRST_LOOK_S,
    }


def find(unit: Unit, key: str) -> Delivery | None:
    """The kept delivery of that key."""
    row = unit.connection.execute(
        select(deliveries).where(deliveries.c.company == unit.company, deliveries.c.key == key)
    ).one_or_none()
    if row is None:
        return None
    return _delivery(row)


def handled(unit: Unit, key: str, *, became: Became, reference: str | None = None, why: str | None = None) -> None:
    """Say what a delivery turned into, in the transaction that did it."""
    unit.connection.execute(
        update(deliveries)
        .where(deliveries.c.company == unit.company, deliveries.c.key == key)
        .values(handled_at=unit.now, became=became, reference=reference, why=why)
    )


def answered_so_far(unit: Unit, key: str) -> dict[str, Any]:
    """What was kept of its answer already, by part; a delivery of several parts is handled one by one."""
    mine = (deliveries.c.company == unit.company) & (deliveries.c.key == key)
    return unit.connection.execute(select(deliveries.c.answer).where(mine)).scalar_one_or_none() or {}


def answer_part(unit: Unit, key: str, part: str, said: Mapping[str, Any]) -> None:
    """Keep the answer to one part of a delivery that the caller has locked, in the transaction of that part's change."""
    mine = (deliveries.c.company == unit.company) & (deliveries.c.key == key)
    kept = {**answered_so_far(unit, key), part: dict(said)}
    unit.connection.execute(update(deliveries).where(mine).values(answer=kept))


def is_handled(unit: Unit, key: str) -> bool:
    """Whether a delivery has been dealt with."""
    done = select(deliveries.c.handled_at).where(deliveries.c.company == unit.company, deliveries.c.key == key)
    return unit.connection.execute(done).scalar_one_or_none() is not None


def begin_handling(unit: Unit, key: str) -> bool:
    """Lock a delivery until the transaction ends; False when it has been dealt with, perhaps just now by another."""
    mine = (deliveries.c.company == unit.company) & (deliveries.c.key == key)
    query = select(deliveries.c.handled_at).where(mine).with_for_update()
    row = unit.connection.execute(query).one_or_none()
    return row is not None and row.handled_at is None


def overdue(unit: Unit, *, source: str, limit: int) -> list[Delivery]:
    """A source's deliveries that were not handled in time, each put off to its next look with growing pauses.

    One that was looked at often enough is left alone from then on, and the company's operator is told of it.
    """
    due = (
        select(deliveries)
        .where(
            deliveries.c.company == unit.company,
            deliveries.c.source == source,
            deliveries.c.handled_at.is_(None),
            deliveries.c.due_at <= unit.now,
        )
        .order_by(deliveries.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(unit.connection.execute(due))
    for row in found:
        again = row.tries < GIVE_UP_AFTER
        _look(unit, row.key, tries=row.tries + 1, due_at=unit.now + _pause(row.tries + 1) if again else None)
        if not again:
            _tell_operator(unit, row)
    return [_delivery(row) for row in found if row.tries < GIVE_UP_AFTER]


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=FIRST_LOOK_S * 2**tries)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.company, row.key, row.source, row.kind, row.body, row.answer)


def _look(unit: Unit, key: str, *, tries: int, due_at: datetime | None) -> bool:
    """Say when it is looked at next; False when there is nothing of that key to look at."""
    mine = (deliveries.c.company == unit.company) & (deliveries.c.key == key) & deliveries.c.handled_at.is_(None)
    return unit.connection.execute(update(deliveries).where(mine).values(tries=tries, due_at=due_at)).rowcount == 1


def _tell_operator(unit: Unit, row: Row[Any]) -> None:
    last_resort = select(companies.c.declared["last_resort"].astext).where(companies.c.id == unit.company)
    sentence = (
        f"What came in by {row.source} at {row.received_at:%Y-%m-%d %H:%M} UTC ({row.kind}) could not be handled in "
        f"{row.tries} tries and is left. Once its cause is mended: chargehand deliveries --retry {row.key}"
    )
    operator: str | None = unit.connection.execute(last_resort).scalar_one_or_none()
    if operator is not None:
        put(unit, Letter(Message.NOTICE, f"left:{row.key}", person=operator, details={"sentence": sentence}))


@dataclass(frozen=True, slots=True)
class Unhandled:
    """A delivery of which nothing has come yet; `due_at` is its next look, None once it is left alone."""

    key: str
    source: str
    kind: str
    received_at: datetime
    tries: int
    due_at: datetime | None


def unhandled(unit: Unit, *, limit: int) -> list[Unhandled]:
    """The oldest deliveries of which nothing has come yet."""
    columns = [deliveries.c[name] for name in Unhandled.__slots__]
    mine = (deliveries.c.company == unit.company) & deliveries.c.handled_at.is_(None)
    query = select(*columns).where(mine).order_by(deliveries.c.received_at).limit(limit)
    return [Unhandled(*row) for row in unit.connection.execute(query)]


def look_again(unit: Unit, key: str) -> bool:
    """Have a delivery looked at as if it had just come; False when there is none, or it has been dealt with."""
    return _look(unit, key, tries=0, due_at=unit.now)
