"""Where messages stand that others hang on: the thread of a result, the card of a reminder."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select, text

from contracts.vocabulary import Message, OutboxState
from storage.database import Unit
from storage.outbox import Outgoing
from storage.tables.traffic import outbox

_ON_ITS_WAY = frozenset({OutboxState.PENDING, OutboxState.SENDING})


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours, posted or not: `ts` is None until it stands in Slack."""

    team: str | None
    channel: str | None
    ts: str | None
    on_its_way: bool


def live_message(unit: Unit, task: int) -> Post | None:
    """The live message of a task; one of which nobody knows whether it arrived does not count."""
    return _post(unit, (outbox.c.task == task) & (outbox.c.message == Message.TASK))


def card_of(unit: Unit, decision: int, person: str) -> Post | None:
    """A person's card of a decision."""
    mine = (outbox.c.decision == decision) & (outbox.c.person == person)
    return _post(unit, mine & (outbox.c.message == Message.CARD))


def _post(unit: Unit, which: ColumnElement[bool]) -> Post | None:
    known = (outbox.c.company == unit.company) & (outbox.c.state != OutboxState.UNKNOWN)
    row = unit.connection.execute(select(outbox).where(known, which).order_by(outbox.c.id.desc()).limit(1)).first()
    return Post(row.team, row.channel, row.ts, row.state in _ON_ITS_WAY) if row else None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record knows of a claimed row besides its claim.

    `possible_since` is Slack's time (epoch seconds) since when the message can exist there: the database's real clock,
    less the row's age. The row's own times may have been moved by a test's clock, Slack's have not.
    """

    shown_digest: str | None
    possible_since: float


_MARGIN = timedelta(seconds=60)


def kept(unit: Unit, letter: Outgoing) -> Kept:
    """Read it; the row exists, for it was just claimed."""
    mine = (outbox.c.company == unit.company) & (outbox.c.id == letter.id)
    query = select(outbox.c.shown_digest, outbox.c.created_at, text("clock_timestamp() as real_now")).where(mine)
    row = unit.connection.execute(query).one()
    return Kept(row.shown_digest, (row.real_now - (unit.now - row.created_at) - _MARGIN).timestamp())
