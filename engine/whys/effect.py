"""Why an effect: who authorised it, which rules held, what was asked of the world and what was read back."""

from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import EffectState
from engine.scorecard.kpis import serves
from engine.whys import lines
from engine.whys.page import Why, page
from storage.database import Unit
from storage.tables.work import effects, step_results, verdicts
from storage.undos import PARTS


class EffectNotFound(LookupError):
    """This company has no effect of that key."""


def of_effect(unit: Unit, key: str) -> Why:
    """The page of an effect; raises EffectNotFound."""
    found = select(effects).where(effects.c.company == unit.company, effects.c.key == key)
    row = unit.connection.execute(found).one_or_none()
    if row is None:
        raise EffectNotFound(f"there is no effect with the key {key}")
    task, asked = lines.about(unit, row.task)
    judged = [one for one in lines.of(unit, verdicts, row.task, "version", "ordinal") if one.step == row.step]
    rows = (
        ("Asked", [asked, f"because {row.because}"]),
        ("Authorised", [row.authority, f"proposal {row.digest[: lines.SHORT]}…, {lines.contract(task)}"]),
        ("Rules", lines.newest_verdicts(judged)),
        ("Rights", lines.rights(unit, task, [row.step])),
        ("Read", lines.reads(lines.of(unit, step_results, row.task, "version", "step"))),
        ("Called", [_called(row)]),
        ("Changed", [lines.effect(row), *_compared(row)]),
        ("Serves", serves(unit, task)),
        ("Evidence", lines.evidence(unit, row.task)),
        ("Trail", lines.trail(unit, task.trail)),
    )
    return page(row.key, f"{row.tool} for {task.name}", f"{row.state}, {row.effect_class}", rows)


def _called(row: Row[Any]) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in sorted(row.args.items()))
    looks = row.looks + (row.verified_at is not None)
    return f"{row.tool}({given}): performed {row.performs} times, looked at {looks} times"


def _compared(row: Row[Any]) -> list[str]:
    """What the world showed beside what was asked for; how a person ended the doubt."""
    told = []
    stands = (row.seen or {}).get(PARTS) if row.state != EffectState.VERIFIED else None
    if stands:
        told.append(f"in part: {', '.join(stands['done'])} stands; {', '.join(stands['missing'])} is missing")
    elif row.seen and row.state != EffectState.VERIFIED:
        told.append(
            "; ".join(f"{name}: asked {row.args[name]!r}, seen {row.seen.get(name)!r}" for name in sorted(row.args))
        )
    if row.finding:
        told.append(f"{row.finding.get('name')} said what happened: {row.finding.get('because') or 'no reason given'}")
    return told
