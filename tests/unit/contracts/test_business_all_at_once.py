"""Slips of the pen do not hide what else is wrong: everything of a file is told at once, and none of it runs."""

import pytest

from tests.unit.contracts.small_business import COMPANY, LANE, told


def test_a_misspelled_field_a_name_that_is_not_there_and_a_wrong_fact_are_told_together() -> None:
    lane = LANE.replace("recheck: [look]", "rechek: [lok]").replace("owner: olu", "owner: ole")
    lane = lane.replace('{"var": "state.sale.open"}', '{"var": "state.sale.opn"}')

    assert told(lane=lane) == [
        "lane.yaml:5:8 owner | unknown person ole. Did you mean olu?",
        "lane.yaml:50:5 steps › give › rechek | unknown field rechek. Did you mean recheck?",
        "lane.yaml:50:14 steps › give › rechek › #1 | lok is no step above this one. Did you mean look?",
        (
            "lane.yaml:54:20 require › sale is open › rule | unknown fact state.sale.opn. Did you mean state.sale.open? "
            "(boolean)"
        ),
    ]


def test_a_field_that_resembles_none_hides_nothing_either() -> None:
    lane = LANE.replace("recheck: [look]", "wobble: 3").replace("serves: fair-prices", "serves: fair-price")

    assert told(lane=lane) == [
        "lane.yaml:9:9 serves | unknown KPI fair-price. Did you mean fair-prices?",
        (
            "lane.yaml:50:5 steps › give › wobble | unknown field wobble. Known: name, worker, run, gives, writes, "
            "progress, after, when and 15 more."
        ),
    ]


def test_a_sentence_that_is_missing_or_empty_hides_nothing() -> None:
    lane = LANE.replace("    because: Sale {request.sale} is closed.\n", "").replace(
        "progress: Looking up sale {request.sale}.", 'progress: ""'
    )
    lane = lane.replace("worker: looker", "worker: loker")

    assert told(lane=lane) == [
        "lane.yaml:38:13 steps › look › worker | unknown worker loker. Did you mean looker?",
        "lane.yaml:42:16 steps › look › progress | the text is empty.",
        "lane.yaml:52:5 require › sale is open | because is missing.",
    ]


def test_a_slip_in_the_company_hides_no_lane() -> None:
    company = COMPANY.replace("currency: USD", "curency: USD").replace(
        "manager: olu}\n  - {id: olu", "manager: ola}\n  - {id: olu"
    )

    assert told(company=company, lane=LANE.replace("recheck: [look]", "recheck: [lok]")) == [
        "company.yaml:3:1 curency | unknown field curency. Did you mean currency?",
        "company.yaml:16:85 people › Inês Prata › manager | unknown person ola. Did you mean olu?",
        "lane.yaml:50:15 steps › give › recheck › #1 | lok is no step above this one. Did you mean look?",
    ]


def test_a_misspelled_field_hides_no_mistake_in_the_one_that_it_resembles() -> None:
    caps = "caps: {customer: {day: {count: -1, cont: 3}}}\nworkspaces:"

    assert told(company=COMPANY.replace("workspaces:", caps)) == [
        "company.yaml:10:32 caps › customer › day › count | -1 is out of range. Write a number at least 0.",
        "company.yaml:10:36 caps › customer › day › cont | unknown field cont. Did you mean count?",
    ]


@pytest.mark.parametrize(
    ("wrong", "told_of_it"),
    [
        (
            "deadline: soon",
            "lane.yaml:50:15 steps › give › deadline | soon is no duration. Write a whole number and s, m, h or d, such as 4h.",
        ),
        ("recheck: look", "lane.yaml:50:14 steps › give › recheck | expected a list, found text."),
        (
            "fresh: {Sale: 10m}",
            (
                "lane.yaml:50:13 steps › give › fresh › Sale | Sale is not a field's name of small letters, digits and "
                "underscores, such as payment. Write sale."
            ),
        ),
        (
            "undo: {after: [never]}",
            "lane.yaml:50:5 steps › give › undo | by is missing.",
        ),
    ],
)
def test_a_wrong_value_that_nothing_else_needs_hides_nothing(wrong: str, told_of_it: str) -> None:
    lane = LANE.replace("recheck: [look]", wrong).replace("owner: olu", "owner: ole")
    lane = lane.replace('{"var": "state.sale.open"}', '{"var": "state.sale.opn"}')

    found = told(lane=lane)

    assert found[0] == "lane.yaml:5:8 owner | unknown person ole. Did you mean olu?"
    assert told_of_it in found
    assert found[-1].endswith("unknown fact state.sale.opn. Did you mean state.sale.open? (boolean)")


def test_what_can_not_be_told_apart_is_not_guessed() -> None:
    lane = LANE.replace("stage: 3", "").replace("tier: 3", "tier: many").replace("owner: olu", "owner: ole")

    assert told(lane=lane) == [
        "lane.yaml:22:11 workers › giver › tier | many is not one of 1, 2, 3 or 4.",
    ]
