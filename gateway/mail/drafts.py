"""Finds the unfinished request that a letter goes on with, and the task that its thread already became."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage.database import Unit
from storage.letters import MailDraft, mail_draft
from storage.tables.traffic import outbox


@dataclass(frozen=True, slots=True)
class Thread:
    """What a thread holds so far: a request that is not complete, or the number of the task that it became."""

    draft: MailDraft | None
    task: int | None


def thread_of(unit: Unit, answered: Sequence[str], *, person: str, lane: str) -> Thread:
    """What the letters with those message ids began, as far as it is this person's and this lane's."""
    names = [*reversed(answered), *_begun_by_our_letters(unit, answered)]
    drafts = [found for name in names if (found := mail_draft(unit, name))]
    mine = [one for one in drafts if one.person == person and one.lane == lane]
    open_one = next((one for one in mine if one.task is None), None)
    became = next((one.task for one in mine if one.task is not None), None) or _task(unit, answered)
    return Thread(open_one, became)


def _begun_by_our_letters(unit: Unit, answered: Sequence[str]) -> list[str]:
    """A letter without a Message-ID is only known by our question that its writer answers."""
    mine = (outbox.c.company == unit.company) & (outbox.c.team == "mail") & outbox.c.ts.in_(answered)
    found = unit.connection.execute(select(outbox.c.details).where(mine)).scalars()
    return [str(details["draft"]) for details in found if details.get("draft")]


def _task(unit: Unit, answered: Sequence[str]) -> int | None:
    mine = (outbox.c.company == unit.company) & (outbox.c.team == "mail") & outbox.c.ts.in_(answered)
    query = select(outbox.c.task).where(mine, outbox.c.task.is_not(None)).limit(1)
    found: int | None = unit.connection.execute(query).scalar_one_or_none()
    return found
