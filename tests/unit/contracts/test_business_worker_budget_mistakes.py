"""Mistakes in the budgets of workers, each told with its place and the way out."""

import pytest

from tests.unit.contracts.small_business import COMPANY, LANE, told
from tests.unit.contracts.test_business_coordinator_mistakes import _CODE, _DESK, _LANE

RUNTIME = "    runtime: default\n"
STRATEGY = "strategy: Be fair\n"


def _told(budget: str, *, above: str = "") -> list[str]:
    company = COMPANY.replace(STRATEGY, f"{STRATEGY}budget: {above}\n") if above else COMPANY
    return told(company=company, lane=LANE.replace(RUNTIME, f"{RUNTIME}    budget: {budget}\n"))


@pytest.mark.parametrize("budget", ['{day: "0.02"}', '{month: "1.00"}', '{day: "0.50", month: "5.00"}'])
def test_a_worker_may_have_a_budget_that_lets_it_run_within_what_lies_above(budget: str) -> None:
    assert _told(budget, above='{day: "0.50", month: "5.00"}') == []


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(
            '{day: "0.51"}',
            "20 workers › giver › budget › day | 0.51 is more than the company The corner shop allows. Write at most 0.50.",
            id="more than the company has",
        ),
        pytest.param(
            '{month: "0.01"}',
            "22 workers › giver › budget › month | one run of giver may cost 0.02, all of a month at most 0.01: it would never run. "
            "Raise the budget, or lower cost › at_most.",
            id="less than one run",
        ),
        pytest.param(
            '{run: "0.02"}',
            "14 workers › giver › budget › run | unknown field run. Known: day and month.",
            id="a run",
        ),
    ],
)
def test_a_budget_that_can_not_be_held_is_a_mistake(budget: str, expected: str) -> None:
    (found,) = _told(budget, above='{day: "0.50"}')

    assert found == f"lane.yaml:36:{expected}"


def test_a_coordinator_has_no_budget_of_its_own() -> None:
    desk = _DESK.replace("tier: 4", 'tier: 4, budget: {day: "1.00"}')

    (found,) = told(lane=_LANE.replace(_DESK, desk), workers=_CODE)

    assert found.endswith(
        "workers › dispatcher › budget | a coordinator has no budget of its own. "
        "Take it away: the lane's budget pays for it."
    )
