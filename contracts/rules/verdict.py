"""What a rule comes out as, with the sentence that explains it and the facts that it read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contracts.rules.guard import Json

MASK = "(personal)"
"""Stands for a personal value in verdicts, explanations and audit."""


class Leaf(NamedTuple):
    """A fact that made a verdict: its path, and its value as people write it (masked if personal)."""

    path: str
    shown: str
    personal: bool = False


class Explanation(NamedTuple):
    """Why a rule came out as it did: one sentence, and the facts behind it."""

    sentence: str
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a rule came out on one document of facts.

    `holds` is None when it can't be told; then `failed` says why. `sentence` explains it, `reads` are the values that
    the rule could read (personal ones masked), `because` is the contract's own sentence, filled in by the caller.
    """

    name: str
    holds: bool | None
    sentence: str
    reads: Mapping[str, Json]
    failed: str | None = None
    because: str | None = None

    @property
    def passes(self) -> bool:
        """Whether a requirement is met: only when it certainly holds."""
        return self.holds is True

    @property
    def asks(self) -> bool:
        """Whether an approval edge asks a person: unless its condition certainly does not hold."""
        return self.holds is not False
