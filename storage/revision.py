"""Which shape of the database this version works with; loaded by every gateway, so without the migration tool."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

HEAD = "0030"

_CURRENT = text("select version_num from alembic_version")


def current(connection: Connection) -> str | None:
    """The revision that the database has; None when it was never migrated."""
    try:
        with connection.begin_nested():
            found: str | None = connection.execute(_CURRENT).scalar_one_or_none()
    except ProgrammingError:
        return None
    return found
