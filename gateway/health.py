"""Says whether this deployment can work: each condition by name, with what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from storage.revision import HEAD, current

_ROLE = text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
_OWNED = text(
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relowner = current_user::regrole"
)


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
    return [*_of_the_database(deployment), _queue(deployment)]


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


_CHECKS: tuple[tuple[str, Callable[[Connection], str | None]], ...] = (
    ("database", _reachable),
    ("migrations", _migrations),
    ("row-level security", _role),
)


def _queue(deployment: Deployment) -> Condition:
    return Condition("queue", deployment.wakeups.trouble())
