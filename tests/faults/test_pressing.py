"""Many presses of many people on many cards: each decision falls once, and only by those who may."""

import itertools
import json
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import DecisionState
from tests.builders import house
from tests.integration.gateway.conftest import both_served
from tests.integration.gateway.world import CHANNEL, World, eventually

RACES = 60
TIMES_TEN = 10
FORGED = 200
LARGE = 74_000
NOTHING_SUCH = "There is no such decision."
NOT_ENTITLED = ("U0ANNA", "U0TOMAS", "U0RUTH", "U0JONAS", "U0OTTO", "U0NOBODY")


@pytest.fixture(scope="module")
def counter(
    new_morning: Callable[[], DatabaseUrls], valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The company with a gateway and Slack, and a runner that works when told to."""
    home = tmp_path_factory.mktemp("pressing")
    with house(new_morning(), valkey_server.url, home) as office, both_served(office) as made:
        yield made


_orders = itertools.count(7000)


def asked(world: World) -> dict[str, Any]:
    """A large refund that waits for its decision: the value of its buttons."""
    order = str(next(_orders))
    with closing(sqlite3.connect(world.deployment.home / "shop.sqlite", isolation_level=None)) as shop:
        shop.execute("insert into orders values (?, 'Somebody', 'paid', 100000, 1793491200)", (order,))
    task = world.house.asked(order=order, amount=LARGE, form=f"form-{order}")
    world.house.work()
    row = world.house.rows("select number, proposal_digest from decision where task = :task", task=task)[0]
    return {"decision": row.number, "saw": row.proposal_digest[:16]}


def votes(world: World, decision: int) -> list[tuple[str, str]]:
    """(person, answer) of every vote on a decision."""
    rows = world.house.rows("select person, answer from vote where decision = :decision", decision=decision)
    return [(row.person, row.answer) for row in rows]


def state(world: World, decision: int) -> str:
    """The decision's state."""
    found: str = world.house.rows("select state from decision where number = :decision", decision=decision)[0].state
    return found


def all_handled(world: World) -> bool:
    """Whether every press has become something."""
    return not [row for row in world.rows() if row.handled_at is None]


def together(world: World, presses: list[tuple[str, str, Any]]) -> list[int]:
    """Press at the same moment; the answers' statuses."""
    ready = threading.Barrier(len(presses))

    def press(one: tuple[str, str, Any]) -> int:
        ready.wait()
        return world.press(*one).status_code

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, presses))


def test_of_two_approvers_who_press_at_once_one_decides_every_time(counter: World) -> None:
    values = [asked(counter) for _ in range(RACES)]

    for value in values:
        assert together(counter, [(user, "decision.approve", value) for user in ("U0PRIYA", "U0MEI")]) == [200, 200]
    assert eventually(lambda: all_handled(counter))

    assert [len(votes(counter, value["decision"])) for value in values] == [1] * RACES
    assert {state(counter, value["decision"]) for value in values} == {DecisionState.APPROVED}
    late = [said for user in ("U0PRIYA", "U0MEI") for said in counter.heard(user) if "Nothing for you to do." in said]
    assert len(late) >= RACES


def test_ten_presses_at_once_of_one_person_are_one_vote(counter: World) -> None:
    value = asked(counter)

    assert together(counter, [("U0KWAME", "decision.approve", value)] * TIMES_TEN) == [200] * TIMES_TEN
    assert eventually(lambda: all_handled(counter))

    assert votes(counter, value["decision"]) == [("kwame", "approve")]


def forgeries(value: dict[str, Any], chance: random.Random) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(who, what value, what else is changed) of presses that may decide nothing."""
    number = value["decision"]
    saw = "".join(chance.choices("0123456789abcdef", k=16))
    crafted: list[Any] = [
        value,
        {"decision": number},
        value | {"decision": number + chance.randrange(1000, 9000)},
        value | {"person": "priya"},
        value | {"rights": ["approve"]},
        json.dumps(value)[: chance.randrange(1, 20)],
        f"{number}",
        "' or 1=1 --",
    ]
    for who in NOT_ENTITLED:
        yield from ((who, one, {}) for one in crafted)
    for who in ("U0PRIYA", "U0MEI"):
        yield from ((who, one, {}) for one in crafted[2:])
        yield who, value | {"saw": saw}, {}
        yield who, value, {"team": {"id": "T0OTHER"}}
        yield f"{who}X", value, {}


def test_whoever_may_not_decide_changes_nothing_with_whatever_value(counter: World) -> None:
    chance = random.Random(70)
    value = asked(counter)
    pressed = list(itertools.islice(itertools.cycle(list(forgeries(value, chance))), FORGED))
    chance.shuffle(pressed)

    answers = [
        counter.press(who, chance.choice(["decision.approve", "decision.reject"]), said, **changed)
        for who, said, changed in pressed
    ]
    assert eventually(lambda: all_handled(counter))

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    assert votes(counter, value["decision"]) == []
    assert state(counter, value["decision"]) == DecisionState.OPEN
    trail = f"decision:{value['decision']}"
    refused = counter.house.rows("select event from audit_entry where trail = :trail", trail=trail)
    assert ("answer_refused",) in refused


def test_a_decision_of_others_is_told_apart_from_none_by_nothing(counter: World) -> None:
    value, opened = asked(counter), counter.look("calls", method="views.open")

    counter.press("U0TOMAS", "decision.more", value)
    counter.press("U0TOMAS", "decision.more", value | {"decision": 987_654})
    told = eventually(lambda: both if len(both := heard(counter, "U0TOMAS", NOTHING_SUCH)) >= 2 else None)

    assert set(told) == {NOTHING_SUCH}
    assert counter.look("calls", method="views.open") == opened


def heard(world: World, user: str, words: str) -> list[str]:
    """What somebody was told in the channel that begins so."""
    said = world.look("messages", channel=CHANNEL, user=user)
    return [one["text"] for one in said if one.get("visible_to") == user and one["text"].startswith(words)]
