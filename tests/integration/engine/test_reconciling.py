"""After a restore nothing that the world has seen is done again: the report says what is missing, and tasks look first."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from chargehand.embedded.valkey import Valkey
from chargehand.heads import heads, kept_of, may_work
from chargehand.processes.clock import go_round
from contracts.authoring import effect, lists
from engine import reconciling
from engine.reconciling import GAP, NotReconciled, reconcile, report
from storage.checkpoints import Signer
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House, house
from tests.integration.engine.prospects import ask_for
from tests.integration.engine.restoring import Backup, is_restored, outdated, paid, restored, settle


def test_what_was_paid_after_the_backup_is_reported_and_never_paid_again(
    office: House, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    """The shop itself shows by then that the order was paid back, which the lane's own rule reads."""
    known = office.asked()
    copy = backup(office)
    office.work()
    later = office.asked(form="form-2", order="1122", amount=100)
    office.work()
    assert len(paid(office)) == 2

    with restored(copy, valkey_server, home) as again:
        found = settle(again)
        again.work()

        assert {one.key: one.known for one in found.surplus} == {
            f"morning/T-{known}/pay/1/1": "the record has the task as ready, which looks before it performs it",
            f"morning/T-{later}/pay/1/1": "the record has no such task: whoever asked for it has to be told by a person",
        }
        assert found.tasks == (f"T-{known}",)
        assert again.task(known).state == "refused"
        assert len(paid(again)) == 2


def test_a_task_finds_what_it_did_after_the_backup_and_goes_on(
    growth: House, backup: Backup, valkey_server: Valkey, home: Path, tmp_path: Path
) -> None:
    task = ask_for(growth, "writing", "one")
    copy = backup(growth)
    growth.work()
    world = growth.runner.systems[growth.company]["world"]
    assert world.sends == 1

    with house(copy, valkey_server.url, home, folder=tmp_path / "prospects") as again:
        again.company = growth.company
        again.runner.systems[again.company]["world"] = world
        reconcile(again.deployment, again.company, {"world": world}, by="ola", because="Disk died.")
        again.work()

        assert again.task(task).state == "done"
        (effect,) = again.rows("select state, performs from effect where task = :task", task=task)
        assert effect.state == "verified"
    assert world.sends == 1


def test_a_number_that_was_given_after_the_backup_is_not_given_twice(
    office: House, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    office.asked()
    copy = backup(office)
    office.work()
    later = [office.asked(form=f"later-{number}", order="1122", amount=100) for number in range(3)]
    office.work()

    with restored(copy, valkey_server, home) as again:
        settle(again)
        fresh = again.asked(form="fresh", order="1303", amount=100)
        again.work()

        assert fresh > max(later) + GAP - 10
        assert again.task(fresh).state == "done"


def test_what_the_world_does_not_show_is_performed_once(
    office: House, backup: Backup, valkey_server: Valkey, home: Path
) -> None:
    task = office.asked()
    copy = backup(office)

    with restored(copy, valkey_server, home) as again:
        settle(again)
        again.work()

        assert again.task(task).state == "done"
        assert len(paid(again)) == 1


def test_without_a_name_it_only_looks(office: House) -> None:
    task = office.asked()

    found = report(office.deployment, office.company, office.runner.systems[office.company])

    assert found.tasks == (f"T-{task}",)
    assert found.surplus == ()
    assert "shop.refund" not in found.unlisted
    assert office.task(task).origin.get("restored") is None


def test_what_the_record_has_as_done_is_no_news_however_much_it_is(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "_AT_ONCE", 2)
    for number, order in enumerate(("1234", "1122", "1303")):
        office.asked(form=f"form-{number}", order=order, amount=100)
    office.work()
    assert len(paid(office)) == 3

    assert report(office.deployment, office.company, office.runner.systems[office.company]).surplus == ()


def test_a_world_that_does_not_answer_is_named_with_the_reason(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (office.deployment.home / "shop.sqlite").rename(office.deployment.home / "gone.sqlite")

    found = report(office.deployment, office.company, office.runner.systems[office.company])

    assert found.silent == ("shop.refund",)
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    assert "shop.refund could not be listed: The shop's database can't be opened. Ask again." in say("reconcile").stdout


class Strange(Exception):
    """Of no table."""


class Odd:
    """A tool whose list fails in its own way."""

    @effect("neither", look=None, blast="record")
    def do(self, *, what: str, key: str) -> None:
        """Change something."""

    @lists("do")
    def done(self) -> list[str]:
        """Nothing that can be told."""
        raise Strange("the password is hush")


def test_an_error_that_nobody_knows_is_told_by_its_name_alone(office: House) -> None:
    found = report(office.deployment, office.company, {"odd": Odd()})

    assert found.reasons == {"odd.do": "It stopped with Strange."}


@pytest.mark.parametrize(("by", "because", "says"), [("nobody", "x", "no nobody"), ("ruth", " ", "--because")])
def test_who_reconciles_says_who_and_why(office: House, by: str, because: str, says: str) -> None:
    with pytest.raises(NotReconciled, match=says):
        reconcile(office.deployment, office.company, {}, by=by, because=because)


def test_a_restored_record_is_known_by_what_was_kept_of_the_newer_one(
    office: House, backup: Backup, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is worked on it, and nothing sealed over what was kept, before it is reconciled."""
    copy = outdated(office, backup)
    assert not is_restored(office, home)

    with restored(copy, valkey_server, home) as again:
        assert is_restored(again, home)
        monkeypatch.setattr(
            "chargehand.commands.opening.opened", lambda company: nullcontext((again.deployment, again.company))
        )

        for runner in (again.runner, again.peer):
            runner.may_work = partial(may_work, home)

        kept, sealer = kept_of(home, "morning"), Sealer(again.deployment.database, Signer.of(AUDIT_KEY))
        assert again.work() == 0
        assert go_round(again.deployment, sealer)
        assert kept_of(home, "morning") == kept
        assert is_restored(again, home)
        looked = say("reconcile")
        assert again.work() == 0
        settled = say("reconcile", "--as", "ruth", "--because", "Disk died.")

        assert "Nothing was changed" in looked.stdout
        assert "Look first from now on: T-" in settled.stdout
        assert not is_restored(again, home)
        assert heads(home, "morning") == []
        (row,) = again.rows("select content from audit_entry where trail = 'restore'")
        assert row.content["because"] == "Disk died."
        assert again.work()
        assert len(paid(again)) == 1
        go_round(again.deployment, sealer)
        assert kept_of(home, "morning").documents


def say(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))
