"""Effects as the record has them, and the two ways to touch the world: perform under a key, and look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from contracts.authoring import Operation, Seen
from contracts.parts import Partly
from contracts.vocabulary import EffectClass, EffectState
from engine.bench import Bench
from engine.strangers import call
from escalation.wishes import changes_of
from storage.database import Unit
from storage.failpoints import passing
from storage.tables.work import effects
from storage.tasks import Task
from storage.undos import PARTS

MOST_LOOKS = 8
_FIRST_PAUSE_S = 1.0
OPEN = (EffectState.INTENDED, EffectState.PERFORMED, EffectState.UNKNOWN, EffectState.DISPROVED)


NOTHING_HAPPENED = {
    "by": "look",
    "name": "a look",
    "reason": "the world refused it and shows nothing",
    "happened": False,
}
_given_up = func.coalesce(effects.c.finding["happened"].as_string() == "false", False)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a task. `key` is the same for every try of one proposal; the instants are the record's.

    `ordinal` is the item that it is about, 1 where there are none. `undo` is how its contract has it taken back, and
    `undoes` the key of the effect that it takes back itself. `seen` is what the world last showed, if that was only parts of it. `finding` is set once a person has seen that it happened: who, and why they think so.
    """

    key: str
    task: int
    step: str
    revision: int
    tool: str
    effect_class: EffectClass
    args: dict[str, Any]
    because: str
    digest: str
    authority: str
    state: EffectState
    performs: int
    looks: int
    intended_at: datetime
    answer: dict[str, Any] | None
    finding: dict[str, Any] | None = None
    ordinal: int = 1
    undo: dict[str, Any] | None = None
    undoes: str | None = None
    seen: dict[str, Any] | None = None

    @property
    def missing(self) -> list[str]:
        """The parts that were missing when it was last seen to stand in part; none if it never was."""
        found: list[str] = ((self.seen or {}).get(PARTS) or {}).get("missing", [])
        return found


def used(effect: Effect) -> list[dict[str, Any]]:
    """The call of an effect that is not settled, as a try keeps it."""
    return [{"what": effect.tool, "args": effect.args, "answered": False}]


def open_effect(unit: Unit, task: int) -> Effect | None:
    """The effect of a task of which it is not yet settled whether it happened."""
    query = select(effects).where(effects.c.company == unit.company, effects.c.task == task)
    newest = query.where(effects.c.state.in_(OPEN), ~_given_up).order_by(effects.c.intended_at.desc()).limit(1)
    row = unit.connection.execute(newest).one_or_none()  # one that is left as it is may stand beside its undo
    return None if row is None else _effect(row)


def effect_of(unit: Unit, key: str) -> tuple[Effect, str]:
    """The verified effect of a key, and what the world calls it."""
    row = unit.connection.execute(select(effects).where(effects.c.company == unit.company, effects.c.key == key)).one()
    return _effect(row), str(row.seen["reference"])


def _effect(row: Row[Any]) -> Effect:
    values = {name: getattr(row, name) for name in Effect.__slots__}
    classes = {"effect_class": EffectClass(row.effect_class), "state": EffectState(row.state)}
    return Effect(**{**values, **classes})


def next_revision(unit: Unit, task: Task, step: str, ordinal: int) -> int:
    """The revision that a new proposal of a step, about one item if it has several, gets.

    What was proposed before the request was changed has another one, although it was never carried out.
    """
    about = (effects.c.step == step) & (effects.c.ordinal == ordinal)
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number) & about
    count: int = unit.connection.execute(select(func.count()).select_from(effects).where(mine)).scalar_one()
    return count + changes_of(task.way).times + 1


def as_begun(effect: Effect, *, company: str) -> dict[str, Any]:
    """The row of a new effect, of which nothing was seen yet."""
    return {"company": company, **{name: getattr(effect, name) for name in Effect.__slots__}}


def as_verified(effect: Effect, seen: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The row that says an effect was read back, with what was seen."""
    found = {"state": EffectState.VERIFIED, "performed_at": at, "verified_at": at}
    return {"key": effect.key, "task": effect.task, **found, "answer": effect.answer, "seen": dict(seen)}


def as_parts(found: Partly) -> dict[str, Any]:
    """What is kept of an effect that stands in part."""
    return {"reference": found.reference, PARTS: {"done": list(found.done), "missing": list(found.missing)}}


def note(unit: Unit, effect: Effect, **columns: Any) -> None:
    """Keep what has become of an effect."""
    mine = (effects.c.company == unit.company) & (effects.c.key == effect.key)
    unit.connection.execute(update(effects).where(mine).values(**columns))


def system_of(effect: Effect) -> str:
    """The outside system that an effect changes."""
    return effect.tool.partition(".")[0]


def operation_of(bench: Bench, effect: Effect) -> tuple[Any, Operation]:
    """The tool and the operation that an effect uses."""
    system, _, name = effect.tool.partition(".")
    tool = bench.systems[system]
    operation: Operation = getattr(type(tool), name).__chargehand_operation__
    return tool, operation


def perform(bench: Bench, effect: Effect) -> Any:
    """Change the world under the effect's key, or do what is missing of it; raises whatever the tool raises."""
    tool, operation = operation_of(bench, effect)
    passing("effect.before_call")
    rest = {operation.parts: tuple(effect.missing)} if operation.parts and effect.missing else {}
    with bench.watch.over(effect.task, seconds=operation.timeout_s):
        dated = _dated(operation, effect.intended_at)
        answer = call(getattr(tool, operation.name), **effect.args, **rest, **dated, key=effect.key)
    passing("effect.after_call")
    return answer


def look(bench: Bench, effect: Effect, *, since: datetime) -> Seen | Partly | None:
    """What the world shows for the effect's key, which did not exist before `since`; raises whatever the tool raises."""
    tool, operation = operation_of(bench, effect)
    with bench.watch.over(effect.task, seconds=operation.timeout_s):
        find = getattr(tool, str(operation.look))
        seen: Seen | Partly | None = call(find, **effect.args, **_dated(operation, since), key=effect.key)
    passing("verify.after_look")
    return None if isinstance(seen, Partly) and not seen.done else seen


def _dated(operation: Operation, since: datetime) -> dict[str, int]:
    return {"since": int(since.timestamp())} if operation.dated else {}


def next_look(operation: Operation, effect: Effect, now: datetime) -> datetime | None:
    """When the world is looked at again that does not show an effect; None when it has had its time.

    The first pauses are short, since most effects show at once; each is twice as long, and together they last longer
    than the world may take.
    """
    if effect.looks + 1 < MOST_LOOKS:
        first = min(operation.settle_s, max(_FIRST_PAUSE_S, operation.settle_s / 2 ** (MOST_LOOKS - 2)))
        return now + timedelta(seconds=first * 2**effect.looks)
    settled = settled_at(operation, effect)
    return settled if now < settled else None


def settled_at(operation: Operation, effect: Effect) -> datetime:
    """Before this moment a look that finds nothing proves nothing: the call may still be under way."""
    return effect.intended_at + timedelta(seconds=operation.timeout_s + operation.settle_s)


def differs(effect: Effect, seen: Seen) -> Mapping[str, Any]:
    """The arguments that the world shows otherwise than intended: name → (intended, seen)."""
    return {
        name: (wanted, seen.args.get(name)) for name, wanted in effect.args.items() if seen.args.get(name) != wanted
    }
