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


def test_a_wrong_value_that_others_lean_on_hides_nothing_and_makes_nothing_up() -> None:
    lane = LANE.replace("tier: 3", "tier: many").replace("owner: olu", "owner: ole")

    assert told(lane=lane) == [
        "lane.yaml:5:8 owner | unknown person ole. Did you mean olu?",
        "lane.yaml:22:11 workers › giver › tier | many is not one of 1, 2, 3 or 4.",
    ]


def test_a_name_that_is_not_there_hides_nothing_of_what_leans_on_it() -> None:
    lane = LANE.replace("worker: giver", "worker: gver").replace("writes: [till.discount]", "writes: [till.discont]")
    lane = lane.replace("takes: [request, sale]", "takes: [request]").replace('"state.sale.open"', '"state.sale.opn"')

    assert told(lane=lane) == [
        "lane.yaml:24:14 workers › giver › writes › #1 | till has no effect discont. Did you mean till.discount?",
        (
            "lane.yaml:27:12 workers › giver › takes | give is given sale, which giver does not take. "
            "Write takes: [request, sale]."
        ),
        "lane.yaml:45:13 steps › give › worker | unknown worker gver. Did you mean giver?",
        (
            "lane.yaml:54:20 require › sale is open › rule | unknown fact state.sale.opn. Did you mean state.sale.open? "
            "(boolean)"
        ),
    ]


def test_a_probe_before_a_step_that_is_not_there_is_checked_all_the_same() -> None:
    probe = (
        "{before: giv, read: till.sale, given: {nuber: request.sale, number: request.sal}, gives: boolean, because: x}"
    )

    assert told(lane=f"{LANE}probes:\n  known: {probe}\n") == [
        "lane.yaml:73:19 probes › known › before | unknown step giv. Did you mean give?",
        "lane.yaml:73:49 probes › known › given › nuber | till.sale takes no nuber. Did you mean number?",
        "lane.yaml:73:78 probes › known › given › number | unknown fact request.sal. Did you mean request.sale? (text)",
    ]


def test_steps_that_can_not_be_read_hide_no_unknown_person_and_no_wrong_fact_of_the_request() -> None:
    steps = LANE[LANE.index("steps:\n  - name: look") : LANE.index("require:")]
    lane = (
        LANE.replace(steps, "steps: none\n")
        .replace("owner: olu", "owner: ole")
        .replace("request.amount}", "request.amont}", 1)
    )

    assert told(lane=lane) == [
        "lane.yaml:5:8 owner | unknown person ole. Did you mean olu?",
        "lane.yaml:11:15 tell › accepted | unknown fact request.amont. Did you mean request.amount? (integer, minor units of USD)",
        "lane.yaml:36:8 steps | expected a list, found text.",
    ]


def test_a_key_that_is_no_name_is_read_as_the_one_that_was_meant() -> None:
    company = COMPANY.replace("  staff: [ines, olu]", "  Staff: [ines, oly]")

    assert told(company=company) == [
        "company.yaml:20:3 groups › Staff | Staff is not a name of small letters, digits and hyphens, such as finance-approvers. Write staff.",
        "company.yaml:20:17 groups › Staff › #2 | unknown person oly. Did you mean olu?",
    ]
