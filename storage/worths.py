"""What each lane is worth now, kept in its row, so that neither intake nor a claim has to ask."""

from collections.abc import Mapping

from sqlalchemy import select, text

from contracts.priority import Worth
from storage.database import Unit
from storage.recordsets import as_json
from storage.tables.business import lanes

_KEEP = text(
    """update lane set worth = r.worth, worth_because = r.because
    from jsonb_to_recordset(cast(:worths as jsonb)) r(lane text, worth float8, because text)
    where company = :company and id = r.lane and (lane.worth, worth_because) is distinct from (r.worth, r.because)"""
)


def keep(unit: Unit, worths: Mapping[str, Worth]) -> int:
    """Write down what has changed, in one statement; returns of how many lanes. No task is touched."""
    rows = [{"lane": lane, "worth": worth.value, "because": worth.because} for lane, worth in worths.items()]
    return unit.connection.execute(_KEEP, {"company": unit.company, "worths": as_json(rows)}).rowcount


def worth_of(unit: Unit, lane: str) -> Worth | None:
    """The worth of a lane; None of one that is not known, or that nobody has weighed yet."""
    query = select(lanes.c.worth, lanes.c.worth_because).where(lanes.c.company == unit.company, lanes.c.id == lane)
    row = unit.connection.execute(query).one_or_none()
    return Worth(row.worth, row.worth_because) if row is not None and row.worth_because else None
