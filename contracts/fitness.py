"""How fit a worker is: five layers, each a share of one with the figures that it was made of, and their mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from contracts.vocabulary import CauseClass

Number = int | float | Decimal | None
Layer = Literal["task quality", "contract compliance", "reliability", "economy", "business impact"]
LAYER_OF: Mapping[CauseClass | None, Layer] = MappingProxyType(
    {
        None: "task quality",
        CauseClass.REASONING: "task quality",
        CauseClass.STALE_FACTS: "task quality",
        CauseClass.DATA: "task quality",
        CauseClass.RIGHTS: "contract compliance",
        CauseClass.MISSING_APPROVAL: "contract compliance",
        CauseClass.CONTRACT: "contract compliance",
        CauseClass.TOOL: "reliability",
    }
)
"""Where a wrong result counts, by its cause; while nobody knows it, as bad work."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a worker did in a while: `runs` are tasks that it worked on and that have ended, `wrong` those of them whose
    results were said to be wrong, by layer. `usual` is what a run should cost, `per_success` what a success did cost
    (None: unpriced, or none); `kpi` and `target` the number that it moves (None: no value).
    """

    runs: int
    attempts: int
    failed: int
    breaches: int
    wrong: Mapping[Layer, int]
    usual: Decimal | None = None
    per_success: Decimal | None = None
    kpi: float | None = None
    target: float | None = None
    direction: Literal["up", "down"] = "up"


@dataclass(frozen=True, slots=True)
class Score:
    """One layer: from 0 to 1, None where nothing is known; and what it was made of."""

    score: float | None
    inputs: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Fitness:
    """The layers by name, and their mean over those that are known."""

    layers: Mapping[Layer, Score]

    @property
    def score(self) -> float | None:
        """From 0 to 1; None while nothing is known."""
        known = [layer.score for layer in self.layers.values() if layer.score is not None]
        return sum(known) / len(known) if known else None


def fitness(found: Inputs) -> Fitness:
    """The five layers of what was found."""
    quality, breached = found.wrong.get("task quality", 0), found.wrong.get("contract compliance", 0)
    broken = found.wrong.get("reliability", 0)
    return Fitness(
        {
            "task quality": Score(_without(quality, found.runs), {"runs": found.runs, "wrong": quality}),
            "contract compliance": Score(
                _without(found.breaches + breached, found.runs),
                {"runs": found.runs, "breaches": found.breaches, "wrong": breached},
            ),
            "reliability": Score(
                _without(found.failed + broken, found.attempts),
                {"attempts": found.attempts, "failed": found.failed, "wrong": broken},
            ),
            "economy": Score(
                _economy(found.usual, found.per_success), {"usual": found.usual, "per success": found.per_success}
            ),
            "business impact": Score(_impact(found), {"kpi": found.kpi, "target": found.target}),
        }
    )


def _without(bad: int, of: int) -> float | None:
    """The share that was not bad."""
    return max(0.0, 1 - bad / of) if of else None


def _economy(usual: Decimal | None, really: Decimal | None) -> float | None:
    """One while a success costs no more than a run should."""
    if usual is None or really is None or not usual:
        return None
    return float(min(Decimal(1), usual / really)) if really else 1.0


def _impact(found: Inputs) -> float | None:
    """How much of its target the number has."""
    if found.kpi is None or found.target is None:
        return None
    have, want = (found.kpi, found.target) if found.direction == "up" else (found.target, found.kpi)
    if want <= 0:
        return 1.0 if have >= want else 0.0
    return max(0.0, min(1.0, have / want))
