"""What tasks cost and which numbers they move, from what they left in the record."""

import json
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.authoring import Transient
from contracts.vocabulary import Answer, TaskState
from engine.cost import Cost, cost_of
from engine.scorecard.kpis import NotObserved, board, observe
from engine.why import why
from storage.audit import trail_of
from tests.builders import House
from tests.integration.engine.worlds import changed_company, deploy, open_shop, raising

DAY_S = 86_400
PRICES = "\nprices:\n"
PUSHED = (
    "  - {name: happiness, title: Happy customers, unit: points, target: 4, direction: up,"
    " objective: Keep customers after something went wrong}\n"
)


def cost(office: House, task: int) -> Cost:
    with office.deployment.database.transaction(office.company) as unit:
        return cost_of(unit, task)


def values(office: House) -> dict[str, tuple[float | None, bool | None]]:
    """Value and "is behind" of each KPI."""
    company = office.deployment.businesses[office.company].company
    with office.deployment.database.transaction(office.company) as unit:
        return {one.kpi.name: (one.value, one.is_behind) for one in board(unit, company)}


def before(office: House) -> dict[str, float | None]:
    """The value of each KPI in the period before this one."""
    company = office.deployment.businesses[office.company].company
    with office.deployment.database.transaction(office.company) as unit:
        return {one.kpi.name: one.before for one in board(unit, company)}


def push(office: House, value: float, *, kpi: str = "happiness", by: str = "mei") -> None:
    company = office.deployment.businesses[office.company].company
    with office.deployment.database.transaction(office.company) as unit:
        observe(unit, company, kpi, value=value, by=by)


def card(office: House, task: int) -> str:
    """The cost line of a task's newest card."""
    query = "select card->>'cost' from decision where task = :task order by number desc limit 1"
    return str(office.rows(query, task=task)[0][0])


def unpriced(home: Path) -> Path:
    text = (changed_company(home, {}) / "company.yaml").read_text()
    return changed_company(home, {"company.yaml": (text[text.index(PRICES) :], "\n")})


def test_why_tells_what_a_task_cost_and_which_number_it_serves(office: House) -> None:
    task = office.asked()
    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        rows = dict(why(unit, task).rows)

    spent = cost(office, task)
    assert spent.tool_calls == office.rows("select sum(tool_calls) from attempt")[0][0] + 2  # one perform, one look
    assert spent.amount is not None
    assert spent.amount >= Decimal("0.0004") * spent.tool_calls
    assert rows["Cost"] == (spent.sentence,)
    assert rows["Serves"] == (
        "Refunds answered within a day ‹ Keep customers after something went wrong ‹ Keep the customers we have",
    )


def test_a_card_shows_what_was_spent_until_somebody_is_asked(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()

    assert card(office, task) == f"Cost so far {cost(office, task).price}"
    assert cost(office, task).tool_calls > 0


def test_without_a_price_list_cost_is_unpriced_on_the_card_and_on_the_page(office: House, home: Path) -> None:
    deploy(office, unpriced(home))
    task = office.asked(amount=74000)
    office.work()

    assert card(office, task) == "Cost so far unpriced"
    assert cost(office, task).sentence.startswith("unpriced (")


def test_failed_tries_cost_as_well_and_the_owner_s_card_says_so(office: House) -> None:
    shop = open_shop(office)
    shop.reading.extend(raising(Transient("The shop is closed.", cause="shop")) for _ in range(40))
    task = office.asked()
    for _ in range(12):
        office.work()
        office.wait(90)

    failed = office.rows("select count(*) from attempt where outcome = 'failed'")[0][0]
    assert office.task(task).state is TaskState.WAITING
    assert failed > 1
    assert cost(office, task).tool_calls >= failed
    assert card(office, task).startswith("Cost so far 0.0")
    assert office.answer_blocker("ruth", Answer.REJECT, "Enough.") is not None


def test_a_kpi_counts_what_ended_in_time_and_what_is_late(office: House) -> None:
    assert values(office)["refunds-within-a-day"] == (None, None)

    office.asked(order="1236")
    office.work()
    in_time = values(office)
    waits = office.asked(amount=74000, form="form-2")
    office.work()
    still_open = values(office)
    office.wait(DAY_S + 1)
    late = values(office)["refunds-within-a-day"][0], before(office)["refunds-within-a-day"]

    of_refunds = {name: value for name, value in in_time.items() if name.startswith("refunds")}
    assert of_refunds == {"refunds-within-a-day": (100.0, False), "refunds-paid-once": (100.0, False)}
    assert office.task(waits).ended_at is None
    assert still_open["refunds-within-a-day"] == (100.0, False)
    assert 50.0 in late


def test_a_pushed_kpi_shows_the_newest_value_and_its_trail_says_who_saw_it(office: House, home: Path) -> None:
    deploy(office, changed_company(home, {"company.yaml": ("\nkpis:\n", f"\nkpis:\n{PUSHED}")}))

    push(office, 3.5)
    first = values(office)["happiness"]
    push(office, 4.25)

    with office.deployment.database.transaction(office.company) as unit:
        trail = trail_of(unit, "kpi:happiness")
    assert first == (3.5, True)
    assert values(office)["happiness"] == (4.25, False)
    assert [(entry["actor"], entry["content"]) for entry in trail] == [
        ("person:mei", {"value": 3.5}),
        ("person:mei", {"value": 4.25}),
    ]


def test_the_command_lists_what_is_behind_and_keeps_what_is_pushed(
    office: House, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = "events:effects_verified of refund"
    changes = {"company.yaml": ("\nkpis:\n", f"\nkpis:\n{PUSHED}")}
    folder = changed_company(home, changes)
    yaml = folder / "company.yaml"
    yaml.write_text(yaml.read_text().replace("events:effects_verified of refunds", lost))
    deploy(office, folder)
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, "morning"))
    )

    told = CliRunner().invoke(app, ["kpis", "--push", "happiness=3.5", "--as", "mei", "--json"])
    shown = CliRunner().invoke(app, ["kpis"])
    nameless = CliRunner().invoke(app, ["kpis", "--push", "happiness=3.5"])

    assert [(row["name"], row["value"], row["standing"]) for row in json.loads(told.stdout)] == [
        ("happiness", 3.5, "behind"),
        ("refunds-within-a-day", None, "nothing yet"),
        ("refunds-paid-once", None, "there is no lane refund"),
        ("tickets-within-a-day", None, "nothing yet"),
        ("warm-outbound-messages", None, "nothing yet"),
        ("warm-replies", None, "nothing yet"),
        ("assessment-purchases", None, "nothing yet"),
        ("tier-1-weekly-revenue", None, "nothing yet"),
    ]
    assert "Happy customers week 3.5 points – at least 4" in " ".join(shown.stdout.split())
    assert nameless.exit_code != 0


@pytest.mark.parametrize(
    ("kpi", "value", "by", "sentence"),
    [
        ("happines", 1.0, "mei", "happines takes no values; those that do: happiness, warm-outbound-messages, "),
        (
            "refunds-paid-once",
            1.0,
            "mei",
            "refunds-paid-once takes no values; those that do: happiness, warm-outbound-messages, ",
        ),
        ("happiness", float("nan"), "mei", "nan is no value of happiness."),
        ("happiness", 1.0, "nobody", "Nobody who is active here is called nobody."),
    ],
)
def test_an_observation_that_fits_no_kpi_or_person_is_not_kept(
    office: House, home: Path, kpi: str, value: float, by: str, sentence: str
) -> None:
    deploy(office, changed_company(home, {"company.yaml": ("\nkpis:\n", f"\nkpis:\n{PUSHED}")}))

    with pytest.raises(NotObserved, match=sentence.replace(".", r"\.")):
        push(office, value, kpi=kpi, by=by)

    assert office.rows("select * from kpi_observation") == []
