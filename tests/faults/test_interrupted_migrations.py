"""A migration that is cut off, at any of its steps, leaves the old shape and all rows, and the next one completes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres
from storage import migrate, revision
from tests.faults.filled import ROWS, Filler, Rows, differences, rows_of

FOLDER = Path(migrate.__file__).parent / "migrations"
SHAPE = """select 'column', concat(table_name, '.', column_name, ' ', data_type, ' ', column_default, is_nullable)
    from information_schema.columns where table_schema = 'public'
    union select 'index', indexdef from pg_indexes where schemaname = 'public'
    union select 'policy', concat(tablename, '.', policyname, ' ', qual) from pg_policies where schemaname = 'public'
    union select 'right', concat(table_name, ' ', privilege_type)
        from information_schema.role_table_grants where grantee = 'chargehand_app'
    union select 'function', concat(proname, ' ', md5(prosrc)) from pg_proc where pronamespace = 'public'::regnamespace"""


@pytest.fixture
def empty(postgres_server: Postgres) -> Iterator[DatabaseUrls]:
    """A database that no migration has touched."""
    yield postgres_server.create_database("interrupted")
    postgres_server.drop_database("interrupted")


@pytest.fixture
def engine(empty: DatabaseUrls) -> Iterator[Engine]:
    """Its owner's connections."""
    made = create_engine(empty.owner)
    yield made
    made.dispose()


def test_whatever_step_is_cut_off_shape_and_rows_stand_and_the_next_run_completes(
    empty: DatabaseUrls, engine: Engine, database_urls: DatabaseUrls
) -> None:
    filler = Filler()
    for step in revisions():
        before = standing(engine)
        for cut in (connection_lost, interrupted):
            with at_step(step, cut, engine), pytest.raises((OperationalError, KeyboardInterrupt)):
                migrate.upgrade(empty.owner)
            assert standing(engine) == before, (step, cut)
        to(engine, step)
        assert differences(before.rows, standing(engine).rows) == [], step
        with engine.begin() as connection:
            filler.fill(connection)

    migrate.upgrade(empty.owner)

    found = standing(engine)
    assert found.at == revision.HEAD == step
    assert found.shape == standing_at(database_urls.owner).shape
    assert [table for table, rows in found.rows.items() if len(rows) < ROWS] == []


def test_what_a_step_works_out_is_worked_out_from_every_row_when_it_is_run_again(
    empty: DatabaseUrls, engine: Engine
) -> None:
    to(engine, "0002")
    with engine.begin() as connection:
        Filler().fill(connection)
        connection.exec_driver_sql("update attempt set ordinal = ordinal * 100")  # each the only one of its version
    with at_step("0003", connection_lost, engine), pytest.raises(OperationalError):
        migrate.upgrade(empty.owner)

    migrate.upgrade(empty.owner)

    assert [row["tool_calls"] for row in standing(engine).rows["attempt"]] == [1] * ROWS


def revisions() -> list[str]:
    """All steps, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def to(engine: Engine, step: str) -> None:
    """Migrate as far as one step."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, step)


@dataclass(frozen=True, slots=True)
class Standing:
    """A database: its whole shape, all rows, and the revision that it says it has."""

    shape: set[Any]
    rows: Rows
    at: str | None


def standing(engine: Engine) -> Standing:
    """The database as it stands."""
    with engine.connect() as connection:
        shape = {tuple(row) for row in connection.execute(text(SHAPE))}
        rows = rows_of(connection)
        at = connection.exec_driver_sql("select version_num from alembic_version").scalar() if rows else None
    return Standing(shape, rows, at)


def standing_at(url: str) -> Standing:
    """Another database."""
    engine = create_engine(url)
    try:
        return standing(engine)
    finally:
        engine.dispose()


def connection_lost(connection: Connection, other: Engine) -> None:
    """The server ends the connection, as when it is shut down."""
    with other.connect() as killer:
        ended = text("select pg_terminate_backend(:pid)")
        driver: Any = connection.connection.dbapi_connection
        assert killer.execute(ended, {"pid": driver.info.backend_pid}).scalar_one()


def interrupted(connection: Connection, other: Engine) -> None:
    """The operator presses Ctrl-C."""
    raise KeyboardInterrupt


@contextmanager
def at_step(step: str, cut: Any, other: Engine) -> Iterator[None]:
    """Cut off when a step has done all of its work and is about to be written down."""
    met: list[str] = []

    def listen(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if "alembic_version" in statement and f"'{step}'" in statement and not met:
            met.append(statement)
            cut(connection, other)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert met, step
