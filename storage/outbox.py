"""Messages to be sent, written in the transaction of the change that they tell about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, or_, select, text, update

from contracts.vocabulary import Message, OutboxState
from storage.database import Unit
from storage.recordsets import as_json, inserting
from storage.replaced import id_of, recognise
from storage.tables.traffic import outbox
from storage.tables.work import tasks

LISTED = "listed"
"""Where a message on several decisions keeps in its details which: [{"decision": number, "saw": digest}, …]."""
_APART = timedelta(minutes=1)
"""So far Slack's clock and the record's may be apart."""
RESTORED = "restored"
"""Where a message keeps in its details that it may have gone out after the backup was made that its row comes from."""
URGENCY = {
    Message.CARD: 1,
    Message.QUESTION: 2,
    Message.REMINDER: 2,
    Message.NOTICE: 3,
    Message.INCIDENT: 3,
    Message.RESULT: 4,
    Message.TASK: 5,
    Message.DIGEST: 6,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What to tell, to whom: a person's DM, or (person None) the place where the task was asked for.

    Two letters with one `dedupe` are one message: the second makes the first be shown anew (an edit).
    """

    message: Message
    dedupe: str
    person: str | None = None
    task: int | None = None
    decision: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outbox row as the courier has claimed it."""

    id: int
    company: str
    message: Message
    person: str | None
    task: int | None
    decision: int | None
    details: dict[str, Any]
    state: OutboxState
    wanted: int
    tries: int
    team: str | None
    channel: str | None
    ts: str | None
    sending_at: datetime | None


_WANTED_AGAIN = """
    wanted = outbox.wanted + 1,
    due_at = case when outbox.state = 'pending' then outbox.due_at else chargehand_now() end,
    state = case when outbox.state in ('sending', 'unknown') then outbox.state else 'pending' end"""
# What is wanted once more may still have gone out unknown to its row.
_DETAILS = f"""excluded.details || case when outbox.details ? '{RESTORED}' then
    jsonb_build_object('{RESTORED}', outbox.details->'{RESTORED}') else '{{}}' end"""
_WRITTEN = ("company", "message", "dedupe", "person", "task", "decision", "details", "urgency")


def putting(where: str = "true") -> str:
    """The SQL that writes `:letters` (see `as_rows`), a part of larger statements, too."""
    rows = inserting(outbox, "letters", where=where, names=_WRITTEN)
    return f"{rows} on conflict (company, dedupe) do update set details = {_DETAILS}, {_WANTED_AGAIN}"


_PUT = text(putting())
_SHOW_AGAIN = text(
    f"""update outbox set {_WANTED_AGAIN}
    where company = :company and decision = :decision and message in ('card', 'question')"""  # noqa: S608 - our own words
)


def put(unit: Unit, *letters: Letter) -> None:
    """Write letters; if one with the same `dedupe` exists it is wanted once more, with what is true then.

    One that was postponed stays so: Slack said when it may be tried again.
    """
    if letters:
        unit.connection.execute(_PUT, {"letters": as_json(as_rows(unit, letters))})


def as_rows(unit: Unit, letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """The rows of letters, the last of each `dedupe`: one statement can't write a row twice."""
    return list({letter.dedupe: _row(unit, letter) for letter in letters}.values())


def _row(unit: Unit, letter: Letter) -> dict[str, Any]:
    return {
        "company": unit.company,
        "message": letter.message,
        "dedupe": letter.dedupe,
        "person": letter.person,
        "task": letter.task,
        "decision": letter.decision,
        "details": dict(letter.details),
        "urgency": URGENCY[letter.message],
    }


def show_again(unit: Unit, *, decision: int) -> None:
    """Have every copy of a decision's card, and every question asked back, edited to what is true when it is sent."""
    unit.connection.execute(_SHOW_AGAIN, {"company": unit.company, "decision": decision})


_live = outbox.alias("live")
# A result stands in the thread of its live message. Were it taken before that, hundreds of them, being more urgent,
# would come round and round and keep the very messages from their turn that they wait for.
_HANGS_ON_WHAT_IS_STILL_TO_COME = (outbox.c.message == Message.RESULT) & exists().where(
    _live.c.company == outbox.c.company,
    _live.c.task == outbox.c.task,
    _live.c.message == Message.TASK,
    _live.c.ts.is_(None),
    _live.c.state.in_([OutboxState.PENDING, OutboxState.SENDING]),
)


def take(unit: Unit, *, limit: int, doubt_after_s: float = 10.0) -> list[Outgoing]:
    """Claim messages that are due, most urgent first, as `sending`; the caller commits before it sends.

    One that was already `sending` (its courier is gone, or the outcome of its call is unknown) comes back with that
    state after `doubt_after_s`: whether it arrived must be looked up before it is posted again. A result waits for its
    task's live message. Raises storage.replaced.Replaced.
    """
    doubtful = (outbox.c.state == "sending") & (outbox.c.sending_at < unit.now - timedelta(seconds=doubt_after_s))
    due = select(outbox, id_of("outbox")).where(
        outbox.c.company == unit.company,
        outbox.c.due_at <= unit.now,
        or_(outbox.c.state == "pending", doubtful),
        ~_HANGS_ON_WHAT_IS_STILL_TO_COME,
    )
    urgent = due.order_by(outbox.c.urgency, outbox.c.due_at, outbox.c.id).limit(limit)
    rows = unit.connection.execute(urgent.with_for_update(skip_locked=True)).all()
    if rows:
        recognise(unit, "outbox", rows[0].table_id)
    found = [_outgoing(row) for row in rows]
    _update(unit, [one.id for one in found], state=OutboxState.SENDING, sending_at=unit.now, tries=outbox.c.tries + 1)
    return found


def _outgoing(row: Any) -> Outgoing:
    values = {field.name: getattr(row, field.name) for field in fields(Outgoing)}
    return Outgoing(**{**values, "message": Message(row.message), "state": OutboxState(row.state)})


def put_in_doubt(unit: Unit, *, written_until: datetime | None) -> int:
    """Have what is still to be sent looked up before, since it may have gone out unknown to this record; how many that are.

    Only what was written until then, if that is known. An edit in Slack is no matter: it is repeated.
    """
    on_its_way = outbox.c.state.in_([OutboxState.PENDING, OutboxState.SENDING])
    mine = (outbox.c.company == unit.company) & on_its_way & or_(outbox.c.ts.is_(None), outbox.c.team == "mail")
    if written_until is not None:
        mine &= outbox.c.created_at <= written_until
    mark = outbox.c.details.op("||")(func.jsonb_build_object(RESTORED, unit.now.isoformat()))
    since = func.coalesce(outbox.c.sending_at, outbox.c.created_at)
    doubted = update(outbox).where(mine).values(state=OutboxState.SENDING, sending_at=since, tries=0, details=mark)
    return unit.connection.execute(doubted).rowcount


def on_its_way(unit: Unit) -> int:
    """How many messages are still to be sent, or their fate to be known."""
    waiting = outbox.c.state.in_([OutboxState.PENDING, OutboxState.SENDING])
    query = select(func.count()).select_from(outbox).where(outbox.c.company == unit.company, waiting)
    count: int = unit.connection.execute(query).scalar_one()
    return count


def is_being_sent(unit: Unit, person: str, messages: Sequence[Message]) -> bool:
    """Whether one of such messages to somebody may have arrived without its place being recorded."""
    theirs = (outbox.c.company == unit.company) & (outbox.c.person == person) & outbox.c.message.in_(messages)
    query = exists().where(theirs, outbox.c.state == OutboxState.SENDING, outbox.c.ts.is_(None))
    return bool(unit.connection.execute(select(query)).scalar_one())


def is_task_being_told(unit: Unit, requester: str, *, at: datetime) -> bool:
    """Whether what stands in Slack since then may be the message of a task of theirs, whose place is not recorded yet."""
    theirs = (tasks.c.company == unit.company) & (tasks.c.number == outbox.c.task) & (tasks.c.requester == requester)
    told = (outbox.c.company == unit.company) & (outbox.c.message == Message.TASK) & outbox.c.ts.is_(None)
    out = (outbox.c.state == OutboxState.SENDING) & (outbox.c.sending_at <= at + _APART)
    query = exists().where(told, out, exists().where(theirs))
    return bool(unit.connection.execute(select(query)).scalar_one())


def was_asked(unit: Unit, decision: int, person: str) -> bool:
    """Whether a card or a question of a decision was ever written to somebody."""
    theirs = (outbox.c.company == unit.company) & (outbox.c.decision == decision) & (outbox.c.person == person)
    query = exists().where(theirs, outbox.c.message.in_([Message.CARD, Message.QUESTION]))
    return bool(unit.connection.execute(select(query)).scalar_one())


def sent(unit: Unit, letter: Outgoing, *, team: str, channel: str, ts: str, shown_digest: str | None) -> None:
    """The message stands at (team, channel, ts); if it was wanted anew meanwhile, it is pending again."""
    first_of_task = letter.message is Message.TASK and letter.ts is None
    shown = 1 if first_of_task else letter.wanted  # the first post of a task tells that it was accepted, and no more
    newer = case((outbox.c.wanted > shown, OutboxState.PENDING.value), else_=OutboxState.SENT.value)
    place = {"team": team, "channel": channel, "ts": ts, "shown_digest": shown_digest}
    _update(unit, [letter.id], state=newer, sent_at=unit.now, tries=0, error=None, **place)


def postpone(unit: Unit, letter: Outgoing, *, until: datetime, why: str, counts: bool = True) -> None:
    """Nothing was sent (it was refused at that moment): try again at `until`; what only waited gets its try back."""
    tries = outbox.c.tries if counts else outbox.c.tries - 1
    _update(unit, [letter.id], state=OutboxState.PENDING, due_at=until, error=why, tries=tries)


def doubt(unit: Unit, letter: Outgoing, *, team: str, channel: str, why: str) -> None:
    """Nobody knows whether it arrived: it stays `sending`, and is looked up there once enough time has passed."""
    _update(unit, [letter.id], state=OutboxState.SENDING, team=team, channel=channel, error=why)


def give_up(unit: Unit, letter: Outgoing, *, state: OutboxState, why: str) -> None:
    """End a message that can't be sent here (`failed`), or of which nobody will ever know (`unknown`)."""
    _update(unit, [letter.id], state=state, error=why)


def _update(unit: Unit, ids: Sequence[int], **values: Any) -> None:
    if ids:
        wanted = update(outbox).where(outbox.c.company == unit.company, outbox.c.id.in_(ids))
        unit.connection.execute(wanted.values(**values))
