"""Reads and shows amounts of money, so that nobody computes with text and every screen writes them alike.

Amounts are integers in minor units (cents). How many decimals a currency has is ISO 4217's list one as published on
1 January 2026; the Unicode CLDR figures that formatting libraries use differ from it (0 for IQD where ISO has 3).
"""

import re

LARGEST = 2**53 - 1
"""The largest amount in minor units: the largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
        COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
        INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
        MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
        STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()}

_AMOUNT = re.compile(r"(?P<minus>[-\u2212]?)(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<rest>[0-9]+))?")


class UnknownCurrency(ValueError):
    """No such currency in ISO 4217."""


class NotMoney(ValueError):
    """The text is no amount of that currency; `str()` is a sentence for the person who wrote it."""


def decimals(currency: str) -> int:
    """How many decimals the currency has; raises UnknownCurrency."""
    if currency not in _DECIMALS:
        raise UnknownCurrency(f"{currency!r} is no currency of ISO 4217")
    return _DECIMALS[currency]


def show(amount: int, currency: str) -> str:
    """An amount in minor units as people write it: 74000 → `740.00 USD`; raises UnknownCurrency."""
    digits = decimals(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    point = f".{rest:0{digits}d}" if digits else ""
    return f"{'-' if amount < 0 else ''}{whole:,}{point} {currency}"


def parse(text: str, currency: str) -> int:
    """Minor units of an amount that a person wrote; the inverse of `show`.

    The point separates decimals; commas only group thousands, in full groups of three. The currency's own code may
    stand before or after. What could be read in two ways is refused, never guessed: `42,00`, and `1,234` for a
    currency with three decimals. Raises NotMoney with a sentence, and UnknownCurrency.
    """
    digits = decimals(currency)
    found = _AMOUNT.fullmatch(_without_code(text, currency))
    if found is None or (digits == 3 and "," in found["whole"] and found["rest"] is None):
        raise NotMoney(f"Write the amount like {_example(digits)}.")
    rest = found["rest"] or ""
    if len(rest) > digits:
        raise NotMoney(f"{currency} has {_decimals_in_words(digits)}. Write the amount like {_example(digits)}.")
    return _within_reach(found["minus"], found["whole"].replace(",", "") + rest.ljust(digits, "0"))


def _without_code(text: str, currency: str) -> str:
    return text.strip().removeprefix(currency).removesuffix(currency).strip()


def _within_reach(minus: str, number: str) -> int:
    # Length first: Python refuses to read more than 4,300 digits with an error that is not ours.
    significant = number.lstrip("0") or "0"
    if len(significant) > len(str(LARGEST)) or int(significant) > LARGEST:
        raise NotMoney("That amount is too large.")
    return -int(significant) if minus else int(significant)


def _example(digits: int) -> str:
    return "42." + "0" * digits if digits else "42"


def _decimals_in_words(digits: int) -> str:
    return f"at most {digits} decimals" if digits else "no decimals"
