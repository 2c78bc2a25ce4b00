"""What Prometheus may read: counters of this process, and the database's own counts at the moment of the scrape."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.overdue import Kind, overdue

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_STATES = text("select kind, word, amount from state_counts()")
_STUCK = text("select count(*) from stuck_tasks()")


@dataclass(frozen=True, slots=True)
class Counts:
    """The gateway's own counters over one registry."""

    registry: CollectorRegistry
    refused: Counter
    received: Counter
    acknowledged: Histogram


def make_counts(database: Database, companies: Collection[str] = ()) -> Counts:
    """Fresh counters, with the database's counts beside them; how late things are is read of these companies."""
    registry = CollectorRegistry()
    registry.register(_Record(database, companies))
    return Counts(
        registry=registry,
        refused=Counter(
            "chargehand_slack_refused", "Requests whose signature proved nothing", ["reason"], registry=registry
        ),
        received=Counter(
            "chargehand_slack_received", "Deliveries, by kind and what was done", ["kind", "outcome"], registry=registry
        ),
        acknowledged=Histogram(
            "chargehand_slack_acknowledgement_seconds",
            "Time from a request's arrival to its answer",
            buckets=_BUCKETS,
            registry=registry,
        ),
    )


class _Record(Collector):
    """Reads the database at each scrape: counters in forked children would vanish with them."""

    def __init__(self, database: Database, companies: Collection[str]) -> None:
        self._database = database
        self._companies = companies

    def collect(self) -> Iterator[Metric]:
        """The rows of every kind by state, the stuck tasks, how late what is due is, and whether the database answered."""
        rows = GaugeMetricFamily("chargehand_rows", "Rows by kind and state", labels=["kind", "state"])
        stuck = GaugeMetricFamily("chargehand_stuck_tasks", "Tasks that nothing would ever move again")
        late = GaugeMetricFamily("chargehand_overdue_seconds", "How late the oldest due thing is", labels=["kind"])
        reachable = GaugeMetricFamily("chargehand_database_reachable", "1 when the database answered this scrape")
        try:
            for kind, word, amount in self._counted(stuck):
                rows.add_metric([kind, word], amount)
            for overdue_kind, seconds in self._latest().items():
                late.add_metric([overdue_kind], seconds)
            reachable.add_metric([], 1)
        except SQLAlchemyError:
            reachable.add_metric([], 0)
        yield from (rows, stuck, late, reachable)

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []

    def _counted(self, stuck: GaugeMetricFamily) -> list[tuple[str, str, int]]:
        with self._database.unbound() as connection:
            found = [(row.kind, row.word, row.amount) for row in connection.execute(_STATES)]
            stuck.add_metric([], connection.execute(_STUCK).scalar_one())
        return found

    def _latest(self) -> dict[Kind, float]:
        """By kind, the seconds by which the oldest of all companies is late; 0 when nothing is due."""
        latest = dict.fromkeys(Kind, 0.0)
        for company in self._companies:
            with self._database.transaction(company) as unit:
                found = overdue(unit)
            latest |= {one.kind: max(latest[one.kind], one.seconds) for one in found}
        return latest
