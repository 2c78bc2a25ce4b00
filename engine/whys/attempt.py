"""Why an attempt went as it did: who tried what, on which facts, and how those differ from the try before."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from contracts.taking_over import peers_of
from engine.cost import Use, price_list, priced
from engine.whys import lines
from engine.whys.page import Why, page
from storage.database import Unit
from storage.tables.work import attempts, judged_facts, step_results, verdicts

_MOST = 20
_ALWAYS_DIFFERENT = {"now"}
_ABSENT = "nothing"


class AttemptNotFound(LookupError):
    """This step has no such attempt."""


def of_attempt(unit: Unit, task_number: int, step: str, *, nth: int | None = None) -> Why:
    """The page of a step's attempt, the last unless one is named (from 1); raises AttemptNotFound and TaskNotFound."""
    task, asked = lines.about(unit, task_number)
    tries = [one for one in lines.of(unit, attempts, task_number, "started_at", "ordinal") if one.step == step]
    at = len(tries) if nth is None else nth
    if not 0 < at <= len(tries):
        raise AttemptNotFound(f"{task.name} has {len(tries)} attempts of a step {step}")
    row = tries[at - 1]
    judged = [one for one in lines.of(unit, verdicts, task_number, "version", "ordinal") if _was_judged(one, row)]
    results = [one for one in lines.of(unit, step_results, task_number, "version") if _belongs(one, row)]
    rows = (
        ("Asked", [asked]),
        ("Worker", [f"{row.worker_version}, runner {row.runner}"]),
        ("Rights", lines.rights(unit, task, [step])),
        ("Ran", [f"{lines.moment(row.started_at)}, {(row.ended_at - row.started_at).total_seconds():.2f} s"]),
        ("Came to", [f"{row.outcome}: {row.sentence}" if row.sentence else row.outcome, *_failed(row)]),
        ("Rules", lines.newest_verdicts(judged)),
        ("Read", lines.reads(results)),
        ("Differs", _differs(unit, tries, at)),
        ("Cost", [_cost(unit, row)]),
        ("Trail", lines.trail(unit, task.trail)),
    )
    return page(f"{task.name}/{step}/{at}", f"attempt {at} of {len(tries)}: {step}", row.outcome, rows)


def _version(row: Row[Any]) -> int:
    """The task's version at the commit that kept the attempt."""
    return int(row.ordinal) // 100


def _belongs(row: Row[Any], attempt: Row[Any]) -> bool:
    return bool(row.step == attempt.step and row.version == _version(attempt))


def _failed(row: Row[Any]) -> list[str]:
    return [f"{row.failure_class}, cause: {row.cause}"] if row.failure_class else []


def _was_judged(row: Row[Any], attempt: Row[Any]) -> bool:
    """Whether a verdict is of the attempt's step, or of the peers who could have taken it over then."""
    return bool(row.step in (attempt.step, peers_of(attempt.step)) and row.version == _version(attempt))


def _cost(unit: Unit, row: Row[Any]) -> str:
    seconds = Decimal(str((row.ended_at - row.started_at).total_seconds()))
    return priced([Use(row.started_at, seconds, row.tool_calls)], price_list(unit)).sentence


def _differs(unit: Unit, tries: Sequence[Row[Any]], at: int) -> list[str]:
    """The facts that differ between this attempt and the one before, with both values."""
    if at < 2:
        return []
    before, after = (_facts(unit, row) for row in tries[at - 2 : at])
    if before is None or after is None:
        return ["the facts of one of the two attempts are not kept"]
    found = [
        f"{path}: {before.get(path, _ABSENT)} → {after.get(path, _ABSENT)}"
        for path in sorted(before | after)
        if before.get(path, _ABSENT) != after.get(path, _ABSENT) and path not in _ALWAYS_DIFFERENT
    ]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [*found[:_MOST], *more] or [f"nothing differs from attempt {at - 1} but the time"]


def _facts(unit: Unit, row: Row[Any]) -> dict[str, Any] | None:
    mine = (judged_facts.c.company == unit.company) & (judged_facts.c.task == row.task)
    same = mine & (judged_facts.c.step == row.step) & (judged_facts.c.version == _version(row))
    found = unit.connection.execute(select(judged_facts.c.facts).where(same)).scalar_one_or_none()
    return None if found is None else dict(_flat(found, ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from _flat(one, f"{path}.{name}" if path else name)
    else:
        yield path, value
