"""One company's trouble, or one decision's, keeps no other from its timers, its seal or its chores, and is logged."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from structlog.testing import capture_logs

from chargehand.processes.clock import NowAndThen, go_round
from engine.deployment import Deployment
from engine.shift import due
from escalation.silence import fire, next_due
from storage.checkpoints import Checkpoint, Signer
from storage.database import Unit
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House
from tests.integration.escalation.asking import open_decisions

FIRST = "another"
"""A company that comes before the one whose turn a test looks at."""
TROUBLES: dict[str, Callable[[], Exception]] = {
    "an error that nobody foresaw": lambda: KeyError("somebody's words"),
    "a statement that fails": lambda: ProgrammingError("select 1", {}, Exception("somebody's words")),
    "a statement that is given up": lambda: OperationalError("select 1", {}, Exception("somebody's words")),
}


@pytest.fixture(params=TROUBLES)
def trouble(request: pytest.FixtureRequest) -> Exception:
    """What goes wrong."""
    return TROUBLES[request.param]()


@pytest.fixture
def both(office: House) -> Deployment:
    """Two companies; of the first there are no rows."""
    morning = office.deployment.businesses[office.company]
    return replace(office.deployment, businesses={FIRST: morning, office.company: morning})


def sealer(office: House) -> Sealer:
    return Sealer(office.deployment.database, Signer.of(AUDIT_KEY))


def fired(office: House) -> list[int]:
    """The decisions of which a timer has fired."""
    query = "select distinct decision from timer where fired_at is not null order by decision"
    return [row.decision for row in office.rows(query)]


def told(said: Any, event: str) -> list[dict[str, Any]]:
    return [dict(one) for one in said if one["event"] == event]


def test_timers_that_can_not_be_read_keep_no_other_company_from_theirs_and_from_sealing(
    office: House, both: Deployment, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    (decision,) = open_decisions(office)
    office.wait(86_400)

    def broken(unit: Unit, **how: Any) -> Any:
        if unit.company == FIRST:
            raise trouble
        return next_due(unit, **how)

    monkeypatch.setattr("engine.sweep.due", lambda deployment: [(FIRST, "timer", None, 1), *due(deployment)])
    monkeypatch.setattr("engine.sweep.next_due", broken)

    with capture_logs() as said:
        assert go_round(both, sealer(office))

    assert fired(office) == [decision]
    assert office.rows("select size from audit_checkpoint")
    assert [one["company"] for one in told(said, "timers.not_fired")] == [FIRST]
    assert "somebody's words" not in str(said)


def test_a_timer_that_can_not_be_fired_keeps_no_other_decision_from_theirs_and_is_tried_again(
    office: House, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_decisions(office, 2)
    office.wait(86_400)

    def broken(unit: Unit, found: Any) -> None:
        fire(unit, found)
        if found.decision == first:
            raise trouble

    monkeypatch.setattr("engine.sweep.fire", broken)
    with capture_logs() as said:
        assert go_round(office.deployment, sealer(office))

    assert fired(office) == [second]
    assert {(one["company"], one["decision"]) for one in told(said, "timer.not_fired")} == {("morning", first)}

    monkeypatch.setattr("engine.sweep.fire", fire)
    go_round(office.deployment, sealer(office))

    assert fired(office) == [first, second]


@pytest.mark.parametrize("thing", ["make_due", "pass_over"])
def test_what_can_not_be_made_for_one_company_is_made_for_the_next(
    office: House, both: Deployment, trouble: Exception, monkeypatch: pytest.MonkeyPatch, thing: str
) -> None:
    office.asked()
    asked = list[str]()

    def broken(_: Deployment, company: str) -> None:
        asked.append(company)
        if company == FIRST:
            raise trouble

    monkeypatch.setattr("engine.sweep.due", lambda deployment: [(FIRST, "task", "default", 1), *due(deployment)])
    monkeypatch.setattr(f"engine.sweep.{thing}", broken)

    with capture_logs() as said:
        assert go_round(both, sealer(office))

    assert sorted(asked) == [FIRST, "morning"]
    assert [one["company"] for one in said if one["event"] in {"digest.not_made", "peers.not_passed_over"}] == [FIRST]


def test_a_log_that_can_not_be_sealed_keeps_no_other_from_it(
    office: House, both: Deployment, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asked()
    seal = Sealer.seal

    def broken(self: Sealer, company: str) -> Checkpoint | None:
        if company == FIRST:
            raise trouble
        return seal(self, company)

    monkeypatch.setattr(Sealer, "seal", broken)

    with capture_logs() as said:
        assert go_round(both, sealer(office))

    assert office.rows("select size from audit_checkpoint")
    assert [one["company"] for one in told(said, "seal.failed")] == [FIRST]


def test_a_chore_that_fails_for_one_company_is_done_for_the_others(both: Deployment, trouble: Exception) -> None:
    done = list[str]()

    def chore(_: Deployment, company: str) -> None:
        if company == FIRST:
            raise trouble
        done.append(company)

    with capture_logs() as said:
        NowAndThen(3600.0, chore, "chore.not_done").round(both)

    assert done == ["morning"]
    assert [one["company"] for one in told(said, "chore.not_done")] == [FIRST]
