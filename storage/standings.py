"""Keeps how units stand, and reads those that do not simply get work, also as a part of another statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.standing import Stand
from contracts.vocabulary import Standing
from storage.database import Unit
from storage.tables.standing import standings

_COLUMNS = ("unit", "standing", "by", "because", "share", "tier")
_READ = (*_COLUMNS, "stage")
NOT_ACTIVE = (
    select(func.jsonb_agg(func.jsonb_build_object(*(part for name in _READ for part in (name, standings.c[name])))))
    .where(
        standings.c.company == bindparam("company"),
        (standings.c.standing != Standing.ACTIVE) | standings.c.stage.is_not(None),
    )
    .scalar_subquery()
)
"""A JSON list of every unit of `:company` that is not active or not at its declared stage, or null: one look for a whole statement."""


def stands_of(found: list[dict[str, Any]] | None) -> dict[str, Stand]:
    """What NOT_ACTIVE found, by unit."""
    return {one["unit"]: Stand(**{**one, "standing": Standing(one["standing"])}) for one in found or ()}


def stands(unit: Unit) -> dict[str, Stand]:
    """Every unit of the company that is not active, by name."""
    return stands_of(unit.connection.execute(select(NOT_ACTIVE), {"company": unit.company}).scalar_one())


def known(unit: Unit) -> Mapping[str, tuple[Stand, datetime]]:
    """Every unit whose standing was ever said, with since when."""
    rows = unit.connection.execute(select(standings).where(standings.c.company == unit.company))
    return {row.unit: (_stand(row), row.since) for row in rows}


def stand_of(unit: Unit, name: str, *, lock: bool = False) -> Stand | None:
    """How a unit was last said to stand; locked against a change until the transaction ends, if asked."""
    query = select(standings).where(standings.c.company == unit.company, standings.c.unit == name)
    row = unit.connection.execute(query.with_for_update(read=True) if lock else query).one_or_none()
    return _stand(row) if row is not None else None


def _stand(row: Any) -> Stand:
    return Stand(**{name: getattr(row, name) for name in _READ} | {"standing": Standing(row.standing)})


def keep(unit: Unit, stand: Stand, *, only_new: bool = False) -> bool:
    """Keep how a unit stands from now on; with `only_new` only where nothing was said before. True when it was kept."""
    values = {name: getattr(stand, name) for name in _COLUMNS if name != "unit"} | {"since": unit.now}
    statement = insert(standings).values(company=unit.company, unit=stand.unit, **values)
    if only_new:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(index_elements=["company", "unit"], set_=values)
    return unit.connection.execute(statement.returning(standings.c.unit)).first() is not None


def keep_stage(unit: Unit, name: str, stage: int | None, *, by: str, because: str) -> None:
    """Keep the stage that a lane is left, whatever its standing; None is the one that its file declares."""
    values = {"standing": Standing.ACTIVE, "by": by, "because": because, "since": unit.now, "stage": stage}
    statement = insert(standings).values(company=unit.company, unit=name, **values)
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["company", "unit"], set_={"stage": stage}))
