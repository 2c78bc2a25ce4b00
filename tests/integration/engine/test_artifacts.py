"""What steps save: in the record, or safe in its store before any commit names it; held against its digest, and what
nobody names is collected.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from chargehand.processes.clock import chores
from chargehand.settings import Settings
from storage.artifacts import (
    ArtifactChanged,
    ArtifactNotFound,
    Saved,
    canonical_of,
    collect,
    content_of,
    erase_contents,
    of_task,
    wrong_with,
)
from storage.database import Unit
from tests.builders import House
from tests.stores import AWAY, keep_all_in_store, take_away


def kept_files(office: House) -> list[Path]:
    return sorted((office.deployment.home / "artifacts" / office.company).glob("*/*"))


def done(office: House) -> tuple[int, str]:
    """A small refund that was paid, and the digest of what its first step has kept."""
    task = office.asked()
    office.work()
    with office.deployment.database.transaction(office.company) as unit:
        ((name, digest),) = of_task(unit, task)
    assert name == "order.json"
    return task, digest


def read(office: House, digest: str) -> bytes:
    with office.deployment.database.transaction(office.company) as unit:
        return content_of(unit, office.deployment.store, digest)


def assert_stands_for_check(office: House, task: int, digest: str) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        assert canonical_of(unit, task) == [Saved("check", "order.json", digest)]


@pytest.fixture
def stored(office: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The office, of which all artifacts go to the store, however short."""
    keep_all_in_store(monkeypatch)
    return office


def test_a_short_artifact_is_in_the_record_and_stands_for_its_step(office: House) -> None:
    task, digest = done(office)

    (row,) = office.rows("select content, size from artifact where digest = :digest", digest=digest)

    assert kept_files(office) == []
    assert (sha256(row.content).hexdigest(), row.size) == (digest, len(row.content))
    assert b'"1234"' in read(office, digest)
    assert_stands_for_check(office, task, digest)


def test_any_other_lies_in_a_file_and_stands_for_its_step(stored: House) -> None:
    task, digest = done(stored)

    (row,) = stored.rows("select content, size from artifact where digest = :digest", digest=digest)
    (file,) = kept_files(stored)

    assert (file.name, row.content, row.size) == (digest, None, file.stat().st_size)
    assert b'"1234"' in read(stored, digest)
    assert_stands_for_check(stored, task, digest)


@pytest.mark.parametrize("where", ["in the record", "in the store"])
def test_the_same_content_twice_is_one_artifact_of_both_tasks(
    office: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "in the store":
        keep_all_in_store(monkeypatch)
    unpaid = [office.asked(form=f"form-{number}", order="1006", amount=100) for number in (1, 2)]
    office.work()

    rows = office.rows("select task, digest from task_artifact order by task")

    assert [row.task for row in rows] == unpaid
    assert len({row.digest for row in rows}) == len(office.rows("select 1 from artifact")) == 1
    assert len(kept_files(office)) == (where == "in the store")


def test_a_changed_byte_in_the_record_is_told(office: House) -> None:
    _, digest = done(office)
    office.rows("update artifact set content = '!' || content returning 1")

    with pytest.raises(ArtifactChanged, match=digest[:12]):
        read(office, digest)
    with office.deployment.database.transaction(office.company) as unit:
        assert len(wrong_with(unit, office.deployment.store)) == 1


def test_a_changed_byte_and_a_lost_file_are_told(stored: House) -> None:
    _, digest = done(stored)
    (file,) = kept_files(stored)
    whole = file.read_bytes()

    file.write_bytes(b"!" + whole[1:])
    with pytest.raises(ArtifactChanged, match=digest[:12]):
        read(stored, digest)

    file.unlink()
    with pytest.raises(ArtifactNotFound, match="gone from the store"):
        read(stored, digest)
    with stored.deployment.database.transaction(stored.company) as unit:
        assert len(wrong_with(unit, stored.deployment.store)) == 1


def test_short_content_that_an_earlier_version_put_into_the_store_is_read_from_there(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        keep_all_in_store(earlier)
        office.asked(order="1006", amount=100)
        office.work()
    office.asked(form="form-2", order="1006", amount=100)
    office.work()

    ((digest, content),) = office.rows("select digest, content from artifact")

    assert content is None
    assert b'"1006"' in read(office, digest)


def test_what_was_erased_is_kept_again_where_it_is_saved_again(office: House) -> None:
    office.asked(order="1006", amount=100)
    office.work()
    (digest,) = {row.digest for row in office.rows("select digest from task_artifact")}
    with office.deployment.database.transaction(office.company) as unit:
        assert erase_contents(unit, [digest]) == [digest]
    with pytest.raises(ArtifactNotFound, match="was erased"):
        read(office, digest)

    office.asked(form="form-2", order="1006", amount=100)
    office.work()

    assert b'"1006"' in read(office, digest)


def test_what_no_commit_has_named_is_collected_after_a_day_and_nothing_else(stored: House) -> None:
    _, digest = done(stored)
    store, now = stored.deployment.store, datetime.now(UTC)
    store.put(stored.company, "0" * 64, b"orphan", at=now - timedelta(days=2))
    store.put(stored.company, "1" * 64, b"under way", at=now)
    store.put(stored.company, digest, kept_files(stored)[-1].read_bytes() or b"", at=now - timedelta(days=2))

    gone = collect(stored.deployment.database, store, stored.company)

    assert gone == 1
    assert {file.name for file in kept_files(stored)} == {digest, "1" * 64}


def test_a_step_whose_content_can_not_be_kept_names_nothing(stored: House) -> None:
    """A full disk: the engine parks the task where its owner sees it, and looks again."""
    task = stored.asked()
    (stored.deployment.home / "artifacts").write_text("in the way")

    stored.work()

    assert stored.task(task).state == "waiting"
    assert stored.rows("select 1 from task_artifact") == []
    assert stored.shop("select * from refunds where order_number = '1234'") == []

    (stored.deployment.home / "artifacts").unlink()
    stored.wait(700)
    stored.work()

    assert stored.task(task).state == "done"
    assert len(kept_files(stored)) == 1


def test_a_store_that_is_away_is_one_card_for_all_that_waits_for_it_and_the_clock_goes_on(stored: House) -> None:
    take_away()
    away, there = replace(stored.deployment, artifacts=AWAY), stored.runner
    tasks = [stored.asked(order=order, form=order, amount=100) for order in ("1234", "1238")]

    stored.runner = replace(there, deployment=away)
    stored.work()
    (collecting,) = [one for one in chores() if one.failed == "artifacts.not_collected"]
    collecting.round(away)

    assert [stored.task(task).sentence for task in tasks] == [
        f"The evidence of T-{task} can't be kept: the store failed with ClientError. Nothing of this try was written."
        for task in tasks
    ]
    assert len(stored.rows("select 1 from blocker")) == 1
    assert stored.shop("select * from refunds where order_number in ('1234', '1238')") == []

    stored.runner = there
    stored.wait(700)
    stored.work()
    assert [stored.task(task).state for task in tasks] == ["done", "done"]


def test_another_company_reads_nothing_of_it(office: House) -> None:
    _, digest = done(office)

    with office.deployment.database.bound("evening") as bound, bound.transaction() as unit:
        other = Unit(unit.connection, "evening", unit.now)
        with pytest.raises(ArtifactNotFound, match="There is no artifact"):
            content_of(other, office.deployment.store, digest)


def test_the_store_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEHAND_ARTIFACTS", "memory://kept")

    assert Settings.load(tmp_path).artifacts == "memory://kept"
