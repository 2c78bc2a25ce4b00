"""What steps save: safe in its store before any commit names it, held against its digest, and collected when orphaned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chargehand.processes.clock import chores
from chargehand.settings import Settings
from storage.artifacts import (
    ArtifactChanged,
    ArtifactNotFound,
    canonical_of,
    collect,
    content_of,
    of_task,
    wrong_with,
)
from storage.database import Unit
from tests.builders import House
from tests.stores import AWAY, take_away


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


def test_an_artifact_lies_in_a_file_and_stands_for_its_step(office: House) -> None:
    task, digest = done(office)

    (row,) = office.rows("select content, size from artifact where digest = :digest", digest=digest)
    (file,) = kept_files(office)

    assert (file.name, row.content, row.size) == (digest, None, file.stat().st_size)
    assert b'"1234"' in read(office, digest)
    with office.deployment.database.transaction(office.company) as unit:
        assert [(one.step, one.name, one.digest) for one in canonical_of(unit, task)] == [
            ("check", "order.json", digest)
        ]


def test_the_same_content_twice_is_one_file_of_both_tasks(office: House) -> None:
    unpaid = [office.asked(form=f"form-{number}", order="1006", amount=100) for number in (1, 2)]
    office.work()

    rows = office.rows("select task, digest from task_artifact order by task")

    assert [row.task for row in rows] == unpaid
    assert len({row.digest for row in rows}) == len(kept_files(office)) == 1


def test_a_changed_byte_and_a_lost_file_are_told(office: House) -> None:
    _, digest = done(office)
    (file,) = kept_files(office)
    whole = file.read_bytes()

    file.write_bytes(b"!" + whole[1:])
    with pytest.raises(ArtifactChanged, match=digest[:12]):
        read(office, digest)

    file.unlink()
    with (
        pytest.raises(ArtifactNotFound, match="gone from the store"),
        office.deployment.database.transaction(office.company) as unit,
    ):
        content_of(unit, office.deployment.store, digest)
    with office.deployment.database.transaction(office.company) as unit:
        assert len(wrong_with(unit, office.deployment.store)) == 1


def test_content_that_an_earlier_version_kept_in_the_database_is_still_read(office: House) -> None:
    _, digest = done(office)
    (file,) = kept_files(office)
    office.rows("update artifact set content = :content returning 1", content=file.read_bytes())
    file.unlink()

    assert b'"1234"' in read(office, digest)


def test_what_no_commit_has_named_is_collected_after_a_day_and_nothing_else(office: House) -> None:
    _, digest = done(office)
    store, now = office.deployment.store, datetime.now(UTC)
    store.put(office.company, "0" * 64, b"orphan", at=now - timedelta(days=2))
    store.put(office.company, "1" * 64, b"under way", at=now)
    store.put(office.company, digest, kept_files(office)[-1].read_bytes() or b"", at=now - timedelta(days=2))

    gone = collect(office.deployment.database, store, office.company)

    assert gone == 1
    assert {file.name for file in kept_files(office)} == {digest, "1" * 64}


def test_a_step_whose_content_can_not_be_kept_names_nothing(office: House) -> None:
    """A full disk: the engine parks the task where its owner sees it, and looks again."""
    task = office.asked()
    (office.deployment.home / "artifacts").write_text("in the way")

    office.work()

    assert office.task(task).state == "waiting"
    assert office.rows("select 1 from task_artifact") == []
    assert office.shop("select * from refunds where order_number = '1234'") == []

    (office.deployment.home / "artifacts").unlink()
    office.wait(700)
    office.work()

    assert office.task(task).state == "done"
    assert len(kept_files(office)) == 1


def test_a_store_that_is_away_is_one_card_for_all_that_waits_for_it_and_the_clock_goes_on(office: House) -> None:
    take_away()
    away, there = replace(office.deployment, artifacts=AWAY), office.runner
    tasks = [office.asked(order=order, form=order, amount=100) for order in ("1234", "1238")]

    office.runner = replace(there, deployment=away)
    office.work()
    (collecting,) = [one for one in chores() if one.failed == "artifacts.not_collected"]
    collecting.round(away)

    assert [office.task(task).sentence for task in tasks] == [
        f"The evidence of T-{task} can't be kept: the store failed with ClientError. Nothing of this try was written."
        for task in tasks
    ]
    assert len(office.rows("select 1 from blocker")) == 1
    assert office.shop("select * from refunds where order_number in ('1234', '1238')") == []

    office.runner = there
    office.wait(700)
    office.work()
    assert [office.task(task).state for task in tasks] == ["done", "done"]


def test_another_company_reads_nothing_of_it(office: House) -> None:
    _, digest = done(office)

    with office.deployment.database.bound("evening") as bound, bound.transaction() as unit:
        other = Unit(unit.connection, "evening", unit.now)
        with pytest.raises(ArtifactNotFound, match="There is no artifact"):
            content_of(other, office.deployment.store, digest)


def test_the_store_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEHAND_ARTIFACTS", "memory://kept")

    assert Settings.load(tmp_path).artifacts == "memory://kept"
