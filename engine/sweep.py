"""The clock's round: wakes runners for due tasks, passes over silent peers, fires timers and makes digests, so that losing Redis loses only time."""

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from engine.deployment import Deployment
from engine.scorecard.digests import make_due
from engine.shift import due
from engine.silent_peers import pass_over
from escalation.silence import fire_next
from storage.failpoints import passing

MOST_TIMERS = 500

log = structlog.get_logger()


def sweep(deployment: Deployment) -> dict[str, int]:
    """One round; returns how much of each kind was due. Two clocks at once do no harm: each timer fires once."""
    found, late = due(deployment), set[str]()
    for company, kind, runtime, _ in found:
        if company not in deployment.businesses:
            continue
        if kind == "task" and runtime is not None:
            deployment.wakeups.wake(company, runtime)
            late.add(company)
        if kind == "timer":
            _fire_timers(deployment, company)
    if any(kind == "outbox" for _, kind, _, _ in found):
        deployment.wakeups.courier()
    for company in sorted(late):
        pass_over(deployment, company)
    for company in deployment.businesses:
        _make_digests(deployment, company)
    return {kind: sum(amount for _, k, _, amount in found if k == kind) for kind in {k for _, k, _, _ in found}}


def _fire_timers(deployment: Deployment, company: str) -> None:
    for _ in range(MOST_TIMERS):
        with deployment.database.transaction(company) as unit:
            fired = fire_next(unit)
        passing("timer.after_commit")
        if not fired:
            return
        deployment.wakeups.courier()


def _make_digests(deployment: Deployment, company: str) -> None:
    """After all that people wait for; a company whose digest can't be made keeps nobody else from theirs."""
    try:
        make_due(deployment, company)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # the digests' door: nothing is on record, so the next round tries again
        log.exception("digest.not_made", company=company)
