"""After a restore: what the world shows and the record does not know, and a look before anything is done again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

from contracts.authoring import lists_of, operations_of
from contracts.vocabulary import ENDED, EffectState, FailureCase
from engine.deployment import Deployment
from engine.failures import classify
from engine.strangers import call
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import person
from storage.outbox import put_in_doubt
from storage.tables.work import effects, tasks

RESTORED = "restored"
"""The mark in a task's origin which says that its effects are looked for before they are performed."""
GAP = 1000
"""How many numbers of tasks, decisions and incidents are left out: those that were given after the backup was made are not given twice."""
_KEY = re.compile(r"(?P<company>[^/]+)/T-(?P<task>\d+)/.+")
_DRAW_TASKS = text("select max(nextval('task_number')) from generate_series(1, :many)")
_DRAW_DECISIONS = text("select max(nextval('decision_number')) from generate_series(1, :many)")
_DRAW_INCIDENTS = text("select max(nextval('incident_number')) from generate_series(1, :many)")
_AT_ONCE = 1000
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
    they did (`unlisted`) or whose list could not be had (`silent`, with a sentence for each in `reasons`), and the tasks
    whose effects are looked for first from now on.
    """

    surplus: tuple[Surplus, ...]
    open: tuple[str, ...]
    unlisted: tuple[str, ...]
    silent: tuple[str, ...]
    tasks: tuple[str, ...]
    reasons: Mapping[str, str]
    letters: int = 0


def report(deployment: Deployment, company: str, systems: Mapping[str, Any]) -> Report:
    """Compare the world with the record; nothing is changed."""
    shown, unlisted, silent = _world(company, systems)
    with deployment.database.transaction(company) as unit:
        known = _verified(unit, {key for _, key in shown})
        surplus = tuple(_surplus(unit, tool, key) for tool, key in shown if key not in known)
        under_way = tuple(f"T-{n}" for n in _under_way(unit))
        return Report(surplus, _open(unit), unlisted, tuple(silent), under_way, silent)


def reconcile(
    deployment: Deployment,
    company: str,
    systems: Mapping[str, Any],
    *,
    by: str,
    because: str,
    lost_until: datetime | None = None,
) -> Report:
    """Compare, then have every task that is under way look first, put in doubt what is still to be told, and leave out
    numbers that may have been given.

    What was written after `lost_until`, if that is known, is of the restored record itself. Raises NotReconciled.
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
        doubted = put_in_doubt(unit, written_until=lost_until)
        content: dict[str, Any] = {"tasks": [f"T-{n}" for n in numbers], "surplus": [one.key for one in found.surplus]}
        content |= {"letters": doubted, "because": because}
        note(unit, "restore", Said("reconciled", f"person:{by}", content))
    return replace(found, letters=doubted)


def _world(company: str, systems: Mapping[str, Any]) -> tuple[list[tuple[str, str]], tuple[str, ...], dict[str, str]]:
    """(effect, key) of all that the tools list for this company; effects without a list; those whose list failed, and why."""
    shown: list[tuple[str, str]] = []
    unlisted: list[str] = []
    silent: dict[str, str] = {}
    for name, tool, method in _effects(systems):
        if method is None:
            unlisted.append(name)
            continue
        try:
            keys = [str(key) for key in call(getattr(tool, method))]
        except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: whatever it raises, the others are asked
            silent[name] = _reason(error, name)
            continue
        shown += [(name, key) for key in keys if (found := _KEY.fullmatch(key)) and found["company"] == company]
    return shown, tuple(unlisted), silent


def _reason(error: Exception, name: str) -> str:
    """One sentence; an error that nobody knows is told by its name, since its text may hold anything."""
    failed = classify(error, system=name.partition(".")[0])
    return failed.sentence if failed.case != FailureCase.WORKER else f"It stopped with {type(error).__name__}."


def _effects(systems: Mapping[str, Any]) -> Iterator[tuple[str, Any, str | None]]:
    for system, tool in sorted(systems.items()):
        lists = lists_of(type(tool))
        for operation in operations_of(type(tool)).values():
            if operation.is_effect:
                yield f"{system}.{operation.name}", tool, lists.get(operation.name)


def _verified(unit: Unit, keys: set[str]) -> set[str]:
    """Those of the keys whose effects the record has as done: of a list of all time nearly every one."""
    done = (effects.c.company == unit.company) & (effects.c.state == EffectState.VERIFIED)
    asked = sorted(keys)
    batches = [asked[at : at + _AT_ONCE] for at in range(0, len(asked), _AT_ONCE)]
    known = (select(effects.c.key).where(done, effects.c.key.in_(batch)) for batch in batches)
    return {key for query in known for key in unit.connection.execute(query).scalars()}


def _surplus(unit: Unit, tool: str, key: str) -> Surplus:
    mine = (effects.c.company == unit.company) & (effects.c.key == key)
    state = unit.connection.execute(select(effects.c.state).where(mine)).scalar_one_or_none()
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
