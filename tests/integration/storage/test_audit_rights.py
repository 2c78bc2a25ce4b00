"""The trail in the database: only ever added to, erased whole, and in the transaction of what it tells."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from chargehand.embedded.addresses import DatabaseUrls
from contracts.vocabulary import TaskState
from storage.audit import Said, broken_at, note, trail_of
from tests.builders import House

FORBIDDEN = (
    "delete from audit_entry",
    "truncate audit_entry",
    "update audit_entry set event = 'other'",
    "update audit_entry set hash = 'x'",
    "update audit_entry set seq = seq + 1",
    "update audit_entry set at = now()",
    "update audit_entry set content = '{}'",
    "update audit_entry set salt = null",
    "update audit_entry set content = null where seq = 1",
    "alter table audit_entry disable row level security",
    "update alembic_version set version_num = 'x'",
    "update test_clock set offset_s = 5",
)


@pytest.fixture
def app(office: House, morning_urls: DatabaseUrls) -> Iterator[Connection]:
    """The app's own connection, bound to the company, with one finished task on record."""
    office.asked()
    office.work()
    engine = create_engine(morning_urls.app)
    with engine.connect() as connection:
        connection.execute(text("select set_config('app.company', 'morning', false)"))
        yield connection
    engine.dispose()


def test_the_app_s_role_can_t_rewrite_what_is_on_record(app: Connection) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner|row-level security"), app.begin_nested():
            app.execute(text(statement))


def test_salt_and_content_are_erased_together_and_the_chain_stays_whole(office: House, app: Connection) -> None:
    app.execute(text("update audit_entry set salt = null, content = null where seq = 1"))
    app.commit()

    with office.deployment.database.transaction("morning") as unit:
        entries = trail_of(unit, "task:1001")
    assert (entries[0]["content"], entries[0]["salt"]) == (None, None)
    assert broken_at(entries) is None


def test_an_entry_that_can_t_be_written_leaves_the_task_unmoved(office: House, morning_urls: DatabaseUrls) -> None:
    task = office.asked()
    owner = create_engine(morning_urls.owner)
    with owner.begin() as connection:
        connection.execute(text("alter table audit_entry add constraint full_disk check (event <> 'claimed')"))
    owner.dispose()

    with pytest.raises(DBAPIError):
        office.work()

    assert office.task(task).state is TaskState.READY
    assert office.task(task).lease_runner is None
    assert len(office.rows("select 1 from audit_entry where trail = :t", t=f"task:{task}")) == 2


def test_notes_on_one_trail_from_many_threads_make_one_chain(office: House) -> None:
    def tell(n: int) -> None:
        with office.deployment.database.transaction("morning") as unit:
            note(unit, "lane:refunds", Said("told", "clock", {"n": n}))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(tell, range(40)))

    with office.deployment.database.transaction("morning") as unit:
        entries = trail_of(unit, "lane:refunds")
    assert len([one for one in entries if one["event"] == "told"]) == 40
    assert broken_at(entries) is None
