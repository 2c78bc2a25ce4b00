"""Effects that can be taken back, and those that have been: by another effect, which names the one that it undoes."""

from sqlalchemy import and_, exists, func, or_, select

from contracts.vocabulary import EffectState
from storage.database import Unit
from storage.tables.work import effects

PARTS = "parts"
"""Where an effect that was seen to stand in part keeps which of its parts do."""
IN_PART = and_(effects.c.state == EffectState.DISPROVED, effects.c.seen.has_key(PARTS))
"""Whether an effect stands in part, and is not going to be completed."""
_undo = effects.alias("undo")
_of_the_same_task = (_undo.c.company == effects.c.company) & (_undo.c.task == effects.c.task)
UNDONE = exists().where(_of_the_same_task, _undo.c.undoes == effects.c.key, _undo.c.state == EffectState.VERIFIED)
"""Whether an effect has been taken back, as read back from the world."""


def to_take_back(unit: Unit, task: int, ends: str) -> list[str]:
    """The keys of what is taken back before a task ends so, the newest first; what stands in part, however it ends."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task)
    whole = and_(effects.c.state == EffectState.VERIFIED, effects.c.undo.contains({"after": [ends]}))
    query = select(effects.c.key).where(mine, or_(whole, and_(IN_PART, effects.c.undo.contains({}))), ~UNDONE)
    newest_first = query.order_by(effects.c.intended_at.desc(), effects.c.key.desc())
    return list(unit.connection.execute(newest_first).scalars())


def tries_of(unit: Unit, task: int, key: str) -> int:
    """How often an effect of a task was tried to be taken back."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task) & (effects.c.undoes == key)
    count: int = unit.connection.execute(select(func.count()).select_from(effects).where(mine)).scalar_one()
    return count
