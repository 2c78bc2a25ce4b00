"""Amounts are read without guessing and shown the way they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import money

READ: list[tuple[str, str, int]] = [
    ("42", "USD", 4200),
    ("42.5", "USD", 4250),
    ("42.00", "USD", 4200),
    (" 42.00 ", "USD", 4200),
    ("0.05", "USD", 5),
    ("1,234", "USD", 123400),
    ("1,234.50", "USD", 123450),
    ("1,234,567.80", "USD", 123456780),
    ("-5.00", "USD", -500),
    ("\u22125.00", "USD", -500),
    ("42.00 USD", "USD", 4200),
    ("USD 42.00", "USD", 4200),
    ("007", "USD", 700),
    ("1,234", "JPY", 1234),
    ("1.234", "KWD", 1234),
    ("1,234.500", "KWD", 1234500),
    ("1.5", "CLF", 15000),
    ("90,071,992,547,409.91", "USD", 2**53 - 1),
]
REFUSED: list[tuple[str, str, str]] = [
    ("", "USD", "Write the amount like 42.00."),
    ("forty", "USD", "Write the amount like 42.00."),
    ("42,00", "USD", "Write the amount like 42.00."),
    ("1.234,50", "USD", "Write the amount like 42.00."),
    ("12,34", "USD", "Write the amount like 42.00."),
    ("1234,567", "USD", "Write the amount like 42.00."),
    ("1 234", "USD", "Write the amount like 42.00."),
    ("42.", "USD", "Write the amount like 42.00."),
    (".50", "USD", "Write the amount like 42.00."),
    ("+5", "USD", "Write the amount like 42.00."),
    ("--5", "USD", "Write the amount like 42.00."),
    ("1e3", "USD", "Write the amount like 42.00."),
    ("$42", "USD", "Write the amount like 42.00."),
    ("42 EUR", "USD", "Write the amount like 42.00."),
    ("٤٢", "USD", "Write the amount like 42.00."),
    ("42.001", "USD", "USD has at most 2 decimals. Write the amount like 42.00."),
    ("42.0", "JPY", "JPY has no decimals. Write the amount like 42."),
    ("1,234", "KWD", "Write the amount like 42.000."),
    ("90071992547409.92", "USD", "That amount is too large."),
    ("9" * 10_000, "USD", "That amount is too large."),
]


@pytest.mark.parametrize(("text", "currency", "amount"), READ)
def test_what_people_write_is_read_in_minor_units(text: str, currency: str, amount: int) -> None:
    assert money.parse(text, currency) == amount


@pytest.mark.parametrize(("text", "currency", "sentence"), REFUSED, ids=lambda value: value[:20])
def test_what_could_mean_two_things_or_nothing_is_refused_with_a_sentence(
    text: str, currency: str, sentence: str
) -> None:
    with pytest.raises(money.NotMoney) as refusal:
        money.parse(text, currency)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (74000, "USD", "740.00 USD"),
        (5, "USD", "0.05 USD"),
        (0, "USD", "0.00 USD"),
        (-1234567, "USD", "-12,345.67 USD"),
        (1234, "JPY", "1,234 JPY"),
        (1234, "IQD", "1.234 IQD"),
    ],
)
def test_amounts_are_shown_with_their_decimals_and_currency(amount: int, currency: str, text: str) -> None:
    assert money.show(amount, currency) == text


@given(st.integers(-money.LARGEST, money.LARGEST), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_what_is_shown_is_read_back_as_the_same_amount(amount: int, currency: str) -> None:
    assert money.parse(money.show(amount, currency), currency) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused_and_nothing_else(text: str) -> None:
    try:
        amount = money.parse(text, "USD")
    except money.NotMoney:
        return
    assert abs(amount) <= money.LARGEST


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "BITCOIN"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(money.UnknownCurrency, match="is no currency of ISO 4217"):
        money.show(1, currency)
    with pytest.raises(money.UnknownCurrency):
        money.parse("1", currency)
