"""Checks the numbers of company.yaml: what KPIs are computed from, and that the price list can be added up."""

from collections.abc import Iterator
from itertools import pairwise

from contracts import money
from contracts.company import Company
from contracts.loading.pages import Page
from contracts.measures import NoSource, measure_of
from contracts.mistakes import Mistake
from contracts.money import UnknownCurrency


def economics_mistakes(company: Company, page: Page) -> Iterator[Mistake]:
    """Sources that nobody computes, prices out of order, and currencies that are unknown or can't be added up."""
    yield from _sources(company, page)
    yield from _order(company, page)
    yield from _currencies(company, page)


def _sources(company: Company, page: Page) -> Iterator[Mistake]:
    for index, kpi in enumerate(company.kpis):
        try:
            measure_of(kpi.source)
        except NoSource as error:
            yield page.mistake(("kpis", index, "source"), f"{kpi.source} is no source of a KPI", str(error))


def _order(company: Company, page: Page) -> Iterator[Mistake]:
    for index, (before, price) in enumerate(pairwise(company.prices), start=1):
        if price.since <= before.since:
            message = f"{price.since} is not after {before.since}, the price before it"
            yield page.mistake(("prices", index, "from"), message, "List prices from the oldest to the newest.")


def _currencies(company: Company, page: Page) -> Iterator[Mistake]:
    for index, price in enumerate(company.prices):
        try:
            money.decimals(price.currency)
        except UnknownCurrency:
            yield page.mistake(
                ("prices", index, "currency"), f"unknown currency {price.currency}", "ISO 4217 lists them."
            )
        if price.currency != company.prices[0].currency:
            message = f"{price.currency} can't be added to {company.prices[0].currency}"
            yield page.mistake(("prices", index, "currency"), message, "Write all prices in one currency.")
