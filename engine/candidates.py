"""Lays out what a coordinator is asked: the packet, who may take the step with their load and fitness, and why nobody else may."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from contracts.contract import WorkerDeclaration
from contracts.failed import Failed
from contracts.placing import Candidate, Routing, RuledOut
from contracts.standing import stopping, worker_unit
from engine.course import Course
from engine.routing import AT_WORK, packet_for, scope_of, waiting_by_runtime
from engine.track_record import fitness_of_workers
from escalation.ladder import History, Peer
from storage.database import Unit
from storage.tables.work import tasks


def routing_of(course: Course, failure: Failed, told: str, *, history: History, peers: Sequence[Peer]) -> Routing:
    """What is to be placed: the step under way, with the peers who may take it in the order of the contract."""
    lane = course.lane.lane
    with course.bench.connection.transaction() as unit:
        load, in_hand = dict(waiting_by_runtime(unit)), _in_hand(unit, course.task.lane)
        fitness = fitness_of_workers(course, unit)
    currency = course.bench.business.company.currency
    may = [
        _candidate(one.name, lane.workers[one.name], currency, load, in_hand, fitness.get(one.name)) for one in peers
    ]
    others = _ruled_out(course, failure, history, peers)
    return Routing(packet_for(course, failure, told), tuple(may), tuple(others))


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


def _ruled_out(course: Course, failure: Failed, history: History, peers: Sequence[Peer]) -> Iterator[RuledOut]:
    """Every other worker of the lane but its coordinator."""
    may = {one.name for one in peers}
    for name, worker in course.lane.lane.workers.items():
        if name not in may and worker.coordinates is None:
            yield RuledOut(name, _why_not(course, failure, history, name))


def _why_not(course: Course, failure: Failed, history: History, name: str) -> str:
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
    if name in history.ruled_out:
        return f"Its rule rules it out: {history.ruled_out[name]}"
    return f"The contract does not name it as a peer of {step.worker}, or it was passed over."
