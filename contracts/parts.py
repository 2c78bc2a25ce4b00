"""Effects that consist of parts, such as a text, its picture and its place in an index: which stand, and which are missing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from contracts.misdeclared import Misdeclared

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Partly:
    """What a look returns when only some parts of an effect stand: their names, in order, as people are told them.

    `reference` is what the world calls what stands. An effect that nothing verifies returns it itself. Raises ValueError
    when nothing is missing: then a look returns Seen.
    """

    done: tuple[str, ...]
    missing: tuple[str, ...]
    reference: str = ""

    def __post_init__(self) -> None:
        if not self.missing:
            raise ValueError("An effect of which nothing is missing does not stand in part.")


def in_parts(argument: str) -> Callable[[Method], Method]:
    """Declare, above `@effect`, that an effect consists of parts, each of which can be done by itself.

    `argument` is a parameter of the method whose default is None: it is given the names of the parts that a look found
    missing, in order, when the effect is completed under its key; no proposal can set it. Raises Misdeclared above no effect.
    """

    def declare(function: Method) -> Method:
        operation = getattr(function, "__chargehand_operation__", None)
        if operation is None or not operation.is_effect:
            raise Misdeclared(function.__qualname__, "@in_parts stands above no effect", "Put it above @effect.")
        function.__chargehand_operation__ = replace(operation, parts=argument)  # type: ignore[attr-defined]
        return function

    return declare
