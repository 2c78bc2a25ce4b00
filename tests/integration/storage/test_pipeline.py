"""Statements that go together take one round trip, are one transaction, and find what was prepared for them."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from storage.database import Database, ping
from storage.in_flight import Sender
from storage.pipeline import Sendable, carried_out, driver_of, known_by
from tests.builders import House

ECHO = Sendable(
    text("select cast(:word as text) as word, cast(:numbers as bigint[]) as numbers, chargehand_now() as now")
)
BOUND = Sendable(text("select set_config('app.company', cast(:word as text), true)"))
COMPANY = Sendable(text("select current_setting('app.company') as company"))
PAUSED = Sendable(text("update standing set standing = 'paused' where company = cast(:word as text) returning unit"))
WRONG = Sendable(text("select cast(cast(:word as text) as int)"))
ENDED = Sendable(text("select pg_terminate_backend(pg_backend_pid())"))
PREPARED = "select count(*) from pg_prepared_statements where not from_sql and strpos(statement, 'as numbers') > 0"


@pytest.fixture
def connection(office: House) -> Iterator[Connection]:
    """One of the app's, on which each statement is a transaction of its own."""
    with office.deployment.database.engine.connect() as found:
        driver_of(found).autocommit = True
        yield found
        if not driver_of(found).closed:
            driver_of(found).autocommit = False


def test_each_has_its_rows_as_the_driver_reads_them(connection: Connection) -> None:
    ((bound,), (echo,), (company,)) = carried_out(
        connection, [(BOUND, {"word": "morning"}), (ECHO, {"word": "ÿ'{", "numbers": [7, 8]}), (COMPANY, {})]
    )

    assert (bound.set_config, echo.word, echo.numbers, company.company) == ("morning", "ÿ'{", [7, 8], "morning")
    assert echo.now.utcoffset() is not None


def test_what_is_larger_than_any_buffer_of_the_network_goes_and_comes_whole(connection: Connection) -> None:
    words = "x" * 20_000_000

    queries = [(ECHO, {"word": words, "numbers": []}), (ECHO, {"word": "short", "numbers": []})]
    assert [found.word for (found,) in carried_out(connection, queries)] == [words, "short"]


def test_outside_a_transaction_they_are_one_that_ends_with_them(office: House, connection: Connection) -> None:
    *_, paused = carried_out(connection, [(BOUND, {"word": "morning"}), (PAUSED, {"word": "morning"})])
    ((after,),) = carried_out(connection, [(COMPANY, {})])

    assert paused
    assert {row.standing for row in office.rows("select standing from standing")} == {"paused"}
    assert after.company == ""


def test_one_that_fails_takes_the_others_back_and_says_what_was_wrong(office: House, connection: Connection) -> None:
    queries = [
        (BOUND, {"word": "morning"}),
        (PAUSED, {"word": "morning"}),
        (WRONG, {"word": "no number"}),
        (COMPANY, {}),
    ]

    for _ in range(2):
        with pytest.raises(DataError, match="invalid input syntax"):
            carried_out(connection, queries)

    assert office.rows("select 1 from standing where standing = 'paused'") == []
    assert carried_out(connection, [(ECHO, {"word": "again", "numbers": []})])[0][0].word == "again"


def test_a_parameter_that_is_missing_leaves_the_connection_as_it_was(connection: Connection) -> None:
    with pytest.raises(KeyError, match="numbers"):
        carried_out(connection, [(ECHO, {"word": "alone"})])

    assert carried_out(connection, [(ECHO, {"word": "again", "numbers": []})])[0][0].word == "again"


def test_a_connection_that_is_lost_is_given_up_with_all_that_are_as_old(office: House, connection: Connection) -> None:
    engine = office.deployment.database.engine
    older = engine.connect()
    pid = older.execute(text("select pg_backend_pid()")).scalar_one()
    older.close()

    with pytest.raises(OperationalError) as lost:
        carried_out(connection, [(ENDED, {}), (COMPANY, {})])

    assert lost.value.connection_invalidated
    with engine.connect() as newer:
        assert newer.execute(text("select pg_backend_pid()")).scalar_one() != pid


OFTEN = 7
"""So many times a statement goes before the driver prepares it by itself."""


@pytest.mark.parametrize("often", [1, OFTEN])
def test_what_the_driver_forgets_when_something_is_rolled_back_is_prepared_again(office: House, often: int) -> None:
    """The driver forgets all that is prepared, by whomever, if it has prepared anything itself."""
    database, seen = office.deployment.database, []
    with database.bound("morning") as bound:
        for _ in range(3):
            with suppress(ZeroDivisionError), bound.transaction() as unit:
                carried_out(unit.connection, [(ECHO, {"word": "kept", "numbers": []})])
                for _ in range(often):
                    unit.connection.execute(text("select 1"))
                raise ZeroDivisionError
            ((echo,),) = carried_out(bound.connection, [(ECHO, {"word": "kept", "numbers": []})])
            seen.append((echo.word, bound.connection.execute(text(PREPARED)).scalar_one()))
            bound.connection.rollback()

    assert seen == [("kept", 1)] * 3


def _one_alone(database: Database) -> None:
    with database.autocommit() as connection:
        connection.execute(text("select 1"))


@pytest.mark.parametrize("look", [lambda database: ping(database.engine), _one_alone], ids=["the time", "one alone"])
def test_what_undoes_nothing_leaves_prepared_what_is(office: House, look: Callable[[Database], object]) -> None:
    database = office.deployment.database
    for _ in range(2):
        with database.bound("morning") as bound:
            assert all(known_by(bound.connection).values())
            carried_out(bound.connection, [(ECHO, {"word": "kept", "numbers": []})])
        look(database)

    with database.bound("morning") as bound:
        assert known_by(bound.connection)[ECHO.name]


def test_what_somebody_else_has_done_away_with_fails_once(connection: Connection) -> None:
    queries = [(ECHO, {"word": "again", "numbers": []})]
    carried_out(connection, queries)
    connection.exec_driver_sql("deallocate all")

    with pytest.raises(ProgrammingError, match="does not exist"):
        carried_out(connection, queries)

    assert carried_out(connection, queries)[0][0].word == "again"


def test_what_fails_by_what_it_was_given_outside_a_transaction_leaves_all_prepared(connection: Connection) -> None:
    carried_out(connection, [(WRONG, {"word": "1"})])

    with pytest.raises(DataError):
        carried_out(connection, [(ECHO, {"word": "new", "numbers": []}), (WRONG, {"word": "no number"})])

    assert known_by(connection) == {WRONG.name: True, ECHO.name: False}
    assert carried_out(connection, [(ECHO, {"word": "again", "numbers": []})])[0][0].word == "again"


def test_what_is_sent_ahead_is_prepared_again_as_well(office: House) -> None:
    database = office.deployment.database
    for _ in range(3):
        with Sender(lambda: database.bound("morning")) as sender:
            sender.send(ECHO, {"word": "sent", "numbers": []})
            assert [row.word for row in sender.answer()] == ["sent"]
        with suppress(ZeroDivisionError), database.bound("morning") as bound, bound.transaction() as unit:
            assert known_by(unit.connection)
            for _ in range(OFTEN):
                unit.connection.execute(text("select 1"))
            raise ZeroDivisionError
