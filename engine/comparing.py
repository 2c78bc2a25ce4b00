"""Runs the deployed version of a worker on past tasks, in shadow: it reads, nothing that it proposes is carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from contracts.authoring import Proposal
from contracts.contract import Step
from contracts.loaded import LoadedLane
from contracts.vocabulary import TaskState
from engine.desk import WorkerDesk
from engine.failures import classify
from engine.rights import Rights
from engine.strangers import call
from storage.database import Unit
from storage.tables.work import step_results, tasks


@dataclass(frozen=True, slots=True)
class Pair:
    """What a task's step gave then, and what the deployed version gives now; `fields` are those that differ."""

    task: str
    step: str
    fields: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both are equal."""
        return not self.fields


def compare(unit: Unit, lane: LoadedLane, worker: str, systems: Mapping[str, Any], *, most: int) -> list[Pair]:
    """The pairs of the worker's steps in the newest `most` done tasks of its lane."""
    mine = [step for step in lane.lane.steps if worker in (step.worker, step.peer)]
    return [_pair(unit, lane, worker, systems, step, row) for step in mine for row in _past(unit, lane, step, most)]


def _past(unit: Unit, lane: LoadedLane, step: Step, most: int) -> Sequence[Any]:
    same = (step_results.c.company == tasks.c.company) & (step_results.c.task == tasks.c.number)
    done = (tasks.c.company == unit.company) & (tasks.c.lane == lane.lane.lane) & (tasks.c.state == TaskState.DONE)
    newest = (
        select(tasks.c.number, tasks.c.request, tasks.c.facts, step_results.c.output)
        .join(step_results, same & (step_results.c.step == step.name))
        .where(done)
        .order_by(tasks.c.number.desc(), step_results.c.version.desc())
        .ext(distinct_on(tasks.c.number))
        .limit(most)
    )
    return unit.connection.execute(newest).all()


def _pair(unit: Unit, lane: LoadedLane, worker: str, systems: Mapping[str, Any], step: Step, row: Any) -> Pair:
    name = f"T-{row.number}"
    declared = lane.lane.workers[worker]
    desk = WorkerDesk(Rights(lane, declared, declared.tier), systems, step=step.name, clock=lambda: unit.now)
    try:
        given = call(lane.functions[step.name], **_given(lane, step, row, desk))
        now = _document(given)
    except Exception as error:  # noqa: BLE001 - the worker's code is a stranger's: whatever it raises is how it differs
        return Pair(name, step.name, (classify(error).sentence,))
    return Pair(name, step.name, _differing(row.output, now))


def _given(lane: LoadedLane, step: Step, row: Any, desk: WorkerDesk) -> dict[str, Any]:
    known: dict[str, Any] = {"desk": desk, "request": lane.request_model.model_validate(row.request, strict=False)}
    for field, model in lane.state_models.items():
        kept = row.facts.get(field)
        known[f"state.{field}"] = None if kept is None else model.model_validate(kept, strict=False)
    return {parameter: known.get(where) for parameter, where in lane.arguments[step.name].items()}


def _document(given: Any) -> Mapping[str, Any]:
    if isinstance(given, Proposal):
        return {"proposed": given.tool, "args": dict(given.args)}
    document: Mapping[str, Any] = given.model_dump(mode="json")
    return document


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in sorted({*then, *now}) if then.get(name) != now.get(name))
