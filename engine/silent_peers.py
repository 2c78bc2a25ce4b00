"""The clock's look at peers: a step whose peer has had its time, and nobody works on it, goes on up its ladder."""

import os
import socket
from array import array

from contracts.contract import Step
from engine import delegation
from engine.bench import Bench
from engine.deployment import Deployment
from engine.driving import drive
from engine.versions import LaneMissing, lane_of
from engine.watch import Watch
from storage.claims import Claimant, at_peers, claim_from_peer
from storage.database import BoundConnection, Unit
from storage.failpoints import passing
from storage.tasks import Task


def pass_over(deployment: Deployment, company: str) -> int:
    """Take over each task of a company whose peer is silent, only to make its next move; returns how many."""
    with deployment.database.bound(company) as connection:
        with connection.transaction() as unit:
            waiting = at_peers(unit)
        return sum(_pass_over(deployment, connection, number) for number in waiting)


def _pass_over(deployment: Deployment, connection: BoundConnection, number: int) -> bool:
    """A rival at the same subject, or the peer itself, may be faster: then it is not silent."""
    claimant = Claimant(f"clock-{socket.gethostname()}-{os.getpid()}", "")
    with connection.transaction() as unit:
        task = claim_from_peer(unit, claimant, number, unless=lambda one: not _is_silent(deployment, unit, one))
        if task is not None:
            passing("claim.before_commit")
    if task is not None:
        passing("claim.after_commit")
        drive(_bench(deployment, connection, Claimant(claimant.runner, task.runtime)), task, is_silent=True)
    return task is not None


def _is_silent(deployment: Deployment, unit: Unit, task: Task) -> bool:
    end = delegation.ends_at(unit, task, _step(deployment, unit, task))
    return end is not None and end <= unit.now


def _step(deployment: Deployment, unit: Unit, task: Task) -> Step | None:
    """The step at which the task is; None when its version of the lane can't be run here."""
    try:
        return lane_of(deployment, unit, task.lane, task.lane_hash).lane.step(task.step)
    except LaneMissing:
        return None


def _bench(deployment: Deployment, connection: BoundConnection, claimant: Claimant) -> Bench:
    """A bench without tools: nothing is worked on at it."""
    business = deployment.businesses[connection.company]
    return Bench(deployment, business, connection, claimant, {}, Watch(array("d", [0.0, 0.0])))
