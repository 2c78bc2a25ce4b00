"""What a tool says of its operations and that can't be: told with the operation, the word and the nearest right one."""

from enum import StrEnum
from typing import TypeVar

from contracts.mistakes import suggestion

Choice = TypeVar("Choice", bound=StrEnum)


LONGEST_CALL_S = 600.0
LONGEST_LAG_S = 3600.0


class Misdeclared(ValueError):
    """A decorator of a tool's method holds what it may not; `operation` is the method, as in "Shop.refund"."""

    def __init__(self, operation: str, message: str, hint: str | None, *, word: str = "") -> None:
        super().__init__(f"{operation}: {message}. {hint or ''}".strip())
        self.operation = operation
        self.message = message
        self.hint = hint
        self.word = word


def chosen(kind: type[Choice], word: str, *, operation: str, what: str) -> Choice:
    """The member of `kind` that a word names; raises Misdeclared for none."""
    known = [str(one) for one in kind]
    if word not in known:
        raise Misdeclared(operation, f"{word} is no {what}", suggestion(str(word), known), word=str(word))
    return kind(word)


def bounded(operation: str, *, timeout_s: object, settle_s: object = 0.0) -> None:
    """Check the seconds that one call may take and the world may lag; raises Misdeclared beyond the bounds."""
    _within(operation, "timeout_s", timeout_s, most=LONGEST_CALL_S, lets_zero=False)
    _within(operation, "settle_s", settle_s, most=LONGEST_LAG_S, lets_zero=True)


def _within(operation: str, name: str, value: object, *, most: float, lets_zero: bool) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (0 < float(str(value)) <= most or (lets_zero and value == 0)):
        return
    hint = f"Write seconds, {'0 to' if lets_zero else 'more than 0 and at most'} {most:,.0f}."
    raise Misdeclared(operation, f"{name} is {value!r}", hint, word=name)
