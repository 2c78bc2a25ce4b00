"""Who authorised a task, what it read, which rules held, what changed and what proves it: from the record alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select

from contracts.vocabulary import DecisionState
from engine.cost import cost_of
from engine.scorecard.kpis import serves
from escalation.approvers import named
from storage.artifacts import canonical_of, of_task
from storage.audit import broken_at, trail_of
from storage.database import Unit
from storage.sealed import Sealed, sealed
from storage.tables.deciding import decisions, votes
from storage.tables.work import attempts, effects, step_results, verdicts
from storage.tasks import Task, load

_SHORT, _KEY = 8, 44


@dataclass(frozen=True, slots=True)
class Why:
    """One page: `name` "T-1042", `headline` the request, `state` its state in words, `rows` of (label, lines)."""

    name: str
    headline: str
    state: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def why(unit: Unit, task: int) -> Why:
    """The page of a task; raises storage.tasks.TaskNotFound."""
    row = load(unit, task)
    rows = [(label, tuple(line for line in tell(unit, row) if line)) for label, tell in _ROWS]
    return Why(row.name, row.told.get("summary", row.subject), _state(unit, row), tuple(r for r in rows if r[1]))


def _of(unit: Unit, table: Table, task: Task, *order: str) -> Sequence[Row[Any]]:
    mine = (table.c.company == unit.company) & (table.c.task == task.number)
    return unit.connection.execute(select(table).where(mine).order_by(*(table.c[name] for name in order))).all()


def _state(unit: Unit, task: Task) -> str:
    verified = [effect.state for effect in _of(unit, effects, task, "intended_at")]
    return f"{task.state}, {verified[-1]}" if verified else str(task.state)


def _clock(at: datetime | None) -> str:
    return at.strftime("%H:%M:%S") if at else "never"


def _asked(unit: Unit, task: Task) -> list[str]:
    where = " ".join(str(task.origin[part]) for part in ("surface", "channel") if part in task.origin)
    at = task.accepted_at.strftime("%-d %b %Y %H:%M:%S UTC")
    entries = trail_of(unit, task.trail)
    delivery = (entries[0]["content"] or {}).get("delivery") if entries else None
    brought = f", delivery {delivery[:_KEY]}{'…' if len(delivery) > _KEY else ''}" if delivery else ""
    return [f"{named(unit, task.requester)}, {where or 'directly'}, {at}{brought}"]


def _authorised(unit: Unit, task: Task) -> list[str]:
    lines = [_decision(unit, row) for row in _of(unit, decisions, task, "number")]
    lines += [effect.authority for effect in _of(unit, effects, task, "intended_at") if not lines]
    return [*lines, f"contract {task.lane}@{task.lane_hash[:_SHORT]}"]


def _decision(unit: Unit, row: Row[Any]) -> str:
    bound = f"proposal {row.proposal_digest[:_SHORT]}…, saw card {row.shown_digest[:_SHORT]}…"
    if row.decided_by is None:
        word = "expired: nobody answered in time" if row.state == DecisionState.EXPIRED else "waits for an answer"
        return f"Decision {row.number} {word} ({bound})"
    voters = select(votes).where(votes.c.company == unit.company, votes.c.decision == row.number)
    said = [
        f"{named(unit, vote.person)}: {vote.answer}" + (f" “{vote.reason}”" if vote.reason else "")
        for vote in unit.connection.execute(voters.order_by(votes.c.at))
    ]
    return f"{named(unit, row.decided_by)} {row.state} {bound} at {_clock(row.decided_at)} ({'; '.join(said)})"


def _rules(unit: Unit, task: Task) -> list[str]:
    found = _of(unit, verdicts, task, "version", "ordinal")
    newest = {(row.kind, row.rule): row for row in found}
    return [f"{row.rule}: {row.sentence} → {_verdict(row)}" for row in newest.values()]


def _verdict(row: Row[Any]) -> str:
    words = {("require", True): "holds", ("require", False): "does not hold", ("approve", True): "ask people"}
    words |= {("when", True): "taken", ("when", False): "left out"}
    return words.get((row.kind, row.holds), "no need to ask" if row.holds is False else "can't be told")


def _read(unit: Unit, task: Task) -> list[str]:
    lines = []
    for row in _of(unit, step_results, task, "version"):
        for read in row.reads:
            what = " ".join(str(value) for value in read["args"].values())
            at = _clock(datetime.fromisoformat(read["at"]))
            lines.append(f"{read['what']} {what} ({at}), sha256 {read['digest'][:_SHORT]}…")
    return lines


def _changed(unit: Unit, task: Task) -> list[str]:
    return [_effect(row) for row in _of(unit, effects, task, "intended_at")]


def _effect(row: Row[Any]) -> str:
    told = f"{row.tool} key {row.key}"
    if row.verified_at is None:
        return f"{told} → {row.state}, intended {_clock(row.intended_at)}"
    return f"{told} → row {row.seen['reference']} read back, equal ({_clock(row.verified_at)})"


def _reviewed(unit: Unit, task: Task) -> list[str]:
    made = [row for row in _of(unit, step_results, task, "version") if "verdict" in row.output and "of" in row.output]
    return [_review(row.step, row.output) for row in made]


def _review(step: str, kept: Mapping[str, Any]) -> str:
    points = "; ".join(f"{one['criterion']}: {one['sentence']}" for one in kept["points"])
    return f"{step}, round {kept['round']}: {kept['verdict']} by {kept['by']} of {kept['of'][:_SHORT]}… ({points})"


def _tried(unit: Unit, task: Task) -> list[str]:
    failed = [row for row in _of(unit, attempts, task, "started_at", "ordinal") if row.outcome == "failed"]
    return [f"{row.step} at {_clock(row.started_at)}: {row.sentence} ({row.failure_class})" for row in failed]


def _workers(unit: Unit, task: Task) -> list[str]:
    found = {row.step: row.worker_version for row in _of(unit, attempts, task, "started_at")}
    return [", ".join(f"{step} by version {version}" for step, version in found.items())] if found else []


def _evidence(unit: Unit, task: Task) -> list[str]:
    standing = {(one.name, one.digest): one.step for one in canonical_of(unit, task.number)}
    return [
        f"{name} sha256 {digest[:_SHORT]}…"
        + (f" (stands for {standing[name, digest]})" if (name, digest) in standing else "")
        for name, digest in of_task(unit, task.number)
    ]


def _trail(unit: Unit, task: Task) -> list[str]:
    entries = trail_of(unit, task.trail)
    broken = broken_at(entries)
    intact = "chain intact" if broken is None else f"chain BROKEN at entry {broken}"
    return [f"{len(entries)} entries, {intact}, {_sealed(sealed(unit, task.trail), len(entries))}"]


def _sealed(found: Sealed, entries: int) -> str:
    if found.checkpoint is None:
        return "not sealed yet"
    newer = entries - found.entries
    return f"sealed in checkpoint {found.checkpoint}" + (f" but for the last {newer}, not sealed yet" if newer else "")


_ROWS: tuple[tuple[str, Callable[[Unit, Task], list[str]]], ...] = (
    ("Asked", _asked),
    ("Authorised", _authorised),
    ("Rules", _rules),
    ("Read", _read),
    ("Changed", _changed),
    ("Reviewed", _reviewed),
    ("Tried", _tried),
    ("Worker", _workers),
    ("Evidence", _evidence),
    ("Cost", lambda unit, task: [cost_of(unit, task.number).sentence]),
    ("Serves", serves),
    ("Ended", lambda unit, task: [task.sentence] if task.ended_at else []),
    ("Trail", _trail),
)
