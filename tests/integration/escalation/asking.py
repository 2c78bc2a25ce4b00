"""Decisions as tests need them: many at once, and with another edge than the example's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from contracts.contract import ApprovalEdge
from contracts.vocabulary import Answer
from engine.answering import Spoken, answer
from engine.deployment import Deployment
from escalation.decisions import Outcome, Voice, decide
from tests.builders import House
from tests.integration.engine.worlds import decision_of, open_shop


def with_edge(office: House, **changes: Any) -> None:
    """The example's approval edge with something changed (quorum, steps), or its lane (functions, edges)."""
    business = office.deployment.businesses["morning"]
    lane = business.lanes["refunds"]
    of_lane = {name: changes.pop(name) for name in ("functions", "edges") if name in changes}
    edges = tuple((_changed(edge, changes), rule) for edge, rule in lane.edges)
    other = replace(business, lanes={"refunds": replace(lane, **{"edges": edges, **of_lane})})
    was = office.deployment
    office.deployment = Deployment(was.database, {"morning": other}, was.sources, was.wakeups, was.home)
    office.runner.deployment = office.deployment


def _changed(edge: ApprovalEdge, changes: dict[str, Any]) -> ApprovalEdge:
    return edge.model_copy(update=changes)


def open_decisions(office: House, count: int = 1, *, by: str = "") -> list[int]:
    """Decisions on large refunds of as many orders."""
    open_shop(office)
    tasks = [office.asked(by=by, order=str(2000 + i), form=f"f{i}", amount=74000) for i in range(count)]
    office.work()
    return [decision_of(office, task) for task in tasks]


def say(
    office: House, decision: int, person: str, answer: Answer = Answer.APPROVE, *, saw: str | None = None
) -> Outcome:
    """One person's answer in a transaction of its own."""
    with office.deployment.database.transaction("morning") as unit:
        return decide(unit, Voice(decision, person, answer, "because", "slack", saw))


NEEDS: dict[Answer, dict[str, Any]] = {
    Answer.CHANGE: {"changes": {"amount": "300.00"}},
    Answer.HAND_OVER: {"to": "mei"},
    Answer.SNOOZE: {"for_s": 600},
}


def speak(office: House, decision: int, answered: Answer, person: str = "priya", **given: Any) -> Outcome:
    """One answer as a surface brings it, with all that it needs unless said otherwise."""
    spoken = Spoken(decision, person, answered, "terminal", **{"reason": "because", **NEEDS.get(answered, {}), **given})
    with office.deployment.database.transaction("morning") as unit:
        return answer(office.deployment, unit, spoken)


def at_once(*acts: Callable[[], Outcome]) -> list[Outcome]:
    """Several people press at the same moment."""
    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(act) for act in acts]]


def noted(office: House, decision: int, event: str) -> list[dict[str, Any]]:
    """What a decision's trail says of an event, oldest first: the content with its actor."""
    query = "select actor, content from audit_entry where trail = :t and event = :e order by seq"
    return [{**row.content, "actor": row.actor} for row in office.rows(query, t=f"decision:{decision}", e=event)]
