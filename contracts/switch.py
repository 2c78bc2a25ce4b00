"""Kill switches of a lane: what must not pile up, and what becomes of the lane when it does."""

from typing import Literal

from pydantic import Field

from contracts.declared import Declared, DurationS, Line

PAUSE, COMPLAINTS, RUNS = "pause", "complaints", "runs"


class Switch(Declared):
    """What trips by itself when too much of one kind has happened to a lane; a person puts the lane back."""

    name: Line
    """What it is called."""
    counts: Literal["complaints", "runs", "errors", "violations"]
    """What it counts: `complaints` are tasks whose results were said to be wrong, `runs` all tries of steps, `errors` those that
    failed, `violations` those that failed because somebody wanted more than they may.
    """
    trips_at: int = Field(ge=1, le=1_000_000)
    """How many trip it."""
    within: DurationS
    """In how long; what tripped it before is not counted again."""
    then: Literal["stage 1", "stage 2", "pause"]
    """What becomes of the lane: a lower stage, or no work at all until it is resumed."""
    because: Line
    """What its owner reads when it trips."""

    @property
    def stage(self) -> int | None:
        """The stage that it leaves the lane; None when it stops it."""
        return None if self.then == PAUSE else int(self.then.removeprefix("stage "))


RUN_RATE = Switch.model_validate(
    {
        "name": "run rate",
        "counts": RUNS,
        "trips_at": 100_000,
        "within": "1h",
        "then": PAUSE,
        "because": "It runs more often than any lane should that has not said so, as if something went round in it",
    }
)
"""The switch of every lane that declares none which counts runs."""
