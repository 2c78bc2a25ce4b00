"""What is kept of a step beside its task: rows of attempts, results, verdicts and facts, and what the trail and rules read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.canonical import digest
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.vocabulary import TACTICS
from engine.desk import Kept
from engine.failures import plain
from storage.tasks import Task
from storage.transitions import Happening
from storage.tried import Tried

PLACED = "placed"
"""The outcome of an attempt that chose who takes a step over, and worked on nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step's code; `calls` counts the tools that it called."""

    step: str
    worker: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    sentence: str
    failure_class: str | None = None
    cause: str | None = None
    calls: int = 0
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's verdict as it is kept."""

    step: str
    kind: str
    rule: str
    holds: bool | None
    sentence: str
    reads: Mapping[str, Any]


def attempt_row(lane: LoadedLane, runner: str, task: Task, ordinal: int, one: Attempt) -> dict[str, Any]:
    """An attempt as it is kept, with who ran it and the version of its worker."""
    worker = lane.lane.workers[one.worker]
    return {
        "company": task.company,
        "task": task.number,
        "step": one.step,
        "fence": task.fence,
        "ordinal": task.version * 100 + ordinal,
        "runner": runner,
        "worker_version": f"{one.worker} {worker.version}@{lane.versions[one.worker][:12]}",
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "outcome": one.outcome,
        "failure_class": one.failure_class,
        "cause": one.cause,
        "sentence": one.sentence,
        "tool_calls": one.calls,
        "item": one.item,
    }


def result_row(task: Task, at: datetime, step: str, output: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    """What a step gave, and what it read and noted, as it is kept."""
    content = {"output": dict(output), "reads": kept.reads, "notes": kept.notes}
    key = {"company": task.company, "task": task.number, "step": step, "version": task.version}
    return {**key, **content, "at": at}


def verdict_row(task: Task, at: datetime, ordinal: int, one: Judged) -> dict[str, Any]:
    """A verdict as it is kept."""
    told = {"step": one.step, "kind": one.kind, "rule": one.rule, "holds": one.holds, "sentence": one.sentence}
    key = {"company": task.company, "task": task.number, "version": task.version, "ordinal": ordinal}
    return {**key, **told, "reads": dict(one.reads), "at": at}


def plainly(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call as the record can keep it, whatever it was given."""
    args = {plain(name): one if isinstance(one, bool | int) else plain(one) for name, one in call["args"].items()}
    return {"what": call["what"], "args": args, "answered": call["answered"]}


def facts_row(task: Task, at: datetime, step: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The whole facts that the rules of a step were held against, as they are kept."""
    key = {"company": task.company, "task": task.number, "version": task.version, "step": step}
    return {**key, "facts": facts, "at": at}


def denials(worker: str, step: str, kept: Kept) -> list[Happening]:
    """The events of calls that were outside a worker's rights."""
    told = {"worker": worker, "step": step}
    return [Happening(Event.DENIED, {**told, "call": call, "sentence": said}) for call, said in kept.refused]


def finished(step: str, output: Mapping[str, Any], kept: Kept) -> Happening:
    """The event of a step that has given its output; the trail keeps its digest, since the output may be personal."""
    evidence = {artifact.name: artifact.digest for artifact in kept.artifacts}
    told = {"step": step, "output": digest(output), "reads": kept.reads, "evidence": evidence}
    return Happening(Event.STEP_DONE, told)


def history_facts(history: Sequence[Tried]) -> dict[str, Any]:
    """What rules read of the tries of a step that have failed."""
    return {
        "tries": len(history),
        "tactics": [one.chosen for one in history if one.move in TACTICS],
        "workers": list(dict.fromkeys(one.worker for one in history)),
        "causes": list(dict.fromkeys(one.cause for one in history)),
        "last_case": history[-1].failure_case if history else "",
    }
