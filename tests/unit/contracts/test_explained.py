"""What holds for a lane is shown with the line that says so, and with what it narrows."""

from contracts.explained import Line, explained
from tests.unit.contracts.small_business import COMPANY, LANE, small_business
from tests.unit.contracts.test_business_takeover_mistakes import LESS, with_peers
from tests.unit.contracts.test_business_tree_mistakes import OBJECTIVES, TREE

PORTFOLIO = "{id: counter, name: Counter, manager: olu"
BUSINESS = COMPANY.replace("strategy: Be fair\n", TREE).replace("kpis:\n", OBJECTIVES)


def _lines(company: str = COMPANY, lane: str = LANE) -> list[Line]:
    return list(explained(small_business(company=company, lane=lane), "discounts").lines)


def test_what_nobody_declares_is_said_to_be_undeclared() -> None:
    lines = {line.what: (line.value, line.place) for line in _lines()}

    assert lines["data sources"] == ("any system", "not declared")
    assert lines["stage"] == ("3", "the default")
    assert lines["owner"] == ("olu", "lanes/discounts/lane.yaml:5")


def test_a_value_comes_from_the_lowest_level_that_says_it() -> None:
    narrowed = BUSINESS.replace(PORTFOLIO, f'{PORTFOLIO}, budget: {{run: "0.04"}}')
    lane = LANE.replace("owner: olu\n", 'owner: olu\nbudget: {run: "0.03"}\n', 1)

    lines = _lines(narrowed, lane)

    assert (
        Line(
            "budget run",
            "0.03 USD",
            "lanes/discounts/lane.yaml:6",
            "narrows 0.04 USD (company.yaml:22), 0.05 USD (company.yaml:14)",
        )
        in lines
    )
    assert Line("budget day", "5.00 USD", "company.yaml:14") in lines
    assert Line("caps customer day amount", "1,000.00 USD", "company.yaml:15") in lines
    assert Line("policy", "read back: customer needs verification", "company.yaml:17") in lines


def test_the_number_that_a_lane_serves_is_walked_up_to_the_strategy() -> None:
    lines = _lines(BUSINESS)
    start = [line.what for line in lines].index("serves")

    assert [(line.what.strip(), line.value, line.place) for line in lines[start : start + 5]] == [
        ("serves", "Fair prices", "lanes/discounts/lane.yaml:9"),
        ("KPI", "fair-prices, up to 99 %", "company.yaml:38"),
        ("key result", "Prices are fair", "company.yaml:36"),
        ("objective", "Be fair (olu)", "company.yaml:32"),
        ("strategy", "Be fair", "company.yaml:9"),
    ]


def test_the_budget_of_a_worker_stands_with_what_it_narrows() -> None:
    lane = LANE.replace("    runtime: default\n", '    runtime: default\n    budget: {day: "0.50", month: "9.00"}\n', 1)

    lines = _lines(BUSINESS, lane)

    assert lines[-3:] == [
        Line("worker", "giver (olu) moves Fair prices", "lanes/discounts/lane.yaml:17"),
        Line("  budget day", "0.50 USD", "lanes/discounts/lane.yaml:36", "narrows 5.00 USD (company.yaml:14)"),
        Line("  budget month", "9.00 USD", "lanes/discounts/lane.yaml:36"),
    ]


def test_each_worker_stands_with_its_number() -> None:
    assert _lines()[-1] == Line("worker", "giver (olu) moves Fair prices", "lanes/discounts/lane.yaml:17")


def test_a_worker_stands_with_when_it_takes_over_and_how_its_own_peers_are_put_in_order() -> None:
    ordered = with_peers(LESS).replace("    runtime: default\n", "    runtime: default\n    order: fitness\n", 1)

    lines = {line.what.strip(): (line.value, line.place) for line in _lines(lane=ordered)}

    assert lines["peers"] == ("the fittest first", "lanes/discounts/lane.yaml:36")
    assert lines["takes over"] == ("by its rule; else it gives {request.amount} never", "lanes/discounts/lane.yaml:56")


def test_a_lane_is_shown_below_its_branch_of_the_tree() -> None:
    assert str(explained(small_business(), "discounts")).splitlines()[0] == (
        "The corner shop › Shop › Counter › Give a discount"
    )
