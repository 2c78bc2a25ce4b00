"""Holds runs against the budgets above them: what a run may cost is taken before it is spent, and settled after."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from contracts.budgets import RUN, Allowance, allowances_of, begins, ends, price_on
from engine import gates
from engine.cost import cost_of
from engine.course import Course
from engine.freshness import readers
from engine.gates import Missing
from engine.purse import Purse, Share
from storage import budget_uses
from storage.budget_uses import Spending
from storage.database import Unit

_UNPRICED = "budget unpriced"


@dataclass(slots=True)
class _Spent(Exception):
    """Budgets (node, span) that have not what is wanted; the transaction is given up."""

    short: set[tuple[str, str]]


def allow(course: Course, *, others: Collection[str] = ()) -> bool:
    """Whether the step may be paid for; if not the task waits at a gate, before anything was spent, and that is committed.

    `others` are steps that read again before it, whose workers have to be paid for that, too.
    """
    in_force = _in_force(course)
    needs = _needs(course, others) if in_force else {}
    allowances = tuple(one for one in in_force if one.worker in needs)
    if not allowances:
        return True
    now = course.bench.now()
    purse = course.purse or _open(course, now)
    if purse is None:
        gates.shut(course, _unpriced(course, allowances[0], now))
        return False
    course.purse = purse
    missing = _over_run(course, purse, allowances, now) or _over_period(course, purse, allowances, needs, now)
    if missing is not None:
        gates.shut(course, missing)
        return False
    course.passed |= {_UNPRICED, *(one.cause for one in allowances)}
    return True


def _in_force(course: Course) -> tuple[Allowance, ...]:
    """Today's, also for a task of an older version: who lowers a budget means what is spent from now on."""
    today = course.bench.business.lanes.get(course.lane.lane.lane)
    if today is not None:
        return today.allowances
    return allowances_of(course.bench.business.company, course.lane.lane)


def _open(course: Course, now: datetime) -> Purse | None:
    """A purse for this run; None when it is not known what machines cost."""
    price = price_on(course.bench.business.company, now)
    if price is None:
        return None
    if course.task.fence == 1:
        return Purse(price, Decimal(0))
    with course.bench.connection.transaction() as unit:
        before = cost_of(unit, course.task.number).machine  # people's minutes are spent already: no run can save them
    return Purse(price, before) if before is not None else None


def _needs(course: Course, others: Collection[str]) -> dict[str, Decimal]:
    """What is needed to go on at least: for the step under way ("") and by each worker who works for it now."""
    lane, needs = course.lane.lane, {"": _next(course), course.worker: _next(course)}
    for name in others:
        worker = lane.step(name).worker
        needs[worker] = needs.get(worker, Decimal(0)) + lane.workers[worker].cost.at_most
    return needs


def _ahead(course: Course, worker: str) -> Decimal:
    """The most that the steps which are left may cost, by the profiles of their workers; only those of one worker, if named."""
    lane = course.lane.lane
    steps = [step for step in lane.steps if step.writes not in course.state or step.name == course.step_name]
    again = {step.name: step for step in (*map(lane.step, course.step.recheck), *readers(course))}
    own = [step.worker for step in (*steps, *again.values()) if worker in ("", step.worker)]
    return sum((lane.workers[one].cost.at_most for one in own), Decimal(0))


def _next(course: Course) -> Decimal:
    return course.lane.lane.workers[course.worker].cost.at_most


def _over_run(course: Course, purse: Purse, allowances: tuple[Allowance, ...], now: datetime) -> Missing | None:
    needed = purse.before + course.used.cost(purse.price) + _next(course)
    for allowance in allowances:
        if allowance.span == RUN and needed > allowance.most:
            sentence = (
                f"{course.task.name} has cost {_shown(purse.before + course.used.cost(purse.price), allowance)} and "
                f"{course.step_name} may cost {_shown(_next(course), allowance)}: more than {allowance.words}."
            )
            action = f"raise {allowance.words}, or stop what waits."
            until = now + timedelta(seconds=course.lane.lane.retries.look_again)
            return Missing(allowance.cause, course.lane.lane.owner, sentence, action, until)
    return None


def _over_period(
    course: Course, purse: Purse, allowances: tuple[Allowance, ...], needs: Mapping[str, Decimal], now: datetime
) -> Missing | None:
    wanted = {worker: amount for worker, need in needs.items() if (amount := _wanted(course, purse, worker, need)) > 0}
    timezone = course.bench.business.company.timezone
    periods = [one for one in allowances if one.span != RUN and one.worker in wanted]
    rows = {
        one: Spending(one.unit, one.span, begins(one.span, now, timezone), wanted[one.worker], one.most)
        for one in periods
    }
    short = _take(course, list(rows.values()))
    if short is None:
        for worker, amount in wanted.items():
            share = purse.share(worker)
            taken_of = share.of or tuple(row for one, row in rows.items() if one.worker == worker)
            purse.shares[worker] = Share(share.taken + amount, taken_of)
        return None
    allowance = next(one for one in periods if (one.unit, one.span) in short)
    return _short_of(course, allowance, wanted[allowance.worker], ends(allowance.span, now, timezone))


def _wanted(course: Course, purse: Purse, worker: str, need: Decimal) -> Decimal:
    """What has to be taken beyond what was: with what is left to do, if there is not enough for what is next."""
    used, taken = course.used.of(worker).cost(purse.price), purse.share(worker).taken
    if taken >= used + need:
        return Decimal(0)
    return used + max(need, _ahead(course, worker)) - taken


def _short_of(course: Course, allowance: Allowance, wanted: Decimal, until: datetime) -> Missing:
    sentence = f"A run may cost {_shown(wanted, allowance)}, and {allowance.words} has not that left."
    action = f"raise {allowance.words}, or let it wait for the next one."
    return Missing(allowance.cause, course.lane.lane.owner, sentence, action, until)


def _take(course: Course, rows: list[Spending]) -> set[tuple[str, str]] | None:
    """Take all of it, or nothing: then which budgets had not enough."""
    if not rows:
        return None
    if len(rows) == 1:
        with course.bench.connection.statement() as unit:
            return _short(unit, rows) or None
    with suppress(budget_uses.NotAll), course.bench.connection.statement() as unit:
        budget_uses.take_all(unit, rows)
        return None
    return _take_or_tell(course, rows)


def _take_or_tell(course: Course, rows: list[Spending]) -> set[tuple[str, str]] | None:
    """As `_take`, where some budget was short a moment ago."""
    try:
        with course.bench.connection.transaction() as unit:
            _take_all(unit, rows)
    except _Spent as spent:
        return spent.short
    return None


def _take_all(unit: Unit, rows: list[Spending]) -> None:
    short = _short(unit, rows)
    if short:
        raise _Spent(short)


def _short(unit: Unit, rows: list[Spending]) -> set[tuple[str, str]]:
    """Take of those that have it; returns which have not."""
    return {(row.node, row.span) for row in rows} - budget_uses.take(unit, rows)


def settle(course: Course) -> None:
    """Give back what this run did not spend, or add what it spent beyond; a run that dies leaves all that it took."""
    purse = course.purse
    if purse is None or not purse.owes:
        return
    rows = [
        Spending(row.node, row.span, row.starts, course.used.of(worker).cost(purse.price) - share.taken, row.most)
        for worker, share in purse.shares.items()
        for row in share.of
    ]
    with course.bench.connection.statement() as unit:
        budget_uses.settle(unit, rows)


def _unpriced(course: Course, allowance: Allowance, now: datetime) -> Missing:
    sentence = f"What machines cost is unpriced, and unpriced counts as more than {allowance.words}."
    action = f"add a price in {allowance.currency} that holds today to company.yaml, or take the budget away."
    until = now + timedelta(seconds=course.lane.lane.retries.look_again)
    return Missing(_UNPRICED, course.lane.lane.owner, sentence, action, until)


def _shown(amount: Decimal, allowance: Allowance) -> str:
    return f"{amount.normalize():f} {allowance.currency}"
