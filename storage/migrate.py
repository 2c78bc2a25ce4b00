"""Brings the database to the shape that this version needs; done by the owner's role only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from storage.silence import limits

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('chargehand.migrate', 0))")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(owner_url: str, *, test_clock: bool = False) -> None:
    """Migrate to the newest revision, in one transaction: an interrupted one leaves the old shape whole.

    With `test_clock` the row is made by which `chargehand_now()` can be moved.
    """
    engine = create_engine(owner_url, connect_args=limits(owner_url))
    try:
        with engine.begin() as connection:
            connection.execute(_LOCK)
            command.upgrade(_config(connection), "head")
            if test_clock:
                connection.execute(text("insert into test_clock values (true, 0) on conflict do nothing"))
    finally:
        engine.dispose()


def head() -> str:
    """The revision that this version of the code needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    return str(found)
