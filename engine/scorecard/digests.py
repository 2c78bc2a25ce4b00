"""Makes weekly digests: computes what a portfolio's manager is shown, keeps it, and puts its letter into the outbox."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.canonical import digest
from contracts.company import Company, Portfolio
from contracts.loaded import Business
from contracts.vocabulary import Message
from engine.deployment import Deployment
from engine.scorecard.deciders import deciders
from engine.scorecard.figures import DOCUMENT, Digest, LaneFigures, Needs, Scope
from engine.scorecard.history import figures, kpis_of, unobserved
from engine.scorecard.needs import needs
from engine.scorecard.spending import LaneCost, costs, each, spending
from engine.scorecard.weeks import Week, due_week
from engine.scorecard.workload import Workload, workloads
from engine.scorecard.wrong import Wrong, still_open, wrong_results
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.failpoints import passing
from storage.inserting import inserted
from storage.outbox import Letter
from storage.tables.business import lane_versions
from storage.tables.scoring import digests

BY_CLOCK = "clock"


class DigestNotFound(LookupError):
    """This company has no such digest on record."""


class NoSuchPortfolio(LookupError):
    """The company has no portfolio of that name; `str()` names those that there are."""


@dataclass(frozen=True, slots=True)
class Made:
    """A digest as it is kept; `name` is "care:2026-W47", with something added when it is not the weekly one."""

    name: str
    by: str
    content: Digest


def portfolio_named(company: Company, name: str) -> Portfolio:
    """The portfolio with that id; raises NoSuchPortfolio."""
    known = {portfolio.id: portfolio for portfolio in company.portfolios}
    if name not in known:
        raise NoSuchPortfolio(f"There is no portfolio {name!r}; there are {', '.join(known)}.")
    return known[name]


def portfolios_at_work(business: Business) -> tuple[Portfolio, ...]:
    """The portfolios with a lane that does more than observe: the others have nothing to tell of."""
    return tuple(one for one in business.company.portfolios if _titles(business, one))


def make_due(deployment: Deployment, company: str) -> int:
    """Make what is due and not on record, each in a transaction of its own; returns how many. Safe at any time."""
    business = deployment.businesses[company]
    made = [_make(deployment, business, portfolio) for portfolio in _missing(deployment, business)]
    return sum(made)


def _missing(deployment: Deployment, business: Business) -> list[Portfolio]:
    """The portfolios that have no digest yet of the week that is due: one statement, most often the only one.

    Nor one of a later week: should the time be set back, what was missed long ago stays missed. A portfolio none of
    whose lanes was published before that week ended has nothing to tell of.
    """
    company = business.company
    with deployment.database.transaction(company.company) as unit:
        week = due_week(unit.now, company.digest, company.timezone)
        mine = and_(digests.c.company == unit.company, digests.c.made_by == BY_CLOCK, digests.c.week >= week.name)
        known = set(unit.connection.execute(select(digests.c.portfolio).where(mine)).scalars())
        missing = [one for one in company.portfolios if one.id not in known]
        at_work = _at_work(unit, week) if missing else set()
    return [one for one in missing if at_work.intersection(_titles(business, one))]


def _at_work(unit: Unit, week: Week) -> set[str]:
    """The lanes that were published before a week ended."""
    first = func.min(lane_versions.c.loaded_at) < week.period.ends
    query = select(lane_versions.c.lane).where(lane_versions.c.company == unit.company)
    return set(unit.connection.execute(query.group_by(lane_versions.c.lane).having(first)).scalars())


def _weekly(portfolio: Portfolio, week: Week) -> str:
    return f"{portfolio.id}:{week.name}"


def _make(deployment: Deployment, business: Business, portfolio: Portfolio) -> bool:
    """Another clock may be as far: the row says who was first, and only its writer writes the letter."""
    company = business.company
    with deployment.database.transaction(company.company) as unit:
        week = due_week(unit.now, company.digest, company.timezone)
        made = Made(_weekly(portfolio, week), BY_CLOCK, content_of(unit, business, portfolio, week))
        first = _keep(unit, made)
        passing("digest.before_commit")
    passing("digest.after_commit")
    if first:
        deployment.wakeups.courier()
    return first


def send_now(unit: Unit, content: Digest, *, by: str) -> Made:
    """Keep a digest and put its letter into the outbox, beside the weekly one, whenever somebody wants it."""
    made = Made(f"{content.scope.portfolio}:{content.scope.week}:{uuid4().hex[:8]}", by, content)
    _keep(unit, made)
    return made


def _keep(unit: Unit, made: Made) -> bool:
    """The row, the letter and a line on the portfolio's trail, all or nothing; False when the row was there."""
    scope, shown = made.content.scope, DOCUMENT.dump_python(made.content, mode="json")
    row: dict[str, Any] = {"name": made.name, "portfolio": scope.portfolio, "week": scope.week, "shown": shown}
    row |= {"manager": scope.manager, "made_by": made.by, "made_at": unit.now}
    if not inserted(unit, insert(digests).values(company=unit.company, **row)):
        return False
    letter = Letter(Message.DIGEST, f"digest:{made.name}", person=scope.manager, details={"digest": made.name})
    outbox.put(unit, letter)
    content = {"digest": made.name, "manager": scope.manager, "shown": digest(shown)}
    note(unit, f"portfolio:{scope.portfolio}", Said("digest_made", made.by, content))
    return True


def kept(unit: Unit, name: str) -> Digest:
    """A digest as it was made; raises DigestNotFound."""
    query = select(digests.c.shown).where(digests.c.company == unit.company, digests.c.name == name)
    shown = unit.connection.execute(query).scalar_one_or_none()
    if shown is None:
        raise DigestNotFound(f"there is no digest {name}")
    return DOCUMENT.validate_python(shown, strict=False)


def content_of(unit: Unit, business: Business, portfolio: Portfolio, week: Week) -> Digest:
    """What a portfolio's manager is shown of a week: some fifteen statements, however much was done in it."""
    lanes, kpis = _titles(business, portfolio), kpis_of(business, portfolio.id)
    loads = workloads(unit, lanes, week.period, week.before.period)
    spent = costs(unit, lanes, week.period, week.before.period)
    said = wrong_results(unit, lanes, week.period)
    return Digest(
        scope=_scope(unit, business, portfolio, week),
        made_at=unit.now,
        needs=_needs(unit, business, portfolio, lanes, week),
        figures=tuple(figures(unit, kpis, week)),
        lanes=tuple(_lane(name, title, loads[name], spent[name], said[name]) for name, title in lanes.items()),
        people=deciders(unit, lanes, week.period),
        spending=spending(loads, spent, lanes),
    )


def _needs(unit: Unit, business: Business, portfolio: Portfolio, lanes: dict[str, str], week: Week) -> Needs:
    missing = unobserved(unit, kpis_of(business, portfolio.id), week.period)
    found = needs(unit, lanes, portfolio.manager, week.period, missing)
    shown, count = still_open(unit, business, lanes)
    return replace(found, incidents=shown, incidents_open=count)


def _titles(business: Business, portfolio: Portfolio) -> dict[str, str]:
    """The portfolio's lanes by name; one that only observes has nothing to tell of."""
    lanes = (loaded.lane for loaded in business.lanes.values() if not loaded.only_observes)
    return {lane.lane: lane.title for lane in lanes if lane.portfolio == portfolio.id}


def _scope(unit: Unit, business: Business, portfolio: Portfolio, week: Week) -> Scope:
    return Scope(
        company=business.company.name,
        portfolio=portfolio.id,
        title=portfolio.name,
        manager=portfolio.manager,
        week=week.name,
        begins=week.monday,
        ends=week.monday + timedelta(days=6),
        running=unit.now < week.period.ends,
        timezone=week.zone,
    )


def _lane(name: str, title: str, load: Workload, cost: LaneCost, said: Wrong) -> LaneFigures:
    return LaneFigures(
        name=name,
        title=title,
        done=load.done,
        refused=load.refused,
        failed=load.failed,
        cancelled=load.cancelled,
        open=load.open,
        verified=load.verified,
        settled=load.settled,
        median_s=load.median_s,
        asked=load.asked,
        each=each(cost.now, load.done),
        unpriced=cost.now is None,
        wrong=said.wrong,
        again=said.again,
        correction_s=said.correction_s,
    )
