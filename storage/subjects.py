"""One timeline for each subject across lanes: asked, changed, refused, and what was heard of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.dialects.postgresql import insert

from contracts.vocabulary import OPEN_DECISIONS, DecisionKind, Heard
from storage.database import Unit
from storage.inserting import inserted
from storage.tables.memory import subject_notes

_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN_DECISIONS))
_FACTS = text(
    """
    select (select count(*) from task where company = :company and subject = :subject and number <> :task) as asked,
        (select count(*) from task where company = :company and subject = :subject and number <> :task
            and state = 'refused') as refused,
        (select count(*) from subject_note where company = :company and subject = :subject
            and heard = 'corrected') as corrected,
        coalesce((select heard = 'opted_out' from subject_note where company = :company and subject = :subject
            and heard in ('opted_out', 'opted_in') order by id desc limit 1), false) as opted_out,
        count(e.key) as changed,
        extract(epoch from max(e.verified_at))::bigint as last_changed_at,
        extract(epoch from max(e.verified_at) filter (where e.tool = any(:contacts)))::bigint as last_contact_at
    from task t join effect e on e.company = t.company and e.task = t.number and e.state = 'verified'
    where t.company = :company and t.subject = :subject
    """
).bindparams(bindparam("contacts", type_=ARRAY(Text)))
_LINE = text(
    """
    select accepted_at as at, 'asked' as what, 'T-' || number || ' in ' || lane as sentence from task
        where company = :company and subject = :subject
    union all
    select ended_at, state, 'T-' || number || ' in ' || lane || ': ' || sentence from task
        where company = :company and subject = :subject and state in ('refused', 'failed', 'cancelled')
    union all
    select e.verified_at, 'changed', 'T-' || t.number || ' in ' || t.lane || ': ' || e.tool
        from task t join effect e on e.company = t.company and e.task = t.number and e.state = 'verified'
        where t.company = :company and t.subject = :subject
    union all
    select at, heard, source || ': ' || sentence from subject_note where company = :company and subject = :subject
    order by 1, 2, 3
    """
)


def awaiting(subject: str = ":subject") -> str:
    """The SQL that gives the tasks of which a decision on that subject is awaited; a part of larger statements, too."""
    return f"""select task from decision where company = :company and subject = {subject}
        and kind = '{DecisionKind.APPROVAL}' and state in ({_OPEN})"""  # noqa: S608 - words of our own


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a subject: `what` is asked, changed, refused, failed, cancelled, or a word of Heard."""

    at: datetime
    what: str
    sentence: str


def hear(unit: Unit, subject: str, heard: Heard, *, sentence: str, source: str, task: int | None = None) -> bool:
    """Put on a subject's timeline what was heard of it; True when this task had not said so before."""
    new = insert(subject_notes).values(
        company=unit.company, subject=subject, heard=heard, sentence=sentence, source=source, task=task, at=unit.now
    )
    return inserted(unit, new)


def facts_of(unit: Unit, subject: str, *, task: int, contacts: Sequence[str]) -> dict[str, Any]:
    """The timeline as facts, but for what `task` itself has asked; `contacts` are the effects that reach customers."""
    parameters = {"company": unit.company, "subject": subject, "task": task, "contacts": list(contacts)}
    return dict(unit.connection.execute(_FACTS, parameters).one()._mapping)


def timeline(unit: Unit, subject: str) -> list[Moment]:
    """All that happened to a subject, oldest first."""
    rows = unit.connection.execute(_LINE, {"company": unit.company, "subject": subject})
    return [Moment(row.at, row.what, row.sentence) for row in rows]


def subjects_like(unit: Unit, words: str, *, limit: int = 20) -> list[str]:
    """Subjects that tasks or notes name and that hold these words."""
    query = text(
        """select subject from (select subject from task where company = :company union
            select subject from subject_note where company = :company) s
        where position(lower(:words) in lower(subject)) > 0 order by 1 limit :limit"""
    )
    return list(unit.connection.execute(query, {"company": unit.company, "words": words, "limit": limit}).scalars())
