"""How long people took over a decision: from when they opened it to their answer, capped; a usual time where nobody saw."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Table, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.company import Attention
from storage.audit import Said, note
from storage.database import Unit
from storage.tables.business import companies
from storage.tables.deciding import attention
from storage.tables.incidents import incidents


class NotCorrected(ValueError):
    """The time can't be corrected so; `str()` is a sentence for who tried."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody says that a person really took, in seconds, and why."""

    decision: int
    person: str
    seconds: int
    because: str


def opened(unit: Unit, decision: int, task: int, person: str) -> None:
    """Somebody has begun to look at it; once they have, looking again begins nothing."""
    values = {"company": unit.company, "decision": decision, "person": person, "task": task}
    statement = insert(attention).values(**values, opened_at=unit.now)
    again = {"opened_at": func.coalesce(attention.c.opened_at, unit.now)}
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["company", "decision", "person"], set_=again)
    )


def answered(unit: Unit, decision: int, task: int, person: str) -> None:
    """Count what an answer took."""
    mine = _mine(unit, decision, person)
    begun = unit.connection.execute(select(attention.c.opened_at).where(mine)).scalar_one_or_none()
    declared = _declared(unit)
    seconds = declared.usual if begun is None else int((unit.now - begun).total_seconds())
    values = {"company": unit.company, "decision": decision, "person": person, "task": task}
    statement = insert(attention).values(**values, seconds=min(seconds, declared.most))
    more = {"seconds": attention.c.seconds + statement.excluded.seconds, "opened_at": None}
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["company", "decision", "person"], set_=more)
    )


def taken(unit: Unit, task: int) -> int:
    """All the seconds that people took over a task: to decide, and to put right what was wrong."""
    righting = case((incidents.c.withdrawn, 0), else_=incidents.c.correction_s)
    spent = (_sum(unit, attention, attention.c.seconds, task), _sum(unit, incidents, righting, task))
    found: int = unit.connection.execute(select(spent[0] + spent[1])).scalar_one()
    return int(found)


def _sum(unit: Unit, table: Table, seconds: "ColumnElement[int]", task: int) -> "ScalarSelect[int]":
    mine = (table.c.company == unit.company) & (table.c.task == task)
    return select(func.coalesce(func.sum(seconds), 0)).where(mine).scalar_subquery()


def correct(unit: Unit, correction: Correction, *, by: str) -> int:
    """Write what it really took, by the person themself; returns what was reckoned before. Raises NotCorrected."""
    if by != correction.person:
        raise NotCorrected("Only whoever took the time can say how long it was.")
    if not 0 <= correction.seconds <= 86400:
        raise NotCorrected("Say a time between nothing and a day.")
    mine = _mine(unit, correction.decision, correction.person)
    before: int | None = unit.connection.execute(select(attention.c.seconds).where(mine)).scalar_one_or_none()
    if before is None:
        raise NotCorrected(f"You have not answered decision {correction.decision}, so no time is reckoned there.")
    unit.connection.execute(update(attention).where(mine).values(seconds=correction.seconds, corrected_by=by))
    content = {"before": before, "after": correction.seconds, "because": correction.because}
    note(unit, f"decision:{correction.decision}", Said("minutes_corrected", f"person:{by}", content))
    return before


def _mine(unit: Unit, decision: int, person: str) -> Any:
    here = (attention.c.company == unit.company) & (attention.c.decision == decision)
    return here & (attention.c.person == person)


def _declared(unit: Unit) -> Attention:
    """The company's own times, as they were published last; durations stand there in seconds."""
    query = select(companies.c.declared["attention"]).where(companies.c.id == unit.company)
    kept = unit.connection.execute(query).scalar_one_or_none() or {}
    return Attention.model_construct(**{**Attention().model_dump(), **kept})
