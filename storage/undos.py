"""Effects that can be taken back, and those that have been: by another effect, which names the one that it undoes."""

from sqlalchemy import exists, func, select

from contracts.vocabulary import EffectState
from storage.database import Unit
from storage.tables.work import effects

_undo = effects.alias("undo")
_of_the_same_task = (_undo.c.company == effects.c.company) & (_undo.c.task == effects.c.task)
UNDONE = exists().where(_of_the_same_task, _undo.c.undoes == effects.c.key, _undo.c.state == EffectState.VERIFIED)
"""Whether an effect has been taken back, as read back from the world."""


def to_take_back(unit: Unit, task: int, ends: str) -> list[str]:
    """The keys of what is taken back before a task ends so, the newest first."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task) & (effects.c.state == EffectState.VERIFIED)
    query = select(effects.c.key).where(mine, effects.c.undo.contains({"after": [ends]}), ~UNDONE)
    newest_first = query.order_by(effects.c.intended_at.desc(), effects.c.key.desc())
    return list(unit.connection.execute(newest_first).scalars())


def tries_of(unit: Unit, task: int, key: str) -> int:
    """How often an effect of a task was tried to be taken back."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task) & (effects.c.undoes == key)
    count: int = unit.connection.execute(select(func.count()).select_from(effects).where(mine)).scalar_one()
    return count
