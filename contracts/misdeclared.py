"""What a tool says of its operations and that can't be: told with the operation, the word and the nearest right one."""

from enum import StrEnum
from typing import TypeVar

from contracts.mistakes import suggestion

Choice = TypeVar("Choice", bound=StrEnum)


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
