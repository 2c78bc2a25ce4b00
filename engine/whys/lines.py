"""Lines and reads that pages of every kind share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select

from contracts.loading.pages import read_page
from contracts.taking_over import TAKES_OVER
from storage.artifacts import of_task
from storage.audit import broken_at, trail_of
from storage.database import Unit
from storage.sealed import Sealed, sealed
from storage.tables.business import lane_versions
from storage.tasks import Task, load

SHORT = 8


def of(unit: Unit, table: Table, task: int, *order: str) -> Sequence[Row[Any]]:
    """The rows of a task in a table."""
    mine = (table.c.company == unit.company) & (table.c.task == task)
    return unit.connection.execute(select(table).where(mine).order_by(*(table.c[name] for name in order))).all()


def clock(at: datetime | None) -> str:
    """A moment as lines show it."""
    return at.strftime("%H:%M:%S") if at else "never"


def moment(at: datetime | None) -> str:
    """A moment with its day."""
    return at.strftime("%-d %b %Y %H:%M:%S UTC") if at else "never"


def about(unit: Unit, number: int) -> tuple[Task, str]:
    """A task and the line that says what was asked for."""
    task = load(unit, number)
    return task, f"{task.name}: {task.told.get('summary', task.subject)}"


def contract(task: Task) -> str:
    """The version of the contract that a task runs under."""
    return f"contract {task.lane}@{task.lane_hash[:SHORT]}"


def lane_file(unit: Unit, task: Task) -> dict[str, Any]:
    """The lane's file as it was when the task was accepted; empty when it was never published."""
    mine = (lane_versions.c.company == unit.company) & (lane_versions.c.lane == task.lane)
    query = select(lane_versions.c.files).where(mine, lane_versions.c.hash == task.lane_hash)
    name = f"lanes/{task.lane}/lane.yaml"
    files = unit.connection.execute(query).scalar_one_or_none() or {}
    data = read_page(name, files[name].encode()).data if name in files else {}
    return data if isinstance(data, dict) else {}


def rights(unit: Unit, task: Task, steps: Sequence[str]) -> list[str]:
    """What the workers of steps might read and change, as the task's version of the contract says."""
    lane = lane_file(unit, task)
    declared = {step["name"]: step for step in lane.get("steps", [])}
    workers = lane.get("workers", {})
    doing = [(name, workers.get(declared[name]["worker"], {})) for name in steps if name in declared]
    return [
        f"{name}: tier {one.get('tier')}, reads {_listed(one.get('reads'))}, changes {_listed(one.get('writes'))}"
        for name, one in doing
    ]


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names or ()) or "nothing"


def evidence(unit: Unit, task: int) -> list[str]:
    """What was saved of a task."""
    return [f"{name} sha256 {digest[:SHORT]}…" for name, digest in of_task(unit, task)]


def trail(unit: Unit, name: str) -> list[str]:
    """How long a trail is, whether its chain is intact, and how far it is sealed."""
    entries = trail_of(unit, name)
    if not entries:
        return []
    broken = broken_at(entries)
    intact = "chain intact" if broken is None else f"chain BROKEN at entry {broken}"
    return [f"{len(entries)} entries, {intact}, {_sealed(sealed(unit, name), len(entries))}"]


def _sealed(found: Sealed, entries: int) -> str:
    if found.checkpoint is None:
        return "not sealed yet"
    newer = entries - found.entries
    return f"sealed in checkpoint {found.checkpoint}" + (f" but for the last {newer}, not sealed yet" if newer else "")


def verdict(row: Row[Any]) -> str:
    """A verdict with what it came to."""
    words: dict[tuple[str, bool | None], str]
    words = {("require", True): "holds", ("require", False): "does not hold", ("approve", True): "ask people"}
    words |= {("when", True): "taken", ("when", False): "left out"}
    words |= {(TAKES_OVER, True): "may take over", (TAKES_OVER, False): "ruled out", (TAKES_OVER, None): "ruled out"}
    came = words.get((row.kind, row.holds), "no need to ask" if row.holds is False else "can't be told")
    return f"{row.rule}: {row.sentence} → {came}"


def newest_verdicts(rows: Sequence[Row[Any]]) -> list[str]:
    """Each rule once, as it was judged last."""
    return [verdict(row) for row in {(row.kind, row.rule): row for row in rows}.values()]


def effect(row: Row[Any]) -> str:
    """An effect and how far it has come."""
    told = f"{row.tool} key {row.key}" + (f", taking back {row.undoes}" if row.undoes else "")
    if row.verified_at is None:
        return f"{told} → {row.state}, intended {clock(row.intended_at)}"
    return f"{told} → row {row.seen['reference']} read back, equal ({clock(row.verified_at)})"


def reads(rows: Sequence[Row[Any]]) -> list[str]:
    """What steps have read, as their results keep it."""
    return [_read(read) for row in rows for read in row.reads]


def _read(read: dict[str, Any]) -> str:
    what = " ".join(str(value) for value in read["args"].values())
    at = clock(datetime.fromisoformat(read["at"]))
    lags = f", as of {moment(datetime.fromisoformat(read['as_of']))}" if "as_of" in read else ""
    return f"{read['what']} {what} ({at}{lags}), sha256 {read['digest'][:SHORT]}…"
