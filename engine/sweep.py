"""The clock's round: wakes runners for due tasks, passes over silent peers, fires timers and makes digests, so that losing Redis loses only time."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Row

from engine.deployment import Deployment
from engine.scorecard.digests import make_due
from engine.shift import due
from engine.silent_peers import pass_over
from engine.trouble import told, tried
from escalation.silence import fire, next_due
from storage.failpoints import passing

MOST_TIMERS = 500


def _never(_: str) -> bool:
    return False


def sweep(deployment: Deployment, *, is_held: Callable[[str], bool] = _never) -> dict[str, int]:
    """One round; returns how much of each kind was due. Two clocks at once do no harm: each timer fires once.

    What goes wrong with one company, or one decision's timers, is logged and keeps no other from its turn. On the
    record of a company that `is_held` nothing is changed; who is woken for it asks for himself. Raises SQLAlchemy's
    errors when the record can't say what is due.
    """
    found, late = due(deployment), set[str]()
    free = [company for company in deployment.businesses if not is_held(company)]
    for company, kind, runtime, _ in found:
        if company not in deployment.businesses:
            continue
        if kind == "task" and runtime is not None:
            deployment.wakeups.wake(company, runtime)
            late.add(company)
        if kind == "timer" and company in free:
            tried("timers.not_fired", company, partial(_fire_timers, deployment, company))
    if any(kind == "outbox" for _, kind, _, _ in found):
        deployment.wakeups.courier()
    for company in sorted(late.intersection(free)):
        tried("peers.not_passed_over", company, partial(pass_over, deployment, company))
    for company in free:  # after all that people wait for
        tried("digest.not_made", company, partial(make_due, deployment, company))
    return {kind: sum(amount for _, k, _, amount in found if k == kind) for kind in {k for _, k, _, _ in found}}


def _fire_timers(deployment: Deployment, company: str) -> None:
    stuck: set[int] = set()
    for _ in range(MOST_TIMERS):
        if not _fire_next(deployment, company, stuck):
            return
        deployment.wakeups.courier()


def _fire_next(deployment: Deployment, company: str, stuck: set[int]) -> bool:
    """Fire the earliest, past the decisions whose timers can't be fired now; False when none is due."""
    found: Row[Any] | None = None
    try:
        with deployment.database.transaction(company) as unit:
            found = next_due(unit, past=stuck)
            if found is not None:
                fire(unit, found)
    except Exception as error:  # one decision's door: its timer stays due, so the next round tries again
        if found is None:
            raise
        stuck.add(found.decision)
        told("timer.not_fired", error, company=company, decision=found.decision)
    passing("timer.after_commit")
    return found is not None
