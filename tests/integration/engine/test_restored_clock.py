"""The clock changes nothing on a restored record before somebody reconciles it, and goes on with all others."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chargehand.embedded.valkey import Valkey
from chargehand.heads import set_aside
from chargehand.processes import clock
from chargehand.processes.clock import chores, go_round
from engine.deployment import Deployment
from storage.checkpoints import Signer
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House
from tests.integration.engine.restoring import Backup, restored, seal, settle
from tests.integration.escalation.asking import open_decisions

FORTNIGHT_S = 14 * 86_400.0
"""The week in which everything was published has ended by then, and its digest is due: on a Monday morning, too."""


def fired(office: House) -> list[int]:
    """The decisions of which a timer has fired."""
    return [row.decision for row in office.rows("select distinct decision from timer where fired_at is not null")]


def go(office: House) -> None:
    assert go_round(office.deployment, Sealer(office.deployment.database, Signer.of(AUDIT_KEY)))


def test_no_timer_fires_and_no_digest_is_made_before_a_restored_record_is_reconciled(
    office: House, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    (decision,) = open_decisions(office)
    copy = backup(office)
    office.asked(form="later", order="1122", amount=100)
    seal(office)

    with restored(copy, valkey_server, home) as again:
        again.wait(FORTNIGHT_S)
        with capture_logs() as said:
            go(again)

        assert fired(again) == []
        assert again.rows("select * from outbox where message = 'digest'") == []
        (told,) = [one for one in said if one["event"] == "clock.waits"]
        assert (told["company"], told["mend"]) == ("morning", "chargehand reconcile")

        settle(again)
        set_aside(home, again.company, stamp="then")
        go(again)

        assert fired(again) == [decision]
        assert again.rows("select * from outbox where message = 'digest'")


def test_no_peer_is_passed_over_on_a_restored_record(
    office: House, backup: Backup, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = list[str]()
    monkeypatch.setattr("engine.sweep.pass_over", lambda deployment, company: passed.append(company))
    office.asked()
    copy = backup(office)
    office.asked(form="later", order="1122", amount=100)
    seal(office)

    with restored(copy, valkey_server, home) as again:
        go(again)
        assert passed == []

        settle(again)
        set_aside(home, again.company, stamp="then")
        go(again)

        assert passed == ["morning"]


def test_switches_worths_and_artifacts_wait_as_well(
    office: House, backup: Backup, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = list[str]()
    for chore in ("mind", "weigh", "_collect", "forget"):
        monkeypatch.setattr(clock, chore, lambda _d, _c, chore=chore: done.append(chore))
    copy = backup(office)
    office.asked()
    seal(office)

    each_does(office.deployment)
    whole, done[:] = list(done), []
    with restored(copy, valkey_server, home) as again:
        each_does(again.deployment)

    assert whole == ["mind", "weigh", "_collect", "forget"]
    assert done == ["forget"]


def each_does(deployed: Deployment) -> None:
    for chore in chores():
        chore.round(deployed)


def test_a_company_of_which_nobody_can_say_it_is_held(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    open_decisions(office)
    office.wait(86_400)

    def broken(_: Deployment, company: str) -> bool:
        raise KeyError(company)

    monkeypatch.setattr(clock, "_is_restored", broken)
    with capture_logs() as said:
        go(office)

    assert fired(office) == []
    assert "clock.not_asked" in [one["event"] for one in said]
