"""Cost by a dated price list: exact, never free for want of a price, and never shown as nothing when it is little."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.company import Price
from engine.cost import Use, priced


def price(since: date, tool_call: str, currency: str = "USD") -> Price:
    """A price of a tool call; computing costs 0.002 a second."""
    return Price(since=since, tool_call=Decimal(tool_call), compute_second=Decimal("0.002"), currency=currency)


def used(month: int, calls: int, seconds: str = "0") -> Use:
    """What was used at noon of a month's first day."""
    return Use(datetime(2026, month, 1, 12, tzinfo=UTC), Decimal(seconds), calls)


PRICES = (price(date(2026, 2, 1), "0.01"), price(date(2026, 7, 1), "0.03"))


def test_each_use_is_priced_as_on_its_day() -> None:
    cost = priced([used(2, 1), used(6, 1, "1.5"), used(7, 2)], PRICES)

    assert (cost.amount, cost.currency) == (Decimal("0.083"), "USD")
    assert (cost.compute_s, cost.tool_calls) == (1.5, 4)
    assert cost.price == "0.08 USD"
    assert cost.sentence == "0.08 USD machine (1.50 s of computing, 4 tool calls)"


@pytest.mark.parametrize("prices", [(), PRICES], ids=["no price list", "a use before the first price"])
def test_what_has_no_price_is_unpriced_and_not_free(prices: tuple[Price, ...]) -> None:
    cost = priced([used(1, 1), used(7, 1)], prices)

    assert cost.amount is None
    assert cost.price == "unpriced"
    assert cost.sentence == "unpriced (0.00 s of computing, 2 tool calls)"


def test_a_list_that_begins_later_leaves_even_nothing_unpriced_only_without_prices() -> None:
    assert priced([], ()).price == "unpriced"
    assert priced([], PRICES).price == "0.00 USD"


@pytest.mark.parametrize(
    ("tool_call", "currency", "shown"),
    [
        ("0.0004", "USD", "0.00040 USD"),
        ("0.000125", "USD", "0.00012 USD"),
        ("0.4", "JPY", "0.40 JPY"),
        ("12", "JPY", "12 JPY"),
        ("1234.5", "USD", "1,234.50 USD"),
    ],
)
def test_an_amount_is_as_exact_as_its_coins_and_never_shown_as_nothing(
    tool_call: str, currency: str, shown: str
) -> None:
    assert priced([used(7, 1)], [price(date(2026, 1, 1), tool_call, currency)]).price == shown
