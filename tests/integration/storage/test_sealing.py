"""The sealed log over a real database: every committed entry once, in one order, whoever seals and whoever commits late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.verify_audit import Proof, Wrong, verify
from storage import sealing
from storage.audit import Said, note
from storage.checkpoints import Signer
from storage.sealed import documents, sealed
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, House

SIGNER = Signer.of(AUDIT_KEY)


@pytest.fixture
def sealer(office: House) -> Sealer:
    """A clock's sealer."""
    return Sealer(office.deployment.database, SIGNER)


@pytest.fixture
def owner(morning_urls: DatabaseUrls) -> Iterator[Connection]:
    """Somebody who may change everything in the database, and does."""
    engine = create_engine(morning_urls.owner)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


def told(office: House, number: int, trail: str = "lane:refunds") -> None:
    """One more entry on a trail."""
    with office.deployment.database.transaction(office.company) as unit:
        note(unit, trail, Said("told", "clock", {"n": number}))


def proof(office: House, **also: Any) -> Proof:
    """The log as it is in the database, verified."""
    with closing(documents(office.deployment.database, office.company)) as lines:
        return verify(lines, keys=[SIGNER.public], **also)


def entries(office: House) -> int:
    """How many entries the company has."""
    count: int = office.rows("select count(*) as n from audit_entry")[0].n
    return count


def test_what_is_on_record_is_sealed_once_and_verifies(office: House, sealer: Sealer) -> None:
    office.asked()
    office.work()
    before, known = proof(office), entries(office)
    first = sealer.seal(office.company)
    again = sealer.seal(office.company)
    office.asked(order="1236", form="later")
    second = sealer.seal(office.company)

    after = proof(office)
    assert (before.size, before.unsealed) == (0, known)
    assert (again, after.unsealed, after.size) == (None, 0, entries(office))
    assert first is not None
    assert second is not None
    assert (second.previous, after.root, after.checkpoints) == (first.root, second.root, 2)
    assert (first.name[-2:], second.name[-2:]) == ("#1", "#2")


def test_an_entry_that_commits_after_a_later_one_is_sealed_all_the_same(office: House, sealer: Sealer) -> None:
    """Its id is smaller; the log has it behind the others, and looks that far back only while somebody is writing."""
    written, go_on = Event(), Event()

    def late() -> None:
        with office.deployment.database.transaction(office.company) as unit:
            note(unit, "lane:late", Said("told", "clock", {}))
            written.set()
            go_on.wait(30)

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(late)
        written.wait(30)
        for number in range(4):
            told(office, number)
            sealer.seal(office.company)
        meanwhile = proof(office)
        go_on.set()
        running.result()
    sealer.seal(office.company)

    order = "select e.trail, e.id from audit_leaf l join audit_entry e on e.id = l.entry order by l.position"
    log = office.rows(order)
    assert meanwhile.unsealed == 0
    assert proof(office).size == entries(office) == len(log)
    assert log[-1].trail == "lane:late"
    assert log[-1].id < log[-2].id


def test_old_entries_are_not_looked_at_again_once_nobody_can_add_to_them(office: House, sealer: Sealer) -> None:
    for number in range(4):
        told(office, number)
        sealer.seal(office.company)

    newest, settled = office.rows(
        "select max(entry) as newest, (select max(settled) from audit_checkpoint) as settled from audit_leaf"
    )[0]
    another = Sealer(office.deployment.database, SIGNER)
    told(office, 9)
    another.seal(office.company)

    assert 0 < settled < newest
    assert proof(office).size == entries(office)


def test_many_sealers_at_once_make_one_log(office: House) -> None:
    start = Barrier(5)
    sealers = [Sealer(office.deployment.database, SIGNER) for _ in range(2)]

    def tell(trail: int) -> None:
        start.wait()
        for number in range(20):
            told(office, number, f"lane:{trail}")

    def seal(one: Sealer) -> None:
        start.wait()
        for _ in range(20):
            one.seal(office.company)

    with ThreadPoolExecutor(5) as threads:
        jobs = [threads.submit(tell, trail) for trail in range(3)] + [threads.submit(seal, one) for one in sealers]
        for job in jobs:
            job.result()
    sealers[0].seal(office.company)

    found = proof(office)
    assert (found.size, found.unsealed) == (entries(office), 0)


def test_more_than_fits_at_once_is_sealed_in_several_checkpoints(
    office: House, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_AT_ONCE", 7)
    for number in range(20):
        told(office, number, f"lane:{number % 3}")

    sealer.seal(office.company)

    found = proof(office)
    assert (found.size, found.unsealed) == (entries(office), 0)
    assert found.checkpoints == -(-found.size // 7)


def test_entries_of_a_trail_are_sealed_in_their_order_whatever_ids_they_got(
    office: House, sealer: Sealer, owner: Connection
) -> None:
    for number in range(5):
        told(office, number)
    owner.execute(text("update audit_entry set id = 100000 - id where trail = 'lane:refunds'"))

    sealer.seal(office.company)

    assert proof(office).size == entries(office)


def test_erased_content_leaves_the_log_whole(office: House, sealer: Sealer) -> None:
    office.asked()
    office.work()
    kept = sealer.seal(office.company)
    assert kept is not None
    office.rows("update audit_entry set salt = null, content = null where trail = 'task:1001' returning 1")

    found = proof(office, kept=[kept.document()])
    lines = list(documents(office.deployment.database, office.company))

    assert found.erased == 8
    assert all(line["content"] is None for line in lines if line.get("trail") == "task:1001")


TAMPERING = {
    "update audit_entry set event = 'other' where id = (select min(id) + 3 from audit_entry)": "was changed",
    "delete from audit_entry where id = (select min(id) + 3 from audit_entry)": "Position 3 of the log is missing",
    "delete from audit_entry where id = (select max(id) from audit_entry)": "the others are missing",
    "delete from audit_leaf where position = (select max(position) from audit_leaf)": "the others are missing",
    "update audit_leaf set position = -4 where position = 4; update audit_leaf set position = 4 where position = 5;"
    "update audit_leaf set position = 5 where position = -4": "does not follow|out of order|made over other",
    "delete from audit_checkpoint where size = (select min(size) from audit_checkpoint)": "one is missing between",
    "update audit_checkpoint set signature = overlay(signature placing 'AA' from 1)": "signature",
    "update audit_checkpoint set root = reverse(root)": "signature",
    "update audit_checkpoint set at = at + interval '1 s'": "signature",
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_what_the_owner_of_the_database_changes_is_found(
    office: House, sealer: Sealer, owner: Connection, statement: str
) -> None:
    for number in range(6):
        told(office, number)
    sealer.seal(office.company)
    told(office, 7)
    kept = sealer.seal(office.company)
    assert kept is not None
    for one in statement.split(";"):
        assert owner.execute(text(one)).rowcount

    with pytest.raises(Wrong, match=TAMPERING[statement]):
        proof(office, kept=[kept.document()])


def test_a_log_cut_at_a_checkpoint_is_found_by_what_was_kept_elsewhere(
    office: House, sealer: Sealer, owner: Connection
) -> None:
    told(office, 1)
    first = sealer.seal(office.company)
    told(office, 2)
    last = sealer.seal(office.company)
    assert first is not None
    assert last is not None
    for statement in (
        "delete from audit_checkpoint where size > :size",
        "delete from audit_entry where id in (select entry from audit_leaf where position >= :size)",
        "delete from audit_leaf where position >= :size",
    ):
        owner.execute(text(statement), {"size": first.size})

    assert proof(office).size == first.size
    with pytest.raises(Wrong, match="tail is cut"):
        proof(office, kept=[last.document()])


def test_an_export_may_begin_at_a_checkpoint(office: House, sealer: Sealer) -> None:
    told(office, 1)
    first = sealer.seal(office.company)
    office.wait(3600)
    told(office, 2)
    last = sealer.seal(office.company)
    assert first is not None
    assert last is not None

    lines = list(documents(office.deployment.database, office.company, since=last.at))
    found = verify(lines, keys=[SIGNER.public], kept=[first.document(), last.document()])

    assert (found.begins_at, found.entries, found.size) == (first.size, last.size - first.size, last.size)
    with pytest.raises(Wrong, match="does not fit"):
        verify([{**lines[0], "after": {**lines[0]["after"], "peaks": ["00" * 32]}}, *lines[1:]])


def test_a_time_that_was_set_back_makes_no_older_checkpoint(office: House, sealer: Sealer) -> None:
    told(office, 1)
    first = sealer.seal(office.company)
    office.wait(-86_400)
    told(office, 2)
    second = sealer.seal(office.company)

    assert first is not None
    assert second is not None
    assert second.at == first.at
    assert proof(office).checkpoint == second.name != first.name


def test_the_app_s_role_can_only_add_to_the_log(office: House, sealer: Sealer, morning_urls: DatabaseUrls) -> None:
    told(office, 1)
    sealer.seal(office.company)
    engine = create_engine(morning_urls.app)
    with engine.connect() as connection:
        connection.execute(text("select set_config('app.company', 'morning', false)"))
        for statement in (
            *("delete from audit_leaf", "update audit_leaf set position = 9", "truncate audit_leaf"),
            *("delete from audit_checkpoint", "update audit_checkpoint set root = 'x'", "truncate audit_checkpoint"),
        ):
            with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                connection.execute(text(statement))
    engine.dispose()


def test_a_trail_says_how_far_it_is_sealed(office: House, sealer: Sealer) -> None:
    def state() -> tuple[int, str | None]:
        with office.deployment.database.transaction(office.company) as unit:
            found = sealed(unit, "lane:refunds")
        return found.entries, found.checkpoint

    told(office, 1, "lane:other")
    sealer.seal(office.company)
    was = office.rows("select count(*) as n from audit_entry where trail = 'lane:refunds'")[0].n
    before = state()
    told(office, 2)
    between = state()
    newest = sealer.seal(office.company)

    assert newest is not None
    assert before[0] == between[0] == was
    assert state() == (was + 1, newest.name)
