"""A migration that is cut off, at any of its steps, leaves the old shape and all rows, and the next one completes it."""

from collections.abc import Iterator
from contextlib import contextmanager
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

FOLDER = Path(migrate.__file__).parent / "migrations"
SHAPE = """select 'column', concat(table_name, '.', column_name, ' ', data_type, ' ', column_default, is_nullable)
    from information_schema.columns where table_schema = 'public'
    union select 'index', indexdef from pg_indexes where schemaname = 'public'
    union select 'policy', concat(tablename, '.', policyname, ' ', qual) from pg_policies where schemaname = 'public'
    union select 'right', concat(table_name, ' ', privilege_type)
        from information_schema.role_table_grants where grantee = 'chargehand_app'
    union select 'function', concat(proname, ' ', md5(prosrc)) from pg_proc where pronamespace = 'public'::regnamespace"""
ROW = "insert into company (id, name, business_hash, declared, loaded_at) values ('old', 'Old', 'f0', '{}', now())"


@pytest.fixture
def empty(postgres_server: Postgres) -> Iterator[DatabaseUrls]:
    """A database that no migration has touched."""
    yield postgres_server.create_database("interrupted")
    postgres_server.drop_database("interrupted")


def test_whatever_step_is_cut_off_the_old_shape_stands_and_the_next_run_completes(empty: DatabaseUrls) -> None:
    engine = create_engine(empty.owner)
    for step in revisions():
        before = standing(engine)
        for cut in (connection_lost, interrupted):
            with at_step(step, cut, engine), pytest.raises((OperationalError, KeyboardInterrupt)):
                migrate.upgrade(empty.owner)
            assert standing(engine) == before, (step, cut)
        to(engine, step)
        if step == "0001":
            with engine.begin() as connection:
                connection.exec_driver_sql(ROW)

    migrate.upgrade(empty.owner)

    shape, rows, at = standing(engine)
    engine.dispose()
    assert at == revision.HEAD == step
    assert [tuple(row)[:3] for row in rows] == [("old", "Old", "f0")]
    assert shape


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


def standing(engine: Engine) -> tuple[set[Any], list[Any], str | None]:
    """The whole shape, the companies, and the revision that the database says it has."""
    with engine.connect() as connection:
        shape = {tuple(row) for row in connection.execute(text(SHAPE))}
        known = any("company.id" in words for kind, words in shape if kind == "column")
        rows = list(connection.exec_driver_sql("select * from company")) if known else []
        at = connection.exec_driver_sql("select version_num from alembic_version").scalar() if known else None
    return shape, rows, at


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
