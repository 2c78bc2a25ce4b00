"""Lays out what a coordinator is asked: the packet, who may take the step with their load and fitness, and why nobody else may."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from contracts.contract import WorkerDeclaration
from contracts.failed import Failed
from contracts.placing import Candidate, Routing, RuledOut
from contracts.standing import stopping, worker_unit
from engine.course import Course
from engine.routing import AT_WORK, packet_for, scope_of, waiting_by_runtime
from engine.scorecard.results import results
from escalation.ladder import Peer
from storage.database import Unit
from storage.tables.work import tasks


def routing_of(course: Course, failure: Failed, told: str, peers: Sequence[Peer]) -> Routing:
    """What is to be placed: the step under way, with the peers who may take it in the order of the contract."""
    lane = course.lane.lane
    with course.bench.connection.transaction() as unit:
        load, in_hand = dict(waiting_by_runtime(unit)), _in_hand(unit, course.task.lane)
        fitness = _fitness(course, unit)
    currency = course.bench.business.company.currency
    may = [
        _candidate(one.name, lane.workers[one.name], currency, load, in_hand, fitness.get(one.name)) for one in peers
    ]
    return Routing(packet_for(course, failure, told), tuple(may), tuple(_ruled_out(course, failure, peers)))


def _candidate(
    name: str,
    worker: WorkerDeclaration,
    currency: str,
    load: dict[str, int],
    in_hand: dict[str, int],
    fitness: float | None,
) -> Candidate:
    return Candidate(
        name=name,
        job=worker.job,
        outcome=worker.outcome,
        scope=scope_of(worker),
        runtime=worker.runtime,
        model=worker.model or "",
        usual_cost=f"{worker.cost.usual} {currency}",
        load=load.get(worker.runtime, 0),
        in_hand=in_hand.get(name, 0),
        fitness=fitness,
    )


def _in_hand(unit: Unit, lane: str) -> dict[str, int]:
    """How many tasks of a lane are each worker's to do now."""
    mine = (tasks.c.company == unit.company) & (tasks.c.lane == lane) & tasks.c.state.in_(AT_WORK)
    query = select(tasks.c.worker, func.count().label("many")).where(mine).group_by(tasks.c.worker)
    return {row.worker: row.many for row in unit.connection.execute(query)}


def _fitness(course: Course, unit: Unit) -> dict[str, float | None]:
    """The fitness of the lane's workers, computed once a shift: it is of thirty days."""
    known = course.bench.fitness
    if course.task.lane not in known:
        found = results(unit, course.bench.business)
        known.update(
            {
                name: {one.worker: one.fitness.score for one in found if one.lane == name}
                for name in course.bench.business.lanes
            }
        )
        known.setdefault(course.task.lane, {})
    return known[course.task.lane]


def _ruled_out(course: Course, failure: Failed, peers: Sequence[Peer]) -> Iterator[RuledOut]:
    """Every other worker of the lane but its coordinator."""
    may = {one.name for one in peers}
    for name, worker in course.lane.lane.workers.items():
        if name not in may and worker.coordinates is None:
            yield RuledOut(name, _why_not(course, failure, name))


def _why_not(course: Course, failure: Failed, name: str) -> str:
    lane, step = course.lane.lane, course.step
    stand = stopping(course.bench.standings(), [worker_unit(lane.lane, name)])
    earlier = [one.sentence for one in course.history if one.worker == name]
    if stand is not None:
        return f"It is {stand.words}: {stand.because.rstrip('.')}."
    if name == course.worker:
        return f"It has just failed: {failure.sentence}"
    if earlier:
        return f"It was tried: {earlier[-1]}"
    if lane.workers[name].job != lane.workers[step.worker].job:
        return f"Its job is another: {lane.workers[name].job}."
    return f"The contract does not name it as a peer of {step.worker}, or it was passed over."
