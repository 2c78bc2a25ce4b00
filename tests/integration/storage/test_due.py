"""A claim reads a few of the tasks that are due, however many are, and whatever the database believes of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from psycopg import sql

from chargehand.embedded.addresses import DatabaseUrls
from storage import claims
from storage.due import MOST
from tests.builders import House
from tests.integration.storage.test_claims import ask_many

MANY = 24 * MOST
READ = 4 * MOST
"""More than the candidates of all kinds, far fewer than are due."""


_DUE = "update task set due_at = chargehand_now() - number * interval '1 ms'"
_NONE_DUE = "update task set due_at = null where number > (select min(number) from task)"
_URGENT = "update task set deadline = due_at + number * interval '1 minute'"
BELIEVED = {
    "nothing": [_DUE],
    "the truth": [_DUE, "analyze task"],
    "what was true when none was due": [_NONE_DUE, "analyze task", _DUE],
}


@pytest.mark.parametrize("believed", BELIEVED)
@pytest.mark.parametrize("urgent", [[], [_URGENT]], ids=["without deadlines", "with deadlines"])
def test_a_claim_never_reads_all_that_is_due(
    office: House, morning_urls: DatabaseUrls, believed: str, urgent: list[str]
) -> None:
    ask_many(office, MANY, MANY)
    with psycopg.connect(morning_urls.owner.replace("+psycopg", "")) as owner:
        for statement in [*BELIEVED[believed], *urgent]:
            owner.execute(statement)

    plan = planned(morning_urls)

    assert {node: rows for node, rows in read(plan) if rows > READ} == {}


def planned(urls: DatabaseUrls) -> Mapping[str, Any]:
    """What the database did for a claim of sixteen, planned for any company and number as claims are, which is taken back."""
    statement, values = claims._SENT_DUE, {"company": "morning", "runtime": "default", "batch": 16}
    given = sql.SQL(", ").join(sql.Literal(place.decode()) for place in statement.places(values))
    with psycopg.connect(urls.app.replace("+psycopg", "")) as connection:
        connection.execute("select set_config('app.company', 'morning', true)")
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare due as {statement.sql}".encode())
        found = connection.execute(sql.SQL("explain (analyze, format json) execute due({})").format(given)).fetchone()
        connection.rollback()
    plan: Mapping[str, Any] = found[0][0]["Plan"] if found else {}
    return plan


def read(node: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What each scan of tasks has looked at, kept or not."""
    if node.get("Relation Name") == "task":
        looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield f"{node['Node Type']} {node.get('Index Name')} {node.get('Alias')}", looked_at * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from read(part)
