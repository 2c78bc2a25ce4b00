"""The people at the end of a worker's ladder; whom it asks first says with which other work it shares an outage."""

from contracts.checker.workers import OWNER, is_human
from contracts.contract import Lane, WorkerDeclaration


def people_of(worker: WorkerDeclaration) -> list[str]:
    """Those whom a worker escalates to, in order and as its contract names them; the lane's owner if it names nobody."""
    return [who for who in worker.escalates if is_human(who)] or [OWNER]


def on_ladder(lane: Lane, who: str) -> str:
    """Somebody of a ladder as person:ID or group:NAME."""
    return f"person:{lane.owner}" if who == OWNER else who


def asked_first(lane: Lane, worker: str) -> str:
    """Who of the people is asked first when a worker of the lane can't go on, as person:ID or group:NAME."""
    return on_ladder(lane, people_of(lane.workers[worker])[0])
