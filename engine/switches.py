"""Kill switches: counts what must not pile up in a lane, and lowers its stage or stops it when it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, text

from contracts.loaded import Business, LoadedLane
from contracts.standing import LANE, Stand, stage_in_force
from contracts.switch import COMPLAINTS, RUN_RATE, RUNS, Switch
from contracts.vocabulary import FailureClass, Message, Standing
from contracts.wording import duration
from engine.deployment import Deployment
from engine.register import pause
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.outbox import Letter
from storage.standings import keep_stage, stand_of
from storage.tables.incidents import incidents
from storage.tables.trail import audit_entries
from storage.tables.trouble import tried
from storage.tables.work import attempts, tasks

TRIPPED = "switch_tripped"
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:switches, 0))")


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a switch is: `count` of what it counts, since it tripped last and within its time."""

    switch: Switch
    count: int

    @property
    def trips(self) -> bool:
        """Whether it is too much."""
        return self.count >= self.switch.trips_at

    @property
    def words(self) -> str:
        """As people read it: "complaints 1 of 3 in 7 d"."""
        one = self.switch
        return f"{one.counts} {self.count} of {one.trips_at} in {duration(one.within)}"


def readings(unit: Unit, loaded: LoadedLane) -> list[Reading]:
    """Every switch that a lane declares as it stands: two statements each."""
    return [_read(unit, loaded, one) for one in loaded.lane.switches]


def _read(unit: Unit, loaded: LoadedLane, switch: Switch) -> Reading:
    lane = loaded.lane.lane
    return Reading(switch, _COUNTED[switch.counts](unit, lane, _since(unit, lane, switch)))


def _since(unit: Unit, lane: str, switch: Switch) -> datetime:
    """What had tripped it before counts no more: a person has looked at it since, or will."""
    trail = (audit_entries.c.company == unit.company) & (audit_entries.c.trail == f"{LANE}:{lane}")
    mine = trail & (audit_entries.c.event == TRIPPED) & (audit_entries.c.content["switch"].astext == switch.name)
    last: datetime | None = unit.connection.execute(select(func.max(audit_entries.c.at)).where(mine)).scalar()
    begins = unit.now - timedelta(seconds=switch.within)
    return max(last, begins) if last is not None else begins


def _complaints(unit: Unit, lane: str, since: datetime) -> int:
    """Tasks, and not words: ten people who are right about one task are one complaint."""
    mine = (incidents.c.company == unit.company) & (incidents.c.lane == lane) & incidents.c.withdrawn.is_(False)
    query = select(func.count(incidents.c.task.distinct())).where(mine, incidents.c.reported_at > since)
    found: int = unit.connection.execute(query).scalar_one()
    return found


def _runs(unit: Unit, lane: str, since: datetime) -> int:
    mine = (attempts.c.company == unit.company) & (attempts.c.started_at > since)
    return _of_lane(unit, attempts, lane, mine)


def _errors(unit: Unit, lane: str, since: datetime) -> int:
    mine = (tried.c.company == unit.company) & (tried.c.at > since)
    return _of_lane(unit, tried, lane, mine & (tried.c.failure_class != FailureClass.GOVERNANCE))


def _violations(unit: Unit, lane: str, since: datetime) -> int:
    mine = (tried.c.company == unit.company) & (tried.c.at > since)
    return _of_lane(unit, tried, lane, mine & (tried.c.failure_class == FailureClass.GOVERNANCE))


def _of_lane(unit: Unit, table: Table, lane: str, mine: ColumnElement[bool]) -> int:
    same = (tasks.c.company == table.c.company) & (tasks.c.number == table.c.task)
    query = select(func.count()).select_from(table.join(tasks, same)).where(mine, tasks.c.lane == lane)
    return int(unit.connection.execute(query).scalar_one())


_COUNTED: Mapping[str, Callable[[Unit, str, datetime], int]] = {
    "complaints": _complaints,
    "runs": _runs,
    "errors": _errors,
    "violations": _violations,
}


def mind(deployment: Deployment, company: str) -> None:
    """Trip what has piled up by itself, in every lane of a company: what people say is heeded when they say it."""
    business, is_busy = deployment.businesses[company], _may_run_away(deployment, company)
    for loaded in business.lanes.values():
        declared = loaded.lane.switches
        switches = declared if any(one.counts != COMPLAINTS for one in declared) else ()
        if is_busy and all(one.counts != RUNS for one in declared):
            switches = (*switches, RUN_RATE)
        if switches:
            with deployment.database.transaction(company) as unit:
                tripped = _heed(unit, business, loaded, switches, actor="clock")
            if tripped:
                deployment.wakeups.courier()


def _may_run_away(deployment: Deployment, company: str) -> bool:
    """Whether all lanes together have run so often that one of them may be too much; else none has to be counted."""
    with deployment.database.transaction(company) as unit:
        since = unit.now - timedelta(seconds=RUN_RATE.within)
        mine = (attempts.c.company == company) & (attempts.c.started_at > since)
        found = select(attempts.c.task).where(mine).limit(RUN_RATE.trips_at).subquery()
        return int(unit.connection.execute(select(func.count()).select_from(found)).scalar_one()) >= RUN_RATE.trips_at


def heed(unit: Unit, business: Business, lane: str, *, actor: str) -> Sequence[str]:
    """Trip what has to trip now, inside the caller's transaction, and tell the lane's owner; says what each did.

    `actor` is who caused the last of what was counted.
    """
    loaded = business.lanes.get(lane)
    if loaded is None or not loaded.lane.switches:
        return ()
    return _heed(unit, business, loaded, loaded.lane.switches, actor=actor)


def _heed(
    unit: Unit, business: Business, loaded: LoadedLane, switches: Sequence[Switch], *, actor: str
) -> Sequence[str]:
    # Two at once would not see each other's, and neither would trip it.
    unit.connection.execute(_LOCK, {"switches": f"{unit.company}/switches/{loaded.lane.lane}"})
    found = [_read(unit, loaded, one) for one in switches]
    return [_trip(unit, business, loaded, one, actor) for one in found if one.trips]


def _trip(unit: Unit, business: Business, loaded: LoadedLane, reading: Reading, actor: str) -> str:
    switch, name = reading.switch, f"{LANE}:{loaded.lane.lane}"
    because = f"{switch.because.rstrip('.')} ({reading.words})"
    content: dict[str, Any] = {"switch": switch.name, "count": reading.count, "then": switch.then, "because": because}
    note(unit, name, Said(TRIPPED, actor, content))
    stage = switch.stage
    if stage is None:
        stand = Stand(name, Standing.PAUSED, f"switch {switch.name}", because)
        became = pause(unit, business, stand, actor=actor).sentence
    else:
        became = _lower(unit, loaded, stage, because, switch)
    sentence = f"The switch “{switch.name}” of {loaded.lane.title} has tripped: {because}. {became}"
    dedupe = f"switch:{loaded.lane.lane}:{switch.name}:{unit.now.isoformat()}"
    outbox.put(unit, Letter(Message.NOTICE, dedupe, person=loaded.lane.owner, details={"sentence": sentence}))
    return sentence


def _lower(unit: Unit, loaded: LoadedLane, stage: int, because: str, switch: Switch) -> str:
    name, declared = f"{LANE}:{loaded.lane.lane}", loaded.lane.stage
    before = stage_in_force(declared, stand_of(unit, name, lock=True))
    if before <= stage:
        return f"It is at stage {before} already."
    keep_stage(unit, name, stage, by=f"switch {switch.name}", because=because)
    back = f"chargehand stage {loaded.lane.lane} {before}"
    return f"It is at stage {stage} now, and was at {before}. When it is mended: {back}."
