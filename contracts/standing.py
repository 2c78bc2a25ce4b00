"""Whether a unit of the business gets work: standings from the company down to a worker or one task, and which is in force."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.company import Company
from contracts.contract import Lane
from contracts.vocabulary import Standing

COMPANY, WORKSPACE, PORTFOLIO, LANE, WORKER, TASK = "company", "workspace", "portfolio", "lane", "worker", "task"
VERSION = "version"
STOPPED = frozenset({Standing.PROPOSED, Standing.PAUSED, Standing.RETIRED})
"""The standings in which a unit gets no work."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a unit stands, by whose word and why; `share` (per cent of its tasks) and `tier` are what narrows it.

    `stage` is the one that a lane is left, below the one that its file declares.
    """

    unit: str
    standing: Standing
    by: str
    because: str
    share: int | None = None
    tier: int | None = None
    stage: int | None = None

    @property
    def stops(self) -> bool:
        """Whether the unit gets no work."""
        return self.standing in STOPPED

    @property
    def words(self) -> str:
        """The standing as people read it: "paused", "narrowed to tier 1 and 25% of its tasks"."""
        limits = [f"tier {self.tier}"] if self.tier is not None else []
        limits += [f"{self.share}% of its tasks"] if self.share is not None else []
        return f"{self.standing} to {' and '.join(limits)}" if limits else str(self.standing)


def worker_unit(lane: str, worker: str) -> str:
    """How a worker is called where units are: "worker:refunds/refund-payer"."""
    return f"{WORKER}:{lane}/{worker}"


def version_unit(lane: str, worker: str, version: str) -> str:
    """How one version of a worker is called: "version:refunds/refund-payer@1f2e3d4c5b6a"."""
    return f"{VERSION}:{lane}/{worker}@{version[:12]}"


def above(company: Company, lane: Lane) -> tuple[str, ...]:
    """The units that a lane lies in, the company first, itself last."""
    spaces = [space.id for space in company.workspaces if any(one.id == lane.portfolio for one in space.portfolios)]
    return (
        COMPANY,
        *(f"{WORKSPACE}:{space}" for space in spaces),
        f"{PORTFOLIO}:{lane.portfolio}",
        f"{LANE}:{lane.lane}",
    )


def stopping(stands: Mapping[str, Stand], units: Sequence[str]) -> Stand | None:
    """The first of these units that gets no work, from the top."""
    return next((stands[unit] for unit in units if unit in stands and stands[unit].stops), None)


def takes(stand: Stand | None, *, task: int, step: str) -> bool:
    """Whether a task's step is in the share that a worker is left; the same for every try of it."""
    if stand is None or stand.share is None:
        return True
    return zlib.crc32(f"{task}/{step}".encode()) % 100 < stand.share


def stage_in_force(declared: int, stand: Stand | None) -> int:
    """The least of the stage that a lane declares and the one that the record leaves it."""
    return declared if stand is None or stand.stage is None else min(declared, stand.stage)
