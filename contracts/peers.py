"""Who can stand in for whom: the same job with the same rights, in another place."""

from contracts.contract import Lane, WorkerDeclaration


def place_of(worker: WorkerDeclaration) -> tuple[object, ...]:
    """Where and as what a worker runs."""
    return worker.runtime, worker.model, worker.version


def rights_of(worker: WorkerDeclaration) -> tuple[object, ...]:
    """All that a worker may do, in whatever order it is written."""
    only = frozenset((right, frozenset(named)) for right, named in worker.only.items())
    return (worker.tier, only, *(frozenset(getattr(worker, part)) for part in ("reads", "writes", "takes", "gives")))


def could_take_over(lane: Lane, name: str) -> tuple[str, ...]:
    """The workers of a lane that have a worker's job and rights elsewhere, whether or not the contract names them as peers."""
    own = lane.workers[name]
    alike = [
        one for one, worker in lane.workers.items() if (worker.job, rights_of(worker)) == (own.job, rights_of(own))
    ]
    return tuple(one for one in alike if one != name and place_of(lane.workers[one]) != place_of(own))
