"""Who decided in a portfolio's lanes in a week, how often, how fast, and how often against."""

from collections.abc import Collection

from sqlalchemy import String, and_, cast, func, literal, select

from contracts.vocabulary import Answer
from engine.scorecard.figures import Decider
from engine.scorecard.periods import Period
from storage.database import Unit
from storage.tables.business import people
from storage.tables.deciding import decisions, votes
from storage.tables.traffic import outbox
from storage.tables.work import tasks

MOST_DECIDERS = 8


def deciders(unit: Unit, lanes: Collection[str], week: Period) -> tuple[Decider, ...]:
    """Those who decided most first. A person's time begins when their own card was written: who is next in line is
    asked later than the first. One statement.
    """
    c, v, d = unit.company, votes.c, decisions.c
    of_decision = and_(d.company == c, d.number == v.decision)
    of_task = and_(tasks.c.company == c, tasks.c.number == d.task)
    named = and_(people.c.company == c, people.c.id == v.person)
    dedupe = func.concat(literal("card:"), cast(v.decision, String), literal(":"), v.person)
    card = and_(outbox.c.company == c, outbox.c.dedupe == dedupe)
    took = func.extract("epoch", v.at - func.greatest(d.opened_at, outbox.c.created_at))
    joined = votes.join(decisions, of_decision).join(tasks, of_task).outerjoin(people, named).outerjoin(outbox, card)
    query = select(
        v.person,
        func.coalesce(func.max(people.c.name), v.person).label("name"),
        func.count().label("decided"),
        func.count().filter(v.answer == Answer.REJECT).label("rejected"),
        func.percentile_cont(0.5).within_group(took).label("median_s"),
    ).select_from(joined)
    within = query.where(v.company == c, v.at >= week.begins, v.at < week.ends, tasks.c.lane.in_(lanes))
    most = within.group_by(v.person).order_by(func.count().desc(), v.person).limit(MOST_DECIDERS)
    return tuple(Decider(r.person, r.name, r.decided, r.rejected, r.median_s) for r in unit.connection.execute(most))
