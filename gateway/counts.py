"""What Prometheus may read: counters of this process, and the database's own counts at the moment of the scrape."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database

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


def make_counts(database: Database) -> Counts:
    """Fresh counters, with the database's counts beside them."""
    registry = CollectorRegistry()
    registry.register(_Record(database))
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

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """The rows of every kind by state, the stuck tasks, and whether the database answered."""
        rows = GaugeMetricFamily("chargehand_rows", "Rows by kind and state", labels=["kind", "state"])
        stuck = GaugeMetricFamily("chargehand_stuck_tasks", "Tasks that nothing would ever move again")
        reachable = GaugeMetricFamily("chargehand_database_reachable", "1 when the database answered this scrape")
        try:
            for kind, word, amount in self._counted(stuck):
                rows.add_metric([kind, word], amount)
            reachable.add_metric([], 1)
        except SQLAlchemyError:
            reachable.add_metric([], 0)
        yield from (rows, stuck, reachable)

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []

    def _counted(self, stuck: GaugeMetricFamily) -> list[tuple[str, str, int]]:
        with self._database.unbound() as connection:
            found = [(row.kind, row.word, row.amount) for row in connection.execute(_STATES)]
            stuck.add_metric([], connection.execute(_STUCK).scalar_one())
        return found
