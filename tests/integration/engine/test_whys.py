"""Everything that a person may ask the reason of has one page, from the record alone, also after a restore."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres
from contracts.authoring import Transient
from engine.whys.asked import explain
from engine.whys.page import Why
from storage.database import Database
from tests.builders import House
from tests.databases import name_of
from tests.integration.engine.prospects import ask_for
from tests.integration.engine.worlds import decision_of, open_shop, press, raising

DOWN = Transient("The shop can't be reached.", cause="shop")


def ask(office: House, what: str) -> Why:
    """The page of whatever is meant."""
    with office.deployment.database.transaction(office.company) as unit:
        return explain(unit, office.deployment.businesses[office.company].company, what)


def rows(page: Why) -> dict[str, tuple[str, ...]]:
    return dict(page.rows)


def approved(office: House) -> int:
    """A large refund that a person has approved and that was paid."""
    task = office.asked(order="1302", amount=60000)
    office.work()
    press(office, task, office.approvers[0])
    office.work()
    return task


def blocked(office: House) -> tuple[int, str]:
    """A refund whose shop stays away until a person is asked; and the blocker's id."""
    shop = open_shop(office)
    shop.reading.extend([raising(DOWN)] * 40)
    task = office.asked()
    for _ in range(12):
        office.work()
        if found := office.rows("select id from blocker"):
            break
        office.wait(120)
    (row,) = found
    return task, row.id


def test_a_task_says_which_rights_its_workers_had(office: House) -> None:
    task = approved(office)

    told = rows(ask(office, f"T-{task}"))["Rights"]

    assert any(line.startswith("check: tier 1, reads shop.order") for line in told)
    assert any("changes shop.refund" in line for line in told)


def test_a_decision_says_who_was_asked_what_they_saw_and_what_followed(office: House) -> None:
    task = approved(office)
    number = decision_of(office, task)

    page = ask(office, f"decision {number}")
    told = rows(page)

    assert (page.name, page.state) == (f"decision {number}", "approval, approved")
    assert f"T-{task}" in told["Asked"][0]
    assert "approve" in told["Authorised"][0]
    assert told["Rules"]
    assert "read back, equal" in told["Changed"][0]
    assert {"Who may", "Shown", "Cost", "Serves", "Evidence", "Trail"} <= set(told)
    assert ask(office, f"D-{number}") == page


def test_an_effect_says_its_authority_its_calls_and_what_was_read_back(office: House) -> None:
    task = approved(office)
    (effect,) = office.rows("select key from effect where task = :task", task=task)

    page = ask(office, effect.key)
    told = rows(page)

    assert page.state == "verified, readable"
    assert told["Authorised"][0].startswith("Approved by")
    assert "performed 1 times, looked at 1 times" in told["Called"][0]
    assert "read back, equal" in told["Changed"][0]
    assert "changes shop.refund" in told["Rights"][0]
    assert {"Rules", "Read", "Serves", "Evidence", "Trail"} <= set(told)


def test_a_blocker_says_who_owns_it_what_was_tried_and_what_waits(office: House) -> None:
    task, identity = blocked(office)

    page = ask(office, f"blocker {identity}")
    told = rows(page)

    assert page.state == "open"
    assert told["Waits"] == (f"T-{task}",)
    assert len(told["Tried"]) > 1
    assert all("can't be reached" in line for line in told["Tried"])
    assert "waits for an answer" in told["Asked"][0]
    assert {"Blocks", "Owner", "Opened", "Trail"} <= set(told)


def test_two_attempts_that_differ_show_the_facts_that_differ(growth: House) -> None:
    growth.runner.systems[growth.company]["world"].away = 1
    task = ask_for(growth, "writing", "one")
    growth.work()
    ask_for(growth, "lookup", "two")
    growth.wait(700)
    growth.work()
    assert growth.task(task).state == "done"

    first, last = ask(growth, f"T-{task}/write/1"), ask(growth, f"T-{task}/write")

    assert (first.state, last.name) == ("failed", f"T-{task}/write/2")
    assert "transient" in rows(first)["Came to"][1]
    assert "subject.asked: 0 → 1" in rows(last)["Differs"]
    assert "task.tries: 0 → 1" in rows(last)["Differs"]
    assert "Differs" not in rows(first)
    assert {"Worker", "Rights", "Ran", "Rules", "Cost", "Trail"} <= set(rows(last))


def test_a_number_says_its_value_target_source_and_strategy(office: House) -> None:
    task = approved(office)

    page = ask(office, "refunds-within-a-day")
    told = rows(page)

    assert page.state == "on target"
    assert told["Value"] == ("100 %, target at least 95 %",)
    assert f"T-{task} (done)" in told["Counted"][0]
    assert " ‹ " in told["Serves"][0]


def test_a_cost_says_each_attempt_and_effect_at_the_prices_of_its_day(office: House) -> None:
    task = approved(office)

    told = rows(ask(office, f"cost T-{task}"))

    assert len(told["Attempts"]) == 3
    assert "shop.refund, verified" in told["Effects"][0]
    assert told["Prices"]
    assert told["Cost"] == rows(ask(office, f"T-{task}"))["Cost"]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("T-999999", "no task T-999999"),
        ("decision 99", "no decision 99"),
        ("morning/T-1/pay/1/1", "no effect"),
        ("refunds:shop:1", "no blocker"),
        ("nonsense", "Ask of a task"),
        ("refund-within-a-day", "there are refunds-within-a-day"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(office: House, what: str, says: str) -> None:
    with pytest.raises(LookupError, match=says):
        ask(office, what)


def test_an_attempt_that_is_not_there_says_how_many_there_are(office: House) -> None:
    task = approved(office)

    with pytest.raises(LookupError, match=r"has 1 attempts of a step pay"):
        ask(office, f"T-{task}/pay/7")


def test_another_company_is_told_that_there_is_nothing(office: House) -> None:
    task = approved(office)
    with office.deployment.database.transaction("evening") as unit, pytest.raises(LookupError, match="no task"):
        explain(unit, office.deployment.businesses[office.company].company, f"T-{task}")


def test_a_restored_copy_tells_the_same_byte_for_byte(
    office: House, postgres_server: Postgres, morning_urls: DatabaseUrls
) -> None:
    task = approved(office)
    (effect,) = office.rows("select key from effect where task = :task", task=task)
    asked = (f"T-{task}", f"decision {decision_of(office, task)}", effect.key, f"T-{task}/check", f"cost T-{task}")
    office.seal()
    before = [ask(office, what) for what in asked]
    office.deployment.database.close()
    name = name_of(morning_urls)
    copy = postgres_server.create_database(f"{name}_restored", template=name)

    restored = Database(copy.app, size=2)
    try:
        with restored.transaction(office.company) as unit:
            company = office.deployment.businesses[office.company].company
            after = [explain(unit, company, what) for what in asked]
    finally:
        restored.close()
        postgres_server.drop_database(f"{name}_restored")

    assert repr(after) == repr(before)


@pytest.fixture
def say(office: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line on this house."""
    opened: Any = lambda company: nullcontext((office.deployment, office.company))  # noqa: E731
    monkeypatch.setattr("chargehand.commands.opening.opened", opened)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_one_command_asks_of_all_of_them(office: House, say: Callable[..., Result]) -> None:
    task = approved(office)

    assert "Authorised" in say("why", f"decision {decision_of(office, task)}").stdout
    assert "refunds-within-a-day" in say("why", "refunds-within-a-day", "--json").stdout
    assert "attempt 1 of 1" in say("why", f"T-{task}/pay").stdout
