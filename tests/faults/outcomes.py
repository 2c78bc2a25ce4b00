"""What has become of a journey: read off the record, and off the world itself past our own code."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargehand.verify_audit import verify
from contracts.vocabulary import EffectClass
from storage.sealed import documents
from tests.builders import House
from tests.faults.journeys import Journey
from tests.integration.engine.worlds import assert_trail_is_whole, stuck

World = Counter[str]

_EARLIEST = 1_500_000_000
_RECORD = {
    "tasks": "select lane, requester, state, request from task",
    "decisions": "select kind, state, edge, requester, entitled, decided_by, card->>'question' as question from decision",
    "votes": "select person, answer from vote",
    "timers": "select kind, ordinal, fired_at is not null as fired from timer",
    "messages": "select message, regexp_replace(dedupe, '[0-9]+', 'n', 'g') as about, person, state, details from outbox",
    "evidence": "select step, name, digest, canonical from task_artifact",
    "effects": "select tool, effect_class, state, args, finding from effect",
    "caps": "select blast, count, amount, records, recipients, given_back_at is null as counts from cap_use",
    "blockers": "select cause, owner from blocker",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last task ended, with its typed fields; what is new in the world, row by row; and what the record keeps."""

    state: str
    fields: Mapping[str, Any]
    world: Sequence[str]
    record: Mapping[str, Sequence[str]]


def outcome_of(office: House, journey: Journey, before: World) -> Outcome:
    """What has become of a journey; what must hold of every end is asserted here.

    Where nobody can look whether an effect happened, how many people are asked depends on where somebody died: then
    only the last task and the world count.
    """
    tasks = [row.number for row in office.rows("select number from task order by number")]
    for task in tasks:
        _assert_at_rest(office, task)
    assert stuck(office) == []
    assert verify(documents(office.deployment.database, office.company)).unsealed == 0
    last = office.task(tasks[-1])
    new = [_nameless(row) for row in sorted((world(office.deployment.home) - before).elements())]
    record = (
        {} if journey.kind is EffectClass.NEITHER else {name: _rows(office, query) for name, query in _RECORD.items()}
    )
    return Outcome(last.state, _timeless(last.facts), new, record)


def has_happened(office: House, task: int) -> int:
    """How often the world shows something under the task's name."""
    return sum(f"{office.company}/T-{task}/" in row for row in world(office.deployment.home).elements())


def world(home: Path) -> World:
    """Every row of every database of the world, without the instants in it."""
    return Counter(row for path in sorted(home.glob("*.sqlite")) for row in _told(path))


def _told(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"select * from {table}"):
                yield f"{path.stem}.{table}: {_timeless(list(row))}"


def _assert_at_rest(office: House, task: int) -> None:
    """It has ended, its trail says how, and nobody holds anything of it."""
    row = office.task(task)
    assert (row.ended_at is not None, row.lease_runner, row.holds_subject, row.due_at) == (True, None, False, None)
    assert_trail_is_whole(office, task)


def _rows(office: House, query: str) -> list[str]:
    return sorted(_nameless(str(_timeless(dict(row._mapping)))) for row in office.rows(query))


def _nameless(row: str) -> str:
    """The same without the task's number: who dies with one in the hand leaves a gap."""
    return re.sub(r"\bT-\d+", "T", row)


def _timeless(value: Any) -> Any:
    """The same without instants: they depend on when somebody died."""
    if isinstance(value, Mapping):
        return {name: _timeless(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    return "an instant" if isinstance(value, int) and value > _EARLIEST else value
