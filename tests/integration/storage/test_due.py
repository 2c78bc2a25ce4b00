"""A claim reads a few of the tasks that are due, however many are, and whatever the database believes of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from chargehand.embedded.addresses import DatabaseUrls
from storage.claiming import CLAIM
from storage.due import MOST
from tests.builders import House
from tests.integration.storage.test_claims import ask_many

MANY = 24 * MOST
BATCH = 16
READ = 4 * MOST
"""More than the candidates of all kinds, far fewer than are due."""
CLAIMS = {"runner": "r1", "actor": "runner:r1", "lease_s": "10", "table": None, "known": "[]"}

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
    assert leased_by(plan) == ["Tid Scan"]


def test_with_a_plan_made_when_there_were_no_tasks_only_those_in_turn_are_asked_about(
    office: House, morning_urls: DatabaseUrls
) -> None:
    """Whether a subject is free is a query of its own; and a plan is kept until the database has counted anew."""
    with _planning(morning_urls) as explained:
        explained()
        ask_many(office, MANY, MANY)
        with psycopg.connect(morning_urls.owner.replace("+psycopg", "")) as owner:
            owner.execute(_DUE)
        plan = explained()

    assert sum(asked_about(plan)) == BATCH
    assert leased_by(plan) == ["Tid Scan"]
    assert {node: rows for node, rows in read(plan) if rows > READ} == {}


def planned(urls: DatabaseUrls) -> Mapping[str, Any]:
    """What the database did for a claim of sixteen, planned for any company and number as claims are, which is taken back."""
    with _planning(urls) as explained:
        return explained()


@contextmanager
def _planning(urls: DatabaseUrls) -> Iterator[Callable[[], Mapping[str, Any]]]:
    """A session that keeps the plan of its first claim."""
    places = CLAIM.places({**CLAIMS, "company": "morning", "runtime": "default", "batch": BATCH})
    given = sql.SQL(", ").join(sql.Literal(place.decode() if place is not None else None) for place in places)
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True, prepare_threshold=None) as connection:
        connection.execute("select set_config('app.company', 'morning', false)")
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare due as {CLAIM.sql}".encode())

        def explained() -> Mapping[str, Any]:
            with connection.transaction(force_rollback=True):
                query = sql.SQL("explain (analyze, format json) execute due({})").format(given)
                ((plan,),) = connection.execute(query).fetchall()
            found: Mapping[str, Any] = plan[0]["Plan"]
            return found

        yield explained


def read(node: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What each scan of tasks has looked at, kept or not."""
    if node.get("Relation Name") == "task":
        looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield f"{node['Node Type']} {node.get('Index Name')} {node.get('Alias')}", looked_at * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from read(part)


def leased_by(node: Mapping[str, Any], *, inside: bool = False) -> list[str]:
    """How the rows that are leased were come by: the database does not tell of entries that it passes over in an index."""
    inside = inside or node.get("Subplan Name") == "CTE claimed"
    is_scan = inside and "Scan" in node["Node Type"] and node.get("Relation Name") == "task"
    below = [one for part in node.get("Plans", ()) for one in leased_by(part, inside=inside)]
    return [node["Node Type"], *below] if is_scan else below


def asked_about(node: Mapping[str, Any]) -> Iterator[float]:
    """Of how many tasks each part of a plan has asked whether their subject is free."""
    if "may_hold_subject" in str(node.get("Filter", "")):
        yield (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from asked_about(part)
