"""Mistakes in the numbers of company.yaml: KPIs that nobody can compute and prices that can't be added up."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.measures import MEASURES, Measure, measure_of
from tests.unit.contracts.small_business import COMPANY, small_business, told

FIRST = '  - {from: "2026-01-01", tool_call: "0.0004", compute_second: 0.00002, currency: USD}\n'
LATER = '  - {from: "2026-07-01", tool_call: "0.0005", compute_second: "0", currency: USD}\n'


def priced(*lines: str) -> str:
    """The company with a price list."""
    return f"{COMPANY}prices:\n{''.join(lines)}"


def test_a_dated_price_list_is_kept_exactly() -> None:
    first, later = small_business(company=priced(FIRST, LATER)).company.prices

    assert (first.since, first.tool_call, first.compute_second) == (
        date(2026, 1, 1),
        Decimal("0.0004"),
        Decimal("0.00002"),
    )
    assert later.tool_call == Decimal("0.0005")


def test_a_company_without_a_price_list_is_whole() -> None:
    assert small_business().company.prices == ()


@pytest.mark.parametrize(
    ("lines", "sentences"),
    [
        pytest.param(
            (LATER, FIRST),
            [
                (
                    "company.yaml:27:13 prices › #2 › from | 2026-01-01 is not after 2026-07-01, the price before it."
                    " List prices from the oldest to the newest."
                )
            ],
            id="prices out of order",
        ),
        pytest.param(
            (FIRST.replace("USD", "USX"),),
            ["company.yaml:26:82 prices › #1 › currency | unknown currency USX. ISO 4217 lists them."],
            id="a currency that nobody knows",
        ),
        pytest.param(
            (FIRST, LATER.replace("USD", "EUR")),
            [
                "company.yaml:27:78 prices › #2 › currency | EUR can't be added to USD. Write all prices in one currency."
            ],
            id="two currencies",
        ),
    ],
)
def test_a_price_list_that_can_not_be_added_up_is_told(lines: tuple[str, ...], sentences: list[str]) -> None:
    assert told(company=priced(*lines)) == sentences


def test_a_price_below_nothing_is_told() -> None:
    (sentence,) = told(company=priced(FIRST.replace('"0.0004"', '"-1"')))

    assert "prices › #1 › tool_call" in sentence
    assert "Write a number at least 0." in sentence


@pytest.mark.parametrize("source", ["event:x", "events:luck of discounts", "events:tasks_ended_within of discounts"])
def test_a_source_that_nobody_computes_is_told_with_those_that_there_are(source: str) -> None:
    (sentence,) = told(company=COMPANY.replace("objective: Be fair}", f'objective: Be fair, source: "{source}"}}'))

    assert f"kpis › fair-prices › source | {source} is no source of a KPI. Write pushed, " in sentence
    assert all(written in sentence for written in MEASURES.values())


def test_a_measure_says_what_it_counts() -> None:
    assert measure_of("pushed") is None
    assert measure_of("events:tasks_ended_within:60 of refunds") == Measure("tasks_ended_within", "refunds", 60)
    assert measure_of("events:effects_verified of refunds") == Measure("effects_verified", "refunds", None)
