"""The clock's round: wakes runners for due tasks and fires due timers, so that losing Redis loses only time."""

from engine.deployment import Deployment
from engine.shift import due
from escalation.silence import fire_next
from storage.failpoints import passing

MOST_TIMERS = 500


def sweep(deployment: Deployment) -> dict[str, int]:
    """One round; returns how much of each kind was due. Two clocks at once do no harm: each timer fires once."""
    found = due(deployment)
    for company, kind, runtime, _ in found:
        if company not in deployment.businesses:
            continue
        if kind == "task" and runtime is not None:
            deployment.wakeups.wake(company, runtime)
        if kind == "timer":
            _fire_timers(deployment, company)
    if any(kind == "outbox" for _, kind, _, _ in found):
        deployment.wakeups.courier()
    return {kind: sum(amount for _, k, _, amount in found if k == kind) for kind in {k for _, k, _, _ in found}}


def _fire_timers(deployment: Deployment, company: str) -> None:
    for _ in range(MOST_TIMERS):
        with deployment.database.transaction(company) as unit:
            fired = fire_next(unit)
        passing("timer.after_commit")
        if not fired:
            return
        deployment.wakeups.courier()
