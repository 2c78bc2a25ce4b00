"""What checks from outside may ask of a deployment under test; none of it exists without CHARGEHAND_TEST."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping, select, text

from contracts.vocabulary import OPEN_DECISIONS, Answer, Became, OutboxState, TaskState
from gateway.clock import Clock
from storage.database import Database
from storage.tables.letters import letters
from storage.tables.traffic import deliveries

_STATES = text("select kind, word, amount from state_counts()")
_STUCK = text("select count(*) from stuck_tasks()")
_MOVE = text("select set_test_clock(:seconds)")
_FURTHEST_S = 10 * 365 * 86400


class Move(BaseModel):
    """How far `chargehand_now()` is put ahead of the true time, in seconds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    offset_s: Annotated[float, Field(ge=-_FURTHEST_S, le=_FURTHEST_S)]


def routes(database: Database, companies: Iterable[str], clock: Clock) -> APIRouter:
    """The three routes under /api/v1/test. They are plain functions: FastAPI runs them in its own threads."""
    router = APIRouter(prefix="/api/v1/test")
    router.add_api_route("/state", _state(database))
    router.add_api_route("/deliveries", _delivery(database, tuple(companies)))
    router.add_api_route("/clock", _move(database, clock), methods=["POST"])
    return router


def _state(database: Database) -> Callable[[], dict[str, Any]]:
    def state() -> dict[str, Any]:
        with database.unbound() as connection:
            counted = {(row.kind, row.word): row.amount for row in connection.execute(_STATES)}
            stuck = connection.execute(_STUCK).scalar_one()
        return {
            "tasks": {word: counted.get(("task", word), 0) for word in TaskState},
            "decisions": sum(counted.get(("decision", word), 0) for word in OPEN_DECISIONS),
            "outbound": {word: counted.get(("outbox", word), 0) for word in OutboxState},
            "stuck": stuck,
        }

    return state


def _delivery(database: Database, companies: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    def delivery(message_id: str | None = None, event_id: str | None = None) -> dict[str, Any]:
        wanted = message_id or event_id or ""
        rows = (row for company in companies for row in _rows(database, company, wanted))
        return _told(next(rows, None))

    return delivery


def _rows(database: Database, company: str, wanted: str) -> Sequence[RowMapping]:
    """The deliveries of that event or letter, with or without its angle brackets; copies come last."""
    keys = [wanted, f"slack:event:{wanted}", f"slack:trigger:{wanted}"]
    named = letters.c.message_id.in_([wanted, f"<{wanted}>"])
    digests = select(letters.c.digest).where(letters.c.company == company, named)
    found = deliveries.c.key.in_(keys) | deliveries.c.body["letter"].astext.in_(digests)
    query = select(deliveries).where(deliveries.c.company == company, found)
    copies_last = (deliveries.c.became.in_([Became.QUARANTINE, Became.IGNORED]), deliveries.c.received_at)
    with database.transaction(company) as unit:
        return list(unit.connection.execute(query.order_by(*copies_last)).mappings())


def _told(row: RowMapping | None) -> dict[str, Any]:
    if row is None:
        return {"known": False, "task": None, "decision": None, "became": None, "why": None}
    reference = row["reference"] or ""
    word = reference.partition(":")[0]
    return {
        "known": True,
        "task": reference if reference.startswith("T-") else None,
        "decision": word if word in (Answer.APPROVE, Answer.REJECT) else None,
        "became": row["became"],
        "why": row["why"],
    }


def _move(database: Database, clock: Clock) -> Callable[[Move], dict[str, float]]:
    def move(wanted: Move) -> dict[str, float]:
        with database.unbound() as connection:
            connection.execute(_MOVE, {"seconds": wanted.offset_s})
        clock.set_by(database)
        return {"offset_s": wanted.offset_s}

    return move
