"""The items of a step that is done for each of a list: one row each, so that a crash repeats none that is settled."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from contracts.vocabulary import ItemState
from storage.database import Unit
from storage.tables.work import items


@dataclass(frozen=True, slots=True)
class Item:
    """One item: `ordinal` is its place in the list, from 1; `rule` is the requirement that refused it, if one did."""

    ordinal: int
    item: Any
    state: ItemState = ItemState.PENDING
    output: dict[str, Any] | None = None
    rule: str = ""
    sentence: str = ""
    tries: int = 0


_NAMES = tuple(field.name for field in fields(Item))


def of_step(unit: Unit, task: int, step: str, round_: int) -> list[Item]:
    """The items of a step, in the order of the list; none before it was begun, for the first time or anew."""
    mine = (items.c.company == unit.company) & (items.c.task == task) & (items.c.step == step)
    query = select(items).where(mine, items.c.round == round_).order_by(items.c.ordinal)
    rows = unit.connection.execute(query)
    return [Item(**{name: getattr(row, name) for name in _NAMES} | {"state": ItemState(row.state)}) for row in rows]


def keep(unit: Unit, task: int, step: str, round_: int, changed: Sequence[Item]) -> None:
    """Write items as they are now."""
    place = {"company": unit.company, "task": task, "step": step, "round": round_, "at": unit.now}
    rows = [{**place, **{name: getattr(one, name) for name in _NAMES}} for one in changed]
    statement = insert(items)
    now = {name: statement.excluded[name] for name in (*_NAMES[2:], "at")}
    keys = ["company", "task", "step", "round", "ordinal"]
    unit.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=now), rows)
