"""What a reply belongs to is found at once, however many messages were ever posted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from chargehand.embedded.addresses import DatabaseUrls
from tests.integration.gateway.world import CHANNEL, TEAM, World, eventually

POSTED = 20_000
FEW = 50
_MANY = """insert into outbox (company, dedupe, person, details, state, message, team, channel, ts)
    select 'morning', 'old:' || n, 'anna', '{}', 'sent', 'notice', %s, %s, (1700000000 + n) || '.000100'
    from generate_series(1, %s) n"""


@pytest.mark.parametrize("kind", ["im", "channel"])
def test_a_reply_reads_no_message_but_those_of_its_place(world: World, morning_urls: DatabaseUrls, kind: str) -> None:
    with psycopg.connect(morning_urls.owner.replace("+psycopg", "")) as owner:
        owner.execute(_MANY, (TEAM, CHANNEL, POSTED))
        owner.execute("analyze outbox")

    reply = {"user": "U0ANNA", "channel": CHANNEL, "channel_type": kind, "thread_ts": "1700000777.000100"}
    with looked_up(world) as queries:
        world.event("Ev1", {"type": "message", "text": "yes", "ts": "1800000000.000100", "team": TEAM, **reply})
        assert eventually(lambda: [row for row in world.rows() if row.handled_at])

    by_place = [(words, values) for words, values in queries if "outbox.ts = " in words]
    assert by_place
    for words, values in by_place:
        assert sum(read(planned(world, words, values))) <= FEW


@contextmanager
def looked_up(world: World) -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its values, until the end."""
    seen: list[tuple[str, Any]] = []
    engine = world.deployment.database.engine

    def note(_: Any, __: Any, words: str, values: Any, *___: Any) -> None:
        seen.append((words, values))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def planned(world: World, words: str, values: Any) -> Mapping[str, Any]:
    """What the database does for a statement."""
    with world.deployment.database.transaction("morning") as unit:
        found = unit.connection.exec_driver_sql(f"explain (analyze, format json) {words}", values).scalar_one()
    plan: Mapping[str, Any] = found[0]["Plan"]
    return plan


def read(node: Mapping[str, Any]) -> Iterator[float]:
    """How many messages each scan has looked at, kept or not."""
    if node.get("Relation Name") == "outbox":
        yield (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from read(part)
