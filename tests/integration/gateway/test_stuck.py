"""`/readyz` says what is stuck and why, in numbers and without anybody's words, and stays ready all the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.heads import keep_head, restored_lines
from engine.auditor import Auditor
from gateway.app import create_app
from gateway.stuck import unmoved_lines
from sandbox.serving import served
from storage.checkpoints import Signer
from storage.held import HELD
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House, house
from tests.integration.escalation.asking import open_decisions
from tests.integration.gateway.world import World, parts

BLOCKER = """insert into blocker (company, id, cause, lane, owner, sentence, action, opened_at, lifted_at, system, asks)
    values ('morning', :id, :id, 'refunds', 'ruth', 'Anna Secret', 'x', chargehand_now() - interval '2 hours', {}, {})
    returning 1"""
WAITS = "update task set state = 'waiting', waiting_for = 'blocker', waiting_on = :id, due_at = null returning 1"
LEFT = """insert into delivery (company, key, source, kind, body, tries)
    values ('morning', 'slack:event:Ev1', 'slack', 'event', '{}', 8) returning 1"""


@pytest.fixture
def office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The company without its gateway."""
    with house(morning_urls, valkey_server.url, home) as found:
        yield found


def blocked(office: House, identity: str, *, system: str | None = None, lifted: bool = False) -> None:
    ends = "chargehand_now()" if lifted else "null"
    of = f"'{system}', 'ruth'" if system else "null, null"
    office.rows(BLOCKER.format(ends, of), id=identity)


def test_what_is_blocked_and_given_up_is_told_with_its_number_and_reason_and_it_is_still_ready(world: World) -> None:
    for number in range(2):
        world.house.asked(form=f"form-{number}", order=f"200{number}")
    blocked(world.house, "b1")
    blocked(world.house, "b2", system="shop")
    blocked(world.house, "b3", lifted=True)
    world.house.rows(WAITS, id="b2")
    world.house.rows(LEFT)

    ready = world.http.get(f"{world.gateway}/readyz")

    assert ready.status_code == 200
    assert [line for line in ready.text.splitlines() if not line.endswith(": ok")] == [
        "stuck: 0 tasks wait, the oldest blocker 2 h old: 1 blocker of refunds for a person; chargehand doctor",
        "stuck: 2 tasks wait, the oldest blocker 2 h old: shop does not answer; chargehand doctor",
        "stuck: 1 delivery given up: what handles them failed; chargehand deliveries",
    ]
    assert "Secret" not in ready.text


def test_a_record_that_was_restored_is_told_with_what_it_holds(world: World) -> None:
    world.house.asked()
    made = Sealer(world.deployment.database, Signer.of(AUDIT_KEY)).seal("morning")
    assert made is not None
    keep_head(world.deployment.home, made)
    whole = restored_lines(world.deployment)
    keep_head(world.deployment.home, replace(made, size=made.size + 1))

    told = replace(parts(world.deployment, "http://127.0.0.1:1/"), restored=restored_lines)
    with served(create_app(told)) as gateway:
        ready = world.http.get(f"{gateway}/readyz")

    assert (whole, ready.status_code) == ([], 200)
    assert "stuck: morning was restored, messages on hold: 1; chargehand reconcile" in ready.text.splitlines()


def test_what_did_not_move_between_two_looks_is_told_with_who_should_have_moved_it(office: House) -> None:
    open_decisions(office)
    office.rows("update outbox set state = 'sent' returning 1")
    office.wait(2 * 86_400)
    looks = Auditor(office.deployment)

    looks.look()
    once = [one for found in looks.unmoved.values() for one in found]
    looks.look()
    twice = [one for found in looks.unmoved.values() for one in found]

    assert unmoved_lines(once) == []
    (line,) = unmoved_lines(twice)
    assert line.startswith("stuck: 3 timers, the oldest ")
    assert line.endswith(" late: `clock` does not fire them")

    office.sweep()
    looks.look()

    assert looks.unmoved == {"morning": []}


def test_a_database_that_is_away_is_waited_for_once(
    lost_gateway: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def listen(deployment: object) -> list[str]:
        asked.append(deployment)
        return []

    monkeypatch.setattr("gateway.app.held_lines", listen)

    away = world.http.get(f"{lost_gateway}/readyz")
    there = world.http.get(f"{world.gateway}/readyz")

    assert (away.status_code, there.status_code) == (503, 200)
    assert asked == [world.deployment]


def test_what_is_blocked_is_read_off_indexes_however_much_was_lifted(office: House) -> None:
    given = {"company": "morning", "most": 1000}
    with office.deployment.database.transaction("morning") as unit:
        unit.connection.execute(text("set local enable_seqscan = off"))  # the planner reads small tables whole
        rows = unit.connection.execute(text(f"explain {HELD.text}"), given | {"now": unit.now}).scalars()
        plan = "\n".join(rows)

    assert "Seq Scan" not in plan
    assert all(name in plan for name in ("blocker_open", "blocker_outage", "task_waiting"))
