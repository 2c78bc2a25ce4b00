"""The words by which company.yaml types what an operation takes and gives: `text`, `integer`, `money USD`, `text?`."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from contracts.authoring import Instant, Money, Personal, Seconds
from contracts.declared import Unfit
from contracts.mistakes import suggestion

_PLAIN: dict[str, Any] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "instant": Annotated[int, Instant()],
    "seconds": Annotated[int, Seconds()],
}
_MONEY = re.compile(r"money ([A-Z]{3})")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_KNOWN = (*_PLAIN, "money USD")


def _known(given: Any) -> Any:
    bare = given.removesuffix("?") if isinstance(given, str) else ""
    if bare in _PLAIN or _MONEY.fullmatch(bare):
        return given
    hint = suggestion(bare, _KNOWN) or f"Known: {', '.join(_KNOWN)}, each with ? where it may be empty."
    raise Unfit(f"{given} is no type", hint)


TypeWord = Annotated[str, BeforeValidator(_known, json_schema_input_type=str)]
"""A type: text, integer, number, boolean, instant (UTC epoch seconds), seconds, money with its currency; `?` for one that may be null."""


def _named(given: Any) -> Any:
    if isinstance(given, str) and _NAME.fullmatch(given):
        return given
    # What stands there may be the secret itself: it is not shown.
    raise Unfit(
        "this is no name of an environment variable", "Write its name, such as SHOP_URL, and never what it holds."
    )


Variable = Annotated[str, BeforeValidator(_named, json_schema_input_type=str)]
"""The name of an environment variable, never what it holds."""


def bare(word: str) -> str:
    """The word without `?`, and `money` without its currency."""
    return word.removesuffix("?").partition(" ")[0]


def may_be_null(word: str) -> bool:
    """Whether a value may be missing."""
    return word.endswith("?")


def type_of(word: str, *, personal: bool = False) -> Any:
    """The type that a word stands for, as rules read it."""
    money = _MONEY.fullmatch(word.removesuffix("?"))
    kind: Any = Annotated[int, Money(money[1])] if money else _PLAIN[bare(word)]
    kind = Annotated[kind, Personal()] if personal else kind
    return kind | None if may_be_null(word) else kind
