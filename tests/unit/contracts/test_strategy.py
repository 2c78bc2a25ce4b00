"""The way from the strategy down to whoever moves a number, and the numbers that nobody moves."""

from contracts.strategy import strategy_of
from tests.unit.contracts.small_business import COMPANY, small_business
from tests.unit.contracts.test_business_tree_mistakes import OBJECTIVES

IDLE = "  - {name: smiles, title: Smiles, unit: smiles, target: 9, direction: up, objective: Be fair}\n"


def test_the_strategy_is_walked_down_to_the_workers() -> None:
    nodes = strategy_of(small_business(company=COMPANY.replace("kpis:\n", OBJECTIVES)))

    assert [str(node) for node in nodes] == [
        "Be fair",
        "  Be fair (olu)",
        "    Prices are fair",
        "      Fair prices: up to 99 %",
        "        lane discounts serves it: looker and giver",
    ]


def test_numbers_outside_the_objectives_come_last_and_say_that_nobody_moves_them() -> None:
    nodes = strategy_of(small_business(company=COMPANY.replace("kpis:\n", OBJECTIVES) + IDLE))

    assert [(node.level, node.what, node.title) for node in nodes[-2:]] == [
        (1, "KPI", "Smiles: up to 9 smiles"),
        (2, "moved by", "nobody moves it"),
    ]
