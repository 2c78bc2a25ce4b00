"""What a lane's stage asks for beside its edges: where a person decides because nothing else bounds an effect."""

from collections.abc import Collection

from contracts.contract import ASSIST, BOUNDED
from contracts.loaded import LoadedLane
from contracts.vocabulary import BlastRadius


def asks_at_every_effect(stage: int) -> bool:
    """Whether the lane only assists people."""
    return stage <= ASSIST


def asks_for_want_of_bounds(stage: int, loaded: LoadedLane, blast: BlastRadius, *, steps: Collection[str]) -> bool:
    """Whether a person decides on an effect of these steps since neither an edge before them nor a cap bounds it."""
    edges = any(edge.before in steps for edge, _ in loaded.edges)
    caps = any(limit.blast is blast for limit in loaded.limits)
    return stage == BOUNDED and blast is not BlastRadius.RECORD and not edges and not caps
