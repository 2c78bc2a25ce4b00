"""Erases personal content of a task, a subject or a person for good, and puts on record that, by whom and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from contracts.facts import FactSchema, FactType
from contracts.lifecycle import Event
from contracts.vocabulary import ENDED
from engine.deployment import Deployment
from engine.versions import LaneMissing, lane_of
from storage.audit import Said, note, trail_of
from storage.database import Unit
from storage.directory import person
from storage.erasing import ERASED, erase_subject, erase_trails, sweep_tasks
from storage.subjects import subjects_like
from storage.tables.business import people
from storage.tables.work import effects, judged_facts, step_results, tasks, verdicts

_TASK = re.compile(r"[Tt]-(\d{1,15})")
_SHORTEST = 3
"""Shorter values are hidden only where they are all that is written: "No" stands in many words."""
_ANY = FactType("mixed", personal=True)


class NotErased(ValueError):
    """Nothing was erased; the message says why and what to do first."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the tasks, how many rows and entries of the trail lost content, and how many artifacts."""

    tasks: tuple[str, ...]
    rows: int
    entries: int
    artifacts: int


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is to be erased: the tasks, and the subject or the person that they were found by."""

    tasks: Sequence[Any]
    subject: str | None = None
    person: str | None = None


def erase(deployment: Deployment, company: str, what: str, *, by: str, because: str) -> Erased:
    """Erase what is personal of "T-1042", of a person's id, or of a subject; raises NotErased.

    Rows and chains stay, content goes in one transaction, and files of artifacts right after it: what a crash leaves of
    those the clock collects, since nothing names them any more.
    """
    with deployment.database.transaction(company) as unit:
        meant = _meant(unit, what)
        _check(deployment, unit, meant, by=by, because=because)
        erased, contents = _erase(deployment, unit, meant)
        content = {"tasks": list(erased.tasks), "rows": erased.rows, "entries": erased.entries, "because": because}
        kind = "person" if meant.person else "subject" if meant.subject else "task"
        note(unit, "erasure", Said("erased", f"person:{by}", {"of": kind, "artifacts": erased.artifacts, **content}))
    for digest in contents:
        deployment.store.remove(company, digest)
    return erased


def _meant(unit: Unit, what: str) -> _Meant:
    number = _TASK.fullmatch(what)
    if number is not None:
        return _Meant(_tasks(unit, tasks.c.number == int(number[1])))
    if person(unit, what) is not None:
        return _Meant(_tasks(unit, tasks.c.requester == what), person=what)
    return _Meant(_tasks(unit, tasks.c.subject == what), subject=what)


def _tasks(unit: Unit, mine: ColumnElement[bool]) -> Sequence[Any]:
    query = select(tasks).where(tasks.c.company == unit.company, mine).order_by(tasks.c.number).with_for_update()
    return unit.connection.execute(query).all()


def _check(deployment: Deployment, unit: Unit, meant: _Meant, *, by: str, because: str) -> None:
    who, business = person(unit, by), deployment.businesses[unit.company]
    owners = {lane.lane.owner for name, lane in business.lanes.items() if name in {row.lane for row in meant.tasks}}
    if who is None or not who.active or (by != business.company.last_resort and owners != {by}):
        raise NotErased(f"{by} may not erase this: the lane's owner may, and {business.company.last_resort}.")
    if not because.strip():
        raise NotErased("Say why, with --because: it stays on record.")
    if not meant.tasks and not meant.person and not (meant.subject and subjects_like(unit, meant.subject)):
        raise NotErased(
            "There is no such task, subject or person: find it with `chargehand find` or `chargehand memory`."
        )
    under_way = [f"T-{row.number}" for row in meant.tasks if row.state not in ENDED]
    if under_way:
        raise NotErased(f"Still at work: {', '.join(under_way)}. Cancel them, or wait until they have ended.")
    found = person(unit, meant.person) if meant.person else None
    if found is not None and found.active:
        raise NotErased(f"{found.id} is still declared: take them out of company.yaml and publish it first.")


def _erase(deployment: Deployment, unit: Unit, meant: _Meant) -> tuple[Erased, list[str]]:
    hidden = {value for row in meant.tasks for value in _personal_values(deployment, unit, row)}
    found = person(unit, meant.person) if meant.person else None
    if found is not None:
        hidden |= {found.name, found.email}
    swept = sweep_tasks(
        unit, [row.number for row in meant.tasks], sorted({row.lane for row in meant.tasks}), _Hiding.of(hidden)
    )
    if meant.subject is not None:
        swept.rows += erase_subject(unit, meant.subject)
    if found is not None:
        swept.rows += _forget(unit, found.id)
        swept.entries += erase_trails(unit, [f"person:{found.id}"])
    names = tuple(f"T-{row.number}" for row in meant.tasks)
    return Erased(names, swept.rows, swept.entries, len(swept.contents)), swept.contents


def _forget(unit: Unit, identity: str) -> int:
    mine = (people.c.company == unit.company) & (people.c.id == identity)
    nobody = {"name": "Somebody who left", "email": f"{identity}@erased.invalid"}
    return int(unit.connection.execute(update(people).where(mine).values(nobody)).rowcount)


def _personal_values(deployment: Deployment, unit: Unit, row: Any) -> Iterator[str]:
    """Everything that the models mark as personal, wherever the record has kept a value of it."""
    schema = _schema(deployment, unit, row)
    for document, kind in _documents(unit, row, schema):
        yield from _leaves(document, kind, personal=False)
    for read in _rows(unit, verdicts, row.number):
        for path, value in read.reads.items():
            yield from _leaves(value, schema.at(path) if schema else _ANY, personal=False)


def _schema(deployment: Deployment, unit: Unit, row: Any) -> FactSchema | None:
    """What is personal, as the task's own version of the contract says; None when it is gone: then everything is."""
    try:
        return lane_of(deployment, unit, row.lane, row.lane_hash).schema
    except LaneMissing:
        return None


def _documents(unit: Unit, row: Any, schema: FactSchema | None) -> Iterator[tuple[Any, FactType | None]]:
    def at(path: str) -> FactType | None:
        return schema.at(path) if schema else _ANY

    yield row.request, at("request")
    for was in _asked_before(unit, row.number):
        yield was, at("request")
    yield row.facts, at("state")
    for kept in _rows(unit, judged_facts, row.number):
        # Whoever asked is a person of the company: their name is not the subject's.
        yield {name: part for name, part in (kept.facts or {}).items() if name != "person"}, at("")
    for effect in _rows(unit, effects, row.number):
        yield effect.args, at("effect.args")
        yield effect.seen or {}, at("effect.args")
    state = at("state")
    for result in _rows(unit, step_results, row.number):
        for kind in state.fields.values() if state is not None and state.fields else (_ANY,):
            yield result.output, kind


def _asked_before(unit: Unit, task: int) -> Iterator[Mapping[str, Any]]:
    """What its requester had asked for and wanted instead, field by field, each time that they changed it."""
    told = (Event.CHANGE_ASKED, Event.REQUEST_CHANGED)
    for entry in trail_of(unit, f"task:{task}"):
        if entry["event"] in told and entry["content"]:
            yield entry["content"]["was"]
            yield entry["content"]["now"]


def _rows(unit: Unit, table: Any, task: int) -> Sequence[Any]:
    query = select(table).where(table.c.company == unit.company, table.c.task == task)
    return unit.connection.execute(query).all()


def _leaves(value: Any, kind: FactType | None, *, personal: bool) -> Iterator[str]:
    """The scalars below a value that are personal, as text."""
    personal = personal or (kind is not None and kind.personal)
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, kind.part(name) if kind else None, personal=personal)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, kind.item if kind else None, personal=personal)
    elif personal and value is not None and not isinstance(value, bool) and str(value):
        yield str(value)


@dataclass(frozen=True, slots=True)
class _Hiding:
    """Hides values wherever they are written: whole, or within a longer text."""

    whole: frozenset[str]
    within: re.Pattern[str] | None

    @classmethod
    def of(cls, values: set[str]) -> "_Hiding":
        """The longest first, so that a name is not left where an address began with it."""
        long = sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, long)), re.IGNORECASE) if long else None
        return cls(frozenset(values), pattern)

    def __call__(self, value: Any) -> Any:
        """The value without them."""
        if isinstance(value, Mapping):
            return {name: self(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self(one) for one in value]
        if value is None or isinstance(value, bool):
            return value
        if str(value) in self.whole and (isinstance(value, str) or len(str(value)) >= _SHORTEST):
            return ERASED
        return self.within.sub(ERASED, value) if isinstance(value, str) and self.within else value
