"""Who authorised a task, what it read, which rules held, what changed and what proves it: from the record alone."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from contracts.lifecycle import Event
from engine.cost import cost_of
from engine.records import PLACED
from engine.scorecard.kpis import serves
from engine.whys import lines
from engine.whys.decision import decision_line
from engine.whys.page import Why, page
from engine.whys.turn import turn_line
from engine.whys.wrong import wrong_lines
from escalation.approvers import named
from escalation.wishes import changes_of
from storage.artifacts import canonical_of, of_task
from storage.audit import trail_of
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import attempts, effects, items, step_results, verdicts
from storage.tasks import Task, load

_KEY = 44


def why(unit: Unit, task: int) -> Why:
    """The page of a task; raises storage.tasks.TaskNotFound."""
    row = load(unit, task)
    rows = [(label, tell(unit, row)) for label, tell in _ROWS]
    return page(row.name, row.told.get("summary", row.subject), _state(unit, row), rows)


def _state(unit: Unit, task: Task) -> str:
    verified = [effect.state for effect in lines.of(unit, effects, task.number, "intended_at", "key")]
    return f"{task.state}, {verified[-1]}" if verified else str(task.state)


def _asked(unit: Unit, task: Task) -> list[str]:
    where = " ".join(str(task.origin[part]) for part in ("surface", "channel") if part in task.origin)
    at = task.accepted_at.strftime("%-d %b %Y %H:%M:%S UTC")
    entries = trail_of(unit, task.trail)
    delivery = (entries[0]["content"] or {}).get("delivery") if entries else None
    brought = f", delivery {delivery[:_KEY]}{'…' if len(delivery) > _KEY else ''}" if delivery else ""
    return [f"{named(unit, task.requester)}, {where or 'directly'}, {at}{brought}"]


def _otherwise(unit: Unit, task: Task) -> list[str]:
    """What its requester has changed of the request; what was erased is not told."""
    found = [(one["at"], one["content"]) for one in trail_of(unit, task.trail) if one["event"] == Event.REQUEST_CHANGED]
    return [_change(unit, lines.clock(at), kept) for at, kept in found if kept]


def _change(unit: Unit, at: str, kept: Mapping[str, Any]) -> str:
    reason = f" ({kept['reason']})" if kept["reason"] else ""
    return f"{at} {named(unit, kept['by'])}: {'; '.join(kept['differences'])}{reason}"


def _authorised(unit: Unit, task: Task) -> list[str]:
    told = [decision_line(unit, row) for row in lines.of(unit, decisions, task.number, "number")]
    told += [effect.authority for effect in lines.of(unit, effects, task.number, "intended_at", "key") if not told]
    return [*told, lines.contract(task)]


def _rules(unit: Unit, task: Task) -> list[str]:
    since = changes_of(task.way).version
    found = lines.of(unit, verdicts, task.number, "version", "ordinal")
    return lines.newest_verdicts([row for row in found if row.version > since])


def _rights(unit: Unit, task: Task) -> list[str]:
    """Of every step that was tried."""
    tried = {row.step: row for row in lines.of(unit, attempts, task.number, "started_at", "ordinal")}
    return lines.rights(unit, task, list(tried))


def _read(unit: Unit, task: Task) -> list[str]:
    return lines.reads(lines.of(unit, step_results, task.number, "version", "step"))


def _changed(unit: Unit, task: Task) -> list[str]:
    return [lines.effect(row) for row in lines.of(unit, effects, task.number, "intended_at", "key")]


def _reviewed(unit: Unit, task: Task) -> list[str]:
    results = lines.of(unit, step_results, task.number, "version", "step")
    return [_review(row.step, row.output) for row in results if "verdict" in row.output and "of" in row.output]


def _review(step: str, kept: Mapping[str, Any]) -> str:
    points = "; ".join(f"{one['criterion']}: {one['sentence']}" for one in kept["points"])
    of = f"{kept['of'][: lines.SHORT]}…"
    return f"{step}, round {kept['round']}: {kept['verdict']} by {kept['by']} of {of} ({points})"


def _items(unit: Unit, task: Task) -> list[str]:
    found: dict[tuple[str, int], Counter[str]] = {}
    for row in lines.of(unit, items, task.number, "step", "round", "ordinal"):
        found.setdefault((row.step, row.round), Counter())[row.state] += 1
    return [
        f"{step}: {', '.join(f'{n} {state}' for state, n in sorted(of.items()))}" for (step, _), of in found.items()
    ]


def _tried(unit: Unit, task: Task) -> list[str]:
    failed = [row for row in lines.of(unit, attempts, task.number, "started_at", "ordinal") if row.outcome == "failed"]
    return [f"{row.step} at {lines.clock(row.started_at)}: {row.sentence} ({row.failure_class})" for row in failed]


def _placed(unit: Unit, task: Task) -> list[str]:
    """Who was handed a step, and why they: in the coordinator's words, where the lane has one."""
    handed = [one for one in trail_of(unit, task.trail) if one["event"] == Event.DELEGATED and one["content"]]
    return [f"{one['content']['from']} → {one['content']['to']}: {one['content']['because']}" for one in handed]


def _workers(unit: Unit, task: Task) -> list[str]:
    tries = lines.of(unit, attempts, task.number, "started_at", "ordinal")
    found = {row.step: row.worker_version for row in tries if row.outcome != PLACED}
    return [", ".join(f"{step} by {version}" for step, version in found.items())] if found else []


def _evidence(unit: Unit, task: Task) -> list[str]:
    standing = {(one.name, one.digest): one.step for one in canonical_of(unit, task.number)}
    return [
        f"{name} sha256 {digest[: lines.SHORT]}…"
        + (f" (stands for {standing[name, digest]})" if (name, digest) in standing else "")
        for name, digest in of_task(unit, task.number)
    ]


_ROWS: tuple[tuple[str, Callable[[Unit, Task], list[str]]], ...] = (
    ("Asked", _asked),
    ("Asked otherwise", _otherwise),
    ("Authorised", _authorised),
    ("Rules", _rules),
    ("Rights", _rights),
    ("Read", _read),
    ("Changed", _changed),
    ("Items", _items),
    ("Reviewed", _reviewed),
    ("Tried", _tried),
    ("Placed", _placed),
    ("Worker", _workers),
    ("Evidence", _evidence),
    ("Cost", lambda unit, task: [cost_of(unit, task.number).sentence]),
    ("Serves", serves),
    ("Turn", turn_line),
    ("Wrong", wrong_lines),
    ("Ended", lambda unit, task: [task.sentence] if task.ended_at else []),
    ("Trail", lambda unit, task: lines.trail(unit, task.trail)),
)
