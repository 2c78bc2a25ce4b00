"""Letters that came in, what they may answer, what they leave unfinished, and which addresses are dead."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from storage.audit import Said, note
from storage.database import Unit
from storage.inserting import inserted
from storage.tables.letters import auto_answers, letters, mail_drafts, mail_tokens, undeliverable


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A request by letter that is not complete yet; `thread` is its first letter's Message-ID."""

    thread: str
    person: str
    lane: str
    values: Mapping[str, Any]
    asked_at: datetime
    task: int | None


def keep_letter(unit: Unit, raw: bytes, *, from_address: str | None, message_id: str | None) -> str:
    """Keep a letter as it came; its digest (sha256 of the bytes, hex), under which a second copy is the same letter."""
    digest = hashlib.sha256(raw).hexdigest()
    values = {"raw": raw, "received_at": unit.now, "from_address": from_address, "message_id": message_id}
    unit.connection.execute(
        insert(letters).values(company=unit.company, digest=digest, **values).on_conflict_do_nothing()
    )
    return digest


def raw_letter(unit: Unit, digest: str) -> bytes | None:
    """The letter's bytes."""
    query = select(letters.c.raw).where(letters.c.company == unit.company, letters.c.digest == digest)
    found = unit.connection.execute(query).scalar_one_or_none()
    return bytes(found) if found is not None else None


def keep_token(unit: Unit, token_hash: str, *, decision: int, person: str) -> None:
    """Remember that this token was handed out; handing it out again changes nothing."""
    values = {"token_hash": token_hash, "decision": decision, "person": person, "made_at": unit.now}
    unit.connection.execute(insert(mail_tokens).values(company=unit.company, **values).on_conflict_do_nothing())


def token_is_open(unit: Unit, token_hash: str) -> bool:
    """Whether the token was handed out and has not been used up."""
    mine = (mail_tokens.c.company == unit.company) & (mail_tokens.c.token_hash == token_hash)
    query = select(mail_tokens.c.token_hash).where(mine, mail_tokens.c.used_at.is_(None))
    return unit.connection.execute(query).first() is not None


def use_up_token(unit: Unit, token_hash: str) -> bool:
    """Use it up; False when it was used before or never handed out."""
    mine = (mail_tokens.c.company == unit.company) & (mail_tokens.c.token_hash == token_hash)
    used = update(mail_tokens).where(mine, mail_tokens.c.used_at.is_(None)).values(used_at=unit.now)
    return unit.connection.execute(used).rowcount == 1


def mail_draft(unit: Unit, thread: str) -> MailDraft | None:
    """The unfinished request of a thread."""
    mine = (mail_drafts.c.company == unit.company) & (mail_drafts.c.thread == thread)
    row = unit.connection.execute(select(mail_drafts).where(mine)).one_or_none()
    return MailDraft(row.thread, row.person, row.lane, row._mapping["values"], row.asked_at, row.task) if row else None


def keep_mail_draft(unit: Unit, draft: MailDraft) -> None:
    """Keep what a thread has said so far, in place of what it had said before."""
    changed = {"values": dict(draft.values), "task": draft.task}
    fixed = {"thread": draft.thread, "person": draft.person, "lane": draft.lane, "asked_at": draft.asked_at}
    statement = insert(mail_drafts).values(company=unit.company, **fixed, **changed)
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["company", "thread"], set_=changed))


def is_undeliverable(unit: Unit, address: str) -> bool:
    """Whether letters to that address are known to come back."""
    mine = (undeliverable.c.company == unit.company) & (undeliverable.c.address == address.lower())
    return unit.connection.execute(select(undeliverable.c.address).where(mine)).first() is not None


def mark_undeliverable(unit: Unit, address: str, why: str) -> None:
    """Remember that letters to that address come back; noted when new."""
    new = insert(undeliverable).values(company=unit.company, address=address.lower(), since=unit.now, why=why)
    if inserted(unit, new):
        note(unit, "mail", Said("address_undeliverable", "courier", {"address": address.lower(), "why": why}))


def may_answer_automatically(unit: Unit, address: str, *, every: timedelta) -> bool:
    """Whether an automatic answer to that address is due (at most one in `every`); if so, it counts as given now.

    RFC 3834 2: a responder answers the same sender only once in a period of days.
    """
    statement = insert(auto_answers).values(company=unit.company, address=address.lower(), last_at=unit.now)
    late_enough = auto_answers.c.last_at <= unit.now - every
    statement = statement.on_conflict_do_update(
        index_elements=["company", "address"], set_={"last_at": unit.now}, where=late_enough
    )
    return unit.connection.execute(statement.returning(auto_answers.c.address)).first() is not None
