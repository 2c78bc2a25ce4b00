"""What one check found: a sentence, and what mends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_NAMED = 5


class Health(StrEnum):
    """How something is; the order is that of the report."""

    AWAY = "away"
    BAD = "bad"
    UNKNOWN = "unknown"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`said` is a sentence with numbers; `mend` the command or click for it, empty when nothing is to be done.

    `away` is bad, too: a part that can't be reached; `unknown` could not be checked because of another one.
    """

    check: str
    health: Health
    said: str
    mend: str = ""
    company: str | None = None


def good(check: str, said: str) -> Diagnosis:
    """Nothing to mend."""
    return Diagnosis(check, Health.GOOD, said)


def bad(check: str, said: str, mend: str) -> Diagnosis:
    """Something to mend."""
    return Diagnosis(check, Health.BAD, said, mend)


def away(check: str, said: str, mend: str) -> Diagnosis:
    """A part that can't be reached."""
    return Diagnosis(check, Health.AWAY, said, mend)


def unknown(check: str, said: str) -> Diagnosis:
    """What could not be checked."""
    return Diagnosis(check, Health.UNKNOWN, said)


def worst_first(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """In the order of the report; within one health as they were found."""
    order = list(Health)
    return sorted(found, key=lambda one: order.index(one.health))


def some(names: Sequence[str]) -> str:
    """The first few of many: "T-1001, T-1002 and 7 more"."""
    left = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {left} more" if left > 0 else "")


def counted(number: int, word: str) -> str:
    """For example "1 runner", "2 runners"."""
    return f"{number} {word}{'' if number == 1 else 's'}"
