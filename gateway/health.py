"""Says whether this deployment can work: each condition by name, with what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass

from psycopg.errors import DiskFull
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.deployment import Deployment
from storage.revision import HEAD, current
from storage.room import lacks_room
from storage.stores import folder_at

_ROLE = text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
_OWNED = text(
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relowner = current_user::regrole"
)
_LITTLE_MEMORY = text("select set_config('work_mem', '64kB', true)")
# More rows than that memory holds go through a file beside the data: the only write that leaves nothing behind.
_SPILL = text("select count(*) from generate_series(1, 20000)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that has to hold; `wrong` is None when it does."""

    name: str
    wrong: str | None

    @property
    def line(self) -> str:
        """`database: ok`, or what is wrong."""
        return f"{self.name}: {self.wrong or 'ok'}"


def conditions(deployment: Deployment) -> list[Condition]:
    """The state of everything that work needs."""
    return [*_of_the_database(deployment), _queue(deployment), Condition("disk", _disk(deployment))]


def _of_the_database(deployment: Deployment) -> list[Condition]:
    try:
        with deployment.database.unbound() as connection:
            return [Condition(name, check(connection)) for name, check in _CHECKS]
    except SQLAlchemyError as error:
        return [Condition("database", f"can't be reached ({type(error).__name__})")]


def _reachable(connection: Connection) -> str | None:
    connection.execute(text("select 1"))
    return None


def _migrations(connection: Connection) -> str | None:
    found = current(connection)
    return None if found == HEAD else f"the database is at {found}, this version needs {HEAD}: chargehand migrate"


def _role(connection: Connection) -> str | None:
    if connection.execute(_ROLE).scalar_one():
        return "the app's role may bypass it: connect as a plain role"
    owned = connection.execute(_OWNED).scalar_one()
    return f"the app's role owns {owned} tables or indexes: connect as a role that owns nothing" if owned else None


def _room(connection: Connection) -> str | None:
    try:
        with connection.begin_nested():
            connection.execute(_LITTLE_MEMORY)
            connection.execute(_SPILL)
    except DBAPIError as error:
        if isinstance(error.orig, DiskFull):
            return "the disk of the database is full, so nothing is taken in and no work is done: make room there"
        return f"the database can't write to its disk ({type(error.orig).__name__}): look at its log"
    return None


_CHECKS: tuple[tuple[str, Callable[[Connection], str | None]], ...] = (
    ("database", _reachable),
    ("migrations", _migrations),
    ("row-level security", _role),
    ("room", _room),
)


def _disk(deployment: Deployment) -> str | None:
    home, store = deployment.home, folder_at(deployment.artifacts, deployment.home)
    if (why := lacks_room(home)) is not None:
        return f"that of CHARGEHAND_HOME {why}: logs and checkpoints are not kept"
    if store is not None and (why := lacks_room(store)) is not None:
        return f"that of the artifacts {why}: steps that have evidence to keep are blocked"
    return None


def _queue(deployment: Deployment) -> Condition:
    return Condition("queue", deployment.wakeups.trouble())
