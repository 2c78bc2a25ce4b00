"""A statement that is sent is carried out while its sender does something else, and tells how it went when it is asked."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from storage.in_flight import Sender
from storage.pipeline import Sendable
from tests.builders import House
from tests.stories.stack import until

ECHO = Sendable(text("select cast(:word as text) || (cast(:numbers as bigint[]))[2] as found"))
LENGTH = Sendable(text("select length(cast(:word as text)) as found"))
WRONG = Sendable(text("select cast(cast(:word as text) as int)"))
NOTED = Sendable(
    text("""update standing set standing = 'active' where company = cast(:word as text) returning standing""")
)
ENDED = Sendable(text("select pg_terminate_backend(pg_backend_pid()), cast(:word as text)"))
SESSION = Sendable(text("select pg_backend_pid() as found, cast(:word as text)"))
PREPARED = Sendable(
    text(
        "select count(*) as found from pg_prepared_statements where strpos(statement, cast(:word as text)) > 0 and not from_sql"
    )
)
COMPANY = Sendable(text("select current_setting('app.company') as found, cast(:word as text)"))


@pytest.fixture
def sender(office: House) -> Sender:
    """A sender for the morning company."""
    return Sender(partial(office.deployment.database.bound, "morning"))


def found_by(sender: Sender) -> list[Any]:
    """What the statement that was sent has found."""
    return [row.found for row in sender.answer()]


def company_by(sender: Sender) -> list[Any]:
    """The company that its session is bound to, sent and read."""
    sender.send(COMPANY, {"word": ""})
    return found_by(sender)


def test_parameters_go_by_name_and_the_rows_come_back(sender: Sender) -> None:
    with sender:
        sender.send(ECHO, {"numbers": [7, 8], "word": "ÿ'{"})
        assert found_by(sender) == ["ÿ'{8"]
        sender.send(ECHO, {"numbers": [], "word": "none"})
        assert found_by(sender) == [None]


def test_what_is_larger_than_any_buffer_of_the_network_arrives_whole(sender: Sender) -> None:
    with sender:
        sender.send(LENGTH, {"word": "x" * 30_000_000})
        assert found_by(sender) == [30000000]


def test_it_is_carried_out_whether_anybody_reads_the_answer_or_not(office: House, sender: Sender) -> None:
    assert office.rows("update standing set standing = 'paused' where company = 'morning' returning 1")
    with sender:
        sender.send(NOTED, {"word": "morning"})
        until(
            lambda: not office.rows("select 1 from standing where standing = 'paused'"),
            "a write that nobody asks about",
        )


def test_nobody_reads_an_answer_that_is_not_theirs(office: House, sender: Sender) -> None:
    """A session whose answer was not read goes back to no pool."""
    with sender:
        sender.send(SESSION, {"word": ""})
        (first,) = found_by(sender)
        sender.send(SESSION, {"word": ""})

    seen = [pid for _ in range(4) for pid in office.rows("select pg_backend_pid() as pid")]

    assert first not in {row.pid for row in seen}


def test_it_is_bound_to_its_company(sender: Sender) -> None:
    with sender:
        assert company_by(sender) == ["morning"]


def test_a_session_reads_a_statement_once_whoever_sends_it(office: House) -> None:
    sent: list[Any] = []
    for _ in range(3):
        with Sender(partial(office.deployment.database.bound, "morning")) as sender:
            for statement in (SESSION, PREPARED):
                sender.send(statement, {"word": "pg_backend_pid()"})
                sent += found_by(sender)

    assert sent == [sent[0], 1] * 3


def test_an_error_is_told_when_it_is_asked_for_and_the_next_statement_is_carried_out(sender: Sender) -> None:
    with sender:
        sender.send(WRONG, {"word": "secret"})
        with pytest.raises(DataError) as wrong:
            sender.answer()
        sender.send(ECHO, {"numbers": [1, 2], "word": "next "})

        assert found_by(sender) == ["next 2"]
        assert not wrong.value.connection_invalidated
        assert wrong.value.params is None


def test_a_session_that_is_lost_is_said_to_be_lost_and_its_place_is_free_again(office: House, sender: Sender) -> None:
    with sender:
        sender.send(ENDED, {"word": ""})
        with pytest.raises(OperationalError) as lost:
            sender.answer()

    assert lost.value.connection_invalidated
    assert office.rows("select 1 as one")[0].one == 1


def test_after_a_lost_session_the_next_is_made_for_the_same_company(sender: Sender) -> None:
    with sender:
        sender.send(ENDED, {"word": ""})
        with pytest.raises(OperationalError):
            sender.answer()
        assert company_by(sender) == ["morning"]


def test_a_session_that_was_lost_while_nothing_was_sent_is_told_as_lost_once(office: House, sender: Sender) -> None:
    """As when the server was restarted between two batches: nothing else than that is raised, and the next goes through."""
    with sender:
        sender.send(SESSION, {"word": ""})
        (pid,) = found_by(sender)
        office.rows("select pg_terminate_backend(:pid)", pid=pid)
        until(lambda: not office.rows("select 1 from pg_stat_activity where pid = :pid", pid=pid), "its end")
        with pytest.raises(OperationalError) as lost:
            company_by(sender)

        assert company_by(sender) == ["morning"]
        assert lost.value.connection_invalidated


def test_one_at_a_time(sender: Sender) -> None:
    with sender:
        with pytest.raises(RuntimeError, match="nothing was sent"):
            sender.answer()
        sender.send(SESSION, {"word": ""})
        with pytest.raises(RuntimeError, match="has not been read"):
            sender.send(SESSION, {"word": ""})
