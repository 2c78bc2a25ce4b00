"""What belongs to another company is answered as what does not exist, and that somebody asked is on their trail."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert

from benchmarks.parts import COMPANY
from chargehand.composition import load_businesses, publish_all
from contracts.units import NoSuchUnit
from contracts.vocabulary import Answer, CauseClass, Standing, TaskState
from engine.intake import Accepted, Draft, NotAccepted, accept
from engine.register import Wish, change
from escalation.cancelling import cancel
from escalation.decisions import Voice, decide
from gateway.api.incidents import Caller, Incidents
from gateway.api.problems import Problem
from gateway.clock import Clock
from storage.audit import trail_of
from storage.tables.incidents import incidents
from tests.builders import MORNING, House
from tests.integration.engine.test_incidents import end, say


@pytest.fixture
def others(office: House) -> int:
    """Another company beside ours, with a task of its own; the task's number."""
    businesses, sources = load_businesses([MORNING, COMPANY])
    was = office.deployment
    office.deployment = replace(was, businesses=businesses, sources=sources)
    publish_all(office.deployment)
    found = accept(office.deployment, "bench", Draft("plain", "ola", {"number": 7}, {}, "form", None))
    assert isinstance(found, Accepted)
    with office.deployment.database.transaction("bench") as unit:
        theirs = {"number": found.task, "task": found.task, "lane": "plain", "worker": "w", "reported_by": "ola"}
        said = {"via": "test", "delivery": "d", "sentence": "Wrong.", "reported_at": unit.now}
        unit.connection.execute(insert(incidents).values(company="bench", **theirs, **said))
    return found.task


def looked_for(office: House, person: str) -> list[str]:
    """What a person named in vain."""
    with office.deployment.database.transaction(office.company) as unit:
        return [one["content"]["named"] for one in trail_of(unit, f"person:{person}") if one["event"] == "not_found"]


def _cancelled(office: House, name: str) -> str:
    with office.deployment.database.transaction(office.company) as unit:
        found = cancel(unit, task=int(name), person_id="anna", reason=None, via="slack")
    return found.sentence


def _decided(office: House, name: str) -> str:
    with office.deployment.database.transaction(office.company) as unit:
        return decide(unit, Voice(int(name), "anna", Answer.APPROVE, None, "slack", None)).sentence


def _said_wrong(office: House, name: str) -> str:
    return say(office, int(name)).sentence


def _closed(office: House, name: str) -> str:
    return end(office, int(name), by="anna", cause=CauseClass.DATA, minutes=1).sentence


def _looked_at(office: House, name: str) -> str:
    with pytest.raises(Problem) as refused:
        Incidents(office.deployment, Clock(), "secret").look(int(name), Caller("morning", "anna"))
    return f"{refused.value.status} {refused.value}"


def _asked(office: House, name: str) -> str:
    with pytest.raises(NotAccepted) as refused:
        accept(office.deployment, office.company, Draft(name, "anna", {"number": 7}, {}, f"form-{name}", None))
    return str(refused.value)


def _paused(office: House, name: str) -> str:
    business = office.deployment.businesses[office.company]
    wish = Wish(f"{name}/someone", Standing.PAUSED, "anna", "why not")
    with pytest.raises(NoSuchUnit) as refused, office.deployment.database.transaction(office.company) as unit:
        change(unit, business, wish)
    return re.sub(r" Known: .*", "", str(refused.value))


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (_cancelled, "task T-{}"),
        (_decided, "decision {}"),
        (_said_wrong, "task T-{}"),
        (_closed, "incident {}"),
        (_looked_at, "incident {}"),
    ],
    ids=["task", "decision", "result", "incident", "incident by HTTP"],
)
def test_numbers_of_another_company_are_as_numbers_that_were_never_given(
    office: House, others: int, ask: Callable[[House, str], str], what: str
) -> None:
    theirs, nobodys = str(others), "987654"

    said = [ask(office, name).replace(name, "N") for name in (theirs, nobodys)]

    assert said[0] == said[1]
    assert looked_for(office, "anna") == [what.format(theirs), what.format(nobodys)]
    with office.deployment.database.transaction("bench") as unit:
        assert unit.connection.exec_driver_sql("select state from task").scalar_one() == TaskState.READY


def test_a_lane_of_another_company_is_as_one_that_nobody_has(office: House, others: int) -> None:
    said = [_asked(office, name).replace(name, "N") for name in ("plain", "nowhere")]

    assert others
    assert said == ["There is no lane N."] * 2
    assert looked_for(office, "anna") == ["lane plain", "lane nowhere"]
    assert office.rows("select 1 from task") == []


def test_a_worker_of_another_company_is_as_one_that_nobody_has(office: House, others: int) -> None:
    said = [_paused(office, name).replace(name, "N") for name in ("plain", "zzzzz")]

    assert others
    assert said == ["There is no N/someone here."] * 2


def test_an_order_that_only_another_shop_has_is_refused_by_the_contract_and_on_the_tasks_trail(office: House) -> None:
    task = office.asked(order="99999")

    office.work()

    row = office.task(task)
    assert (row.state, row.sentence) == (
        TaskState.REFUSED,
        "Order 99999 does not exist in the shop. Check the number and ask again.",
    )
    with office.deployment.database.transaction(office.company) as unit:
        assert trail_of(unit, row.trail)[-1]["event"] == "refused"
