"""Which outside systems are known to be down, by runtime: on record, so that all runners stop calling them together."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select, text, update

from storage.database import Unit
from storage.tables.trouble import circuits

MOST_FAILURES = 5
"""So many transient failures, none of them a minute after the one before, open a circuit."""

PROBE_S = 60
"""How long nobody calls a system that is down before one task tries it."""

DOWN = (
    select(func.jsonb_object_agg(circuits.c.system, circuits.c.sentence))
    .where(
        circuits.c.company == bindparam("company"),
        circuits.c.runtime == bindparam("runtime"),
        circuits.c.opened_at.is_not(None),
    )
    .scalar_subquery()
)
"""A JSON object of the systems of `:company` that are down on `:runtime`, or null: one look for a whole statement."""

_COUNT = "case when c.opened_at is null and c.failed_at < :now - interval '1 minute' then 1 else c.failures + 1 end"
_FAILED = text(
    f"""insert into circuit as c (company, system, runtime, failures, sentence, failed_at)
    values (:company, :system, :runtime, 1, :sentence, :now)
    on conflict (company, system, runtime) do update set failures = {_COUNT}, sentence = :sentence, failed_at = :now,
        opened_at = coalesce(c.opened_at, case when {_COUNT} >= :most then cast(:now as timestamptz) end),
        probe_at = case when {_COUNT} >= :most then :now + make_interval(secs => :probe) end"""  # noqa: S608 - words of our own
)


def failed(unit: Unit, system: str, runtime: str, sentence: str) -> None:
    """Count a transient failure of a system; the one that is too much opens its circuit."""
    parameters = {"company": unit.company, "system": system, "runtime": runtime, "sentence": sentence, "now": unit.now}
    unit.connection.execute(_FAILED, {**parameters, "most": MOST_FAILURES, "probe": PROBE_S})


def down(unit: Unit, runtime: str) -> dict[str, str]:
    """The systems that are down on a runtime, each with the sentence of its last failure."""
    found = unit.connection.execute(select(DOWN), {"company": unit.company, "runtime": runtime}).scalar_one()
    return dict(found or {})


def down_on(unit: Unit, system: str) -> frozenset[str]:
    """The runtimes on which a system is down."""
    mine = (circuits.c.company == unit.company) & (circuits.c.system == system) & circuits.c.opened_at.is_not(None)
    return frozenset(unit.connection.execute(select(circuits.c.runtime).where(mine)).scalars())


def may_probe(unit: Unit, system: str, runtime: str) -> bool:
    """Whether this task is the one that tries a system which is down; nobody else does so for a while."""
    here = (circuits.c.company == unit.company) & (circuits.c.system == system) & (circuits.c.runtime == runtime)
    due = here & circuits.c.opened_at.is_not(None) & (circuits.c.probe_at <= unit.now)
    next_one = unit.now + func.make_interval(0, 0, 0, 0, 0, 0, PROBE_S)
    statement = update(circuits).where(due).values(probe_at=next_one).returning(circuits.c.system)
    return unit.connection.execute(statement).first() is not None


def probe_at(unit: Unit, system: str, runtime: str) -> datetime | None:
    """When a system that is down may be tried; None when it answers again."""
    here = (circuits.c.company == unit.company) & (circuits.c.system == system) & (circuits.c.runtime == runtime)
    found: datetime | None = unit.connection.execute(select(circuits.c.probe_at).where(here)).scalar_one_or_none()
    return found


def close(unit: Unit, systems: Collection[str], *, runtime: str | None = None) -> None:
    """The systems answer again, on one runtime or as far as a person knows on all."""
    here = (circuits.c.company == unit.company) & circuits.c.system.in_(systems)
    if runtime is not None:
        here &= circuits.c.runtime == runtime
    unit.connection.execute(update(circuits).where(here).values(failures=0, opened_at=None, probe_at=None))
