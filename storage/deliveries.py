"""What came in, kept before it is acknowledged, so that nothing that was answered with yes can be lost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update

from contracts.vocabulary import Became
from storage.database import Database, Unit
from storage.receipts import Receipts
from storage.tables.traffic import deliveries

FIRST_LOOK_S = 5
GIVE_UP_AFTER = 8

_RECEIVE = text(
    "insert into delivery (company, key, source, kind, body, answer, due_at) values "
    "(:company, :key, :source, :kind, cast(:body as jsonb), cast(:answer as jsonb), "
    "chargehand_now() + make_interval(secs => :look)) on conflict do nothing"
)


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
        return connection.execute(_RECEIVE, _values(delivery)).rowcount == 1


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
    return Delivery(row.company, row.key, row.source, row.kind, row.body, row.answer)


def handled(unit: Unit, key: str, *, became: Became, reference: str | None = None, why: str | None = None) -> None:
    """Say what a delivery turned into, in the transaction that did it."""
    unit.connection.execute(
        update(deliveries)
        .where(deliveries.c.company == unit.company, deliveries.c.key == key)
        .values(handled_at=unit.now, became=became, reference=reference, why=why)
    )


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
    """A source's deliveries that were not handled in time, each put off to its next look with growing pauses."""
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
        _put_off(unit, row.key, row.tries + 1)
    return [Delivery(row.company, row.key, row.source, row.kind, row.body, row.answer) for row in found]


def _put_off(unit: Unit, key: str, tries: int) -> None:
    last = tries >= GIVE_UP_AFTER
    unit.connection.execute(
        update(deliveries)
        .where(deliveries.c.company == unit.company, deliveries.c.key == key)
        .values(tries=tries, due_at=None if last else unit.now + timedelta(seconds=FIRST_LOOK_S * 2**tries))
    )
