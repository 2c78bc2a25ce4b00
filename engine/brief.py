"""All that a new instance needs to go on with a task, in one bounded document, from the record alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.vocabulary import ENDED, EffectState
from engine.scopes import scopes_of
from engine.whys import lines
from engine.whys.decision import decision_line
from escalation.approvers import named
from escalation.wishes import CHANGED, changes_of
from storage.artifacts import canonical_of, of_task
from storage.database import Unit
from storage.memory import current
from storage.subjects import timeline
from storage.tables.deciding import decisions
from storage.tables.work import attempts, effects
from storage.tasks import Task, load

LARGEST = 4096
"""Bytes, also as JSON."""
_VALUE, _LINE, _LAST = 700, 300, 8


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known of a task: `parts` of (title, lines), the most needed first."""

    name: str
    headline: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]

    def document(self) -> dict[str, Any]:
        """The brief as JSON."""
        return {"task": self.name, "request": self.headline, **{title: list(told) for title, told in self.parts}}

    def text(self) -> str:
        """The brief as it is read."""
        told = (f"{title}:\n" + "\n".join(f"- {line}" for line in found) for title, found in self.parts)
        return "\n".join([f"{self.name}: {self.headline}", *told])


def brief(unit: Unit, task: int) -> Brief:
    """The brief of a task, at most LARGEST bytes; raises storage.tasks.TaskNotFound."""
    row = load(unit, task)
    parts = [(title, tuple(_cut(line) for line in tell(unit, row) if line)) for title, tell in _PARTS]
    whole = Brief(row.name, _cut(row.told.get("summary", row.subject)), tuple(part for part in parts if part[1]))
    return _bounded(whole)


def _bounded(whole: Brief) -> Brief:
    """Lines go from the end, the least needed first, until the document is small enough."""
    parts = [(title, list(told)) for title, told in whole.parts]
    while parts and _size(found := Brief(whole.name, whole.headline, _frozen(parts))) > LARGEST:
        title, told = parts[-1]
        parts[-1:] = [(title, [*told[:-2], "…"])] if len(told) > 1 else []
    return found


def _frozen(parts: list[tuple[str, list[str]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((title, tuple(told)) for title, told in parts)


def _size(found: Brief) -> int:
    return max(len(json.dumps(found.document(), ensure_ascii=False).encode()), len(found.text().encode()))


def _cut(line: str, longest: int = _VALUE) -> str:
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _stands(unit: Unit, task: Task) -> list[str]:
    of = f"step {task.step} by {task.worker}, rung {task.rung}, try {task.tries + 1}"
    waits = f"waits for {task.waiting_for}: {task.waiting_on}" if task.waiting_for is not None else ""
    whom = f"asked by {named(unit, task.requester)}, subject {task.subject}, {lines.contract(task)}"
    return [f"{task.state} at version {task.version}; {of}", waits, whom, task.sentence]


def _asked(unit: Unit, task: Task) -> list[str]:
    changed = task.told.get(CHANGED)
    return [
        _json(task.request),
        f"changed by who asked: {changed}; what was done before was for that" if changed else "",
    ]


def _known(unit: Unit, task: Task) -> list[str]:
    """What the steps have handed on; what is too long is read from the artifact that stands for its step."""
    return [f"state.{name} = {_json(value)}" for name, value in task.facts.items()]


def _next(unit: Unit, task: Task) -> list[str]:
    if task.state in ENDED:
        return ["nothing: it has ended"]
    lane = lines.lane_file(unit, task)
    step: Mapping[str, Any] = next((one for one in lane.get("steps", []) if one["name"] == task.step), {})
    worker: Mapping[str, Any] = lane.get("workers", {}).get(step.get("worker", ""), {})
    wanted = f"gives {step.get('gives', '')} as state.{step.get('writes', '')}; keeps {', '.join(step.get('evidence', [])) or 'nothing'}"
    return [
        *lines.rights(unit, task, [task.step]),
        wanted,
        f"done when: {worker.get('done', '')}",
        f"stops: {worker.get('stops', '')}",
    ]


def _changed(unit: Unit, task: Task) -> list[str]:
    """What must not be done a second time, and what has to be looked at before anything is."""
    rows = lines.of(unit, effects, task.number, "intended_at", "key")
    done = [f"done, never again: {lines.effect(row)}" for row in rows if row.state == EffectState.VERIFIED]
    other = [row for row in rows if row.state != EffectState.VERIFIED]
    return [*done, *(f"{row.state}, look before anything: {lines.effect(row)} {_json(row.args)}" for row in other)]


def _believed(unit: Unit, task: Task) -> list[str]:
    found = current(unit, list(scopes_of(task).values()))
    return [
        f"{one.scope.partition(':')[0]}: {one.topic} = {_json(one.value)} ({one.kind}, {one.confidence:.0%}, {one.source})"
        for one in found[:_LAST]
    ]


def _decided(unit: Unit, task: Task) -> list[str]:
    return [decision_line(unit, row) for row in lines.of(unit, decisions, task.number, "number")[-_LAST:]]


def _tried(unit: Unit, task: Task) -> list[str]:
    """What failed, so that it is not tried again in the same way."""
    after = changes_of(task.way).at
    rows = lines.of(unit, attempts, task.number, "started_at", "ordinal")
    failed = [row for row in rows if row.outcome == "failed" and (after is None or row.started_at > after)]
    return [
        f"{row.step} {lines.clock(row.started_at)}: {row.sentence} ({row.failure_class})" for row in failed[-_LAST:]
    ]


def _saved(unit: Unit, task: Task) -> list[str]:
    after = changes_of(task.way).at
    standing = {(one.name, one.digest): one.step for one in canonical_of(unit, task.number, after=after)}
    return [
        f"{name} sha256 {digest}" + (f", stands for {standing[name, digest]}" if (name, digest) in standing else "")
        for name, digest in of_task(unit, task.number, after=after)[-_LAST:]
    ]


def _happened(unit: Unit, task: Task) -> list[str]:
    moments = [one for one in timeline(unit, task.subject) if not one.sentence.startswith(f"{task.name} ")]
    return [_cut(f"{one.at:%Y-%m-%d %H:%M} {one.what}: {one.sentence}", _LINE) for one in moments[-_LAST:]]


_PARTS: tuple[tuple[str, Callable[[Unit, Task], list[str]]], ...] = (
    ("Stands", _stands),
    ("Asked for", _asked),
    ("Next", _next),
    ("Changed", _changed),
    ("Known", _known),
    ("Believed", _believed),
    ("Decided", _decided),
    ("Tried", _tried),
    ("Saved", _saved),
    ("Subject", _happened),
)
