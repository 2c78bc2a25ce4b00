"""Every worker of a company as the business unit that it is: how it stands, in which version, and how it did lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from contracts.loaded import Business
from contracts.standing import Stand, worker_unit
from contracts.vocabulary import Standing
from storage.database import Unit
from storage.standings import known

LATELY_DAYS = 7
_LATELY = text(
    """select t.lane, split_part(a.worker_version, ' ', 1) as worker, count(*) as tried,
        count(*) filter (where a.outcome = 'failed') as failed, max(a.ended_at) as last
    from attempt a join task t on t.company = a.company and t.number = a.task
    where a.company = :company and a.ended_at > :now - make_interval(days => :days)
    group by 1, 2"""
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One worker: what it is declared as, how it stands since when, and its attempts of the last week."""

    lane: str
    worker: str
    job: str
    accountable: str
    kpi: str | None
    tier: int
    version: str
    stand: Stand
    since: datetime | None
    tried: int
    failed: int
    last: datetime | None


def roster(unit: Unit, business: Business) -> list[Listed]:
    """Every worker, lane by lane."""
    stands, lately = known(unit), _lately(unit)
    listed = []
    for lane, loaded in business.lanes.items():
        for name, worker in loaded.lane.workers.items():
            called = worker_unit(lane, name)
            stand, since = stands.get(called, (Stand(called, Standing.ACTIVE, "", ""), None))
            tried, failed, last = lately.get((lane, name), (0, 0, None))
            version = f"{worker.version}@{loaded.versions[name][:12]}"
            said = (worker.job, worker.accountable, worker.kpi, worker.tier, version)
            listed.append(Listed(lane, name, *said, stand, since, tried, failed, last))
    return listed


def _lately(unit: Unit) -> dict[tuple[str, str], tuple[int, int, datetime | None]]:
    given: dict[str, Any] = {"company": unit.company, "now": unit.now, "days": LATELY_DAYS}
    rows = unit.connection.execute(_LATELY, given)
    return {(row.lane, row.worker): (row.tried, row.failed, row.last) for row in rows}
