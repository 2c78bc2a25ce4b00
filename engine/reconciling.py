"""After a restore: what the world shows and the record does not know, and a look before anything is done again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

from contracts.authoring import lists_of, operations_of
from contracts.vocabulary import ENDED, EffectState
from engine.deployment import Deployment
from engine.strangers import call
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import person
from storage.tables.work import effects, tasks

RESTORED = "restored"
"""The mark in a task's origin which says that its effects are looked for before they are performed."""
GAP = 1000
"""How many numbers of tasks, decisions and incidents are left out: those that were given after the backup was made are not given twice."""
_KEY = re.compile(r"(?P<company>[^/]+)/T-(?P<task>\d+)/.+")
_DRAW_TASKS = text("select max(nextval('task_number')) from generate_series(1, :many)")
_DRAW_DECISIONS = text("select max(nextval('decision_number')) from generate_series(1, :many)")
_DRAW_INCIDENTS = text("select max(nextval('incident_number')) from generate_series(1, :many)")
_OPEN = (EffectState.INTENDED, EffectState.PERFORMED, EffectState.UNKNOWN)


class NotReconciled(ValueError):
    """Nothing was changed; the message says why."""


@dataclass(frozen=True, slots=True)
class Surplus:
    """An effect that the world shows under `key` and the record does not: `known` says what the record has of its task."""

    tool: str
    key: str
    known: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it: `surplus` in the world, `open` effects of the record by key, tools of which nobody can list what
    they did (`unlisted`) or that did not answer (`silent`), and the tasks whose effects are looked for first from now on.
    """

    surplus: tuple[Surplus, ...]
    open: tuple[str, ...]
    unlisted: tuple[str, ...]
    silent: tuple[str, ...]
    tasks: tuple[str, ...]


def report(deployment: Deployment, company: str, systems: Mapping[str, Any]) -> Report:
    """Compare the world with the record; nothing is changed."""
    shown, unlisted, silent = _world(company, systems)
    with deployment.database.transaction(company) as unit:
        surplus = tuple(one for one in (_surplus(unit, tool, key) for tool, key in shown) if one is not None)
        return Report(surplus, _open(unit), unlisted, silent, tuple(f"T-{n}" for n in _under_way(unit)))


def reconcile(deployment: Deployment, company: str, systems: Mapping[str, Any], *, by: str, because: str) -> Report:
    """Compare, then have every task that is under way look first, and leave out numbers that may have been given.

    Raises NotReconciled.
    """
    found = report(deployment, company, systems)
    with deployment.database.transaction(company) as unit:
        who = person(unit, by)
        if who is None or not who.active:
            raise NotReconciled(f"There is no {by} in this company.")
        if not because.strip():
            raise NotReconciled("Say why, with --because: it stays on record.")
        numbers = _under_way(unit)
        _mark(unit, numbers, unit.now)
        _leave_out(unit, max((_task(one.key) for one in found.surplus), default=0))
        content = {"tasks": [f"T-{n}" for n in numbers], "surplus": [one.key for one in found.surplus]}
        note(unit, "restore", Said("reconciled", f"person:{by}", {**content, "because": because}))
    return found


def _world(company: str, systems: Mapping[str, Any]) -> tuple[list[tuple[str, str]], tuple[str, ...], tuple[str, ...]]:
    """(effect, key) of all that the tools list for this company; effects without a list; those whose list failed."""
    shown: list[tuple[str, str]] = []
    unlisted, silent = [], []
    for name, tool, method in _effects(systems):
        if method is None:
            unlisted.append(name)
            continue
        try:
            keys = [str(key) for key in call(getattr(tool, method))]
        except Exception:  # noqa: BLE001 - a tool is a stranger's code: whatever it raises, the others are asked
            silent.append(name)
            continue
        shown += [(name, key) for key in keys if (found := _KEY.fullmatch(key)) and found["company"] == company]
    return shown, tuple(unlisted), tuple(silent)


def _effects(systems: Mapping[str, Any]) -> Iterator[tuple[str, Any, str | None]]:
    for system, tool in sorted(systems.items()):
        lists = lists_of(type(tool))
        for operation in operations_of(type(tool)).values():
            if operation.is_effect:
                yield f"{system}.{operation.name}", tool, lists.get(operation.name)


def _surplus(unit: Unit, tool: str, key: str) -> Surplus | None:
    mine = (effects.c.company == unit.company) & (effects.c.key == key)
    state = unit.connection.execute(select(effects.c.state).where(mine)).scalar_one_or_none()
    if state == EffectState.VERIFIED:
        return None
    if state is not None:
        return Surplus(tool, key, f"the record has it as {state}: the next look finds it")
    row = unit.connection.execute(
        select(tasks.c.state).where(tasks.c.company == unit.company, tasks.c.number == _task(key))
    ).scalar_one_or_none()
    if row is None:
        return Surplus(tool, key, "the record has no such task: whoever asked for it has to be told by a person")
    ended = "which has ended without it: settle it by hand" if row in ENDED else "which looks before it performs it"
    return Surplus(tool, key, f"the record has the task as {row}, {ended}")


def _task(key: str) -> int:
    found = _KEY.fullmatch(key)
    return int(found["task"]) if found else 0


def _open(unit: Unit) -> tuple[str, ...]:
    mine = (effects.c.company == unit.company) & effects.c.state.in_(_OPEN)
    return tuple(unit.connection.execute(select(effects.c.key).where(mine).order_by(effects.c.key)).scalars())


def _under_way(unit: Unit) -> list[int]:
    mine = (tasks.c.company == unit.company) & tasks.c.state.not_in(ENDED)
    return list(unit.connection.execute(select(tasks.c.number).where(mine).order_by(tasks.c.number)).scalars())


def _mark(unit: Unit, numbers: list[int], at: datetime) -> None:
    """Beside every move: what a task was asked by is never changed by one, so neither is this mark."""
    marked = tasks.c.origin.op("||")(func.jsonb_build_object(RESTORED, at.isoformat()))
    mine = (tasks.c.company == unit.company) & tasks.c.number.in_(numbers)
    unit.connection.execute(update(tasks).where(mine).values(origin=marked))


def _leave_out(unit: Unit, highest: int) -> None:
    """Draw numbers until those behind the backup can't come again; the app's role may draw, and may not set."""
    drawn = unit.connection.execute(_DRAW_TASKS, {"many": GAP}).scalar_one()
    if drawn <= highest:
        unit.connection.execute(_DRAW_TASKS, {"many": highest - drawn + GAP})
    for draw in (_DRAW_DECISIONS, _DRAW_INCIDENTS):
        unit.connection.execute(draw, {"many": GAP})
