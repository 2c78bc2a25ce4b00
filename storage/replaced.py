"""Notices that another record was put in the place of one that a living connection was asked about, as `pg_restore --clean` does.

Tables that are made anew have other ids, and each row that a claim reads has its table's id with it: no statement more.
"""

from sqlalchemy import Label, literal_column, text

from storage.database import BoundConnection, Unit, forget_record

_KNOWN = "chargehand.tables"
_IDS = text("select cast(cast('task' as regclass) as oid), cast(cast('outbox' as regclass) as oid)")


class Replaced(Exception):
    """The connection's record is another than it was. What was noted of it is forgotten: it has to be asked about anew."""


def id_of(table: str) -> Label[int]:
    """The id of a row's table, as a column of a query."""
    return literal_column(f"{table}.tableoid").label("table_id")


def remember(unit: Unit) -> None:
    """Note which record this is that is being asked about."""
    task, outbox = unit.connection.execute(_IDS).one()
    unit.connection.info[_KNOWN] = {"task": task, "outbox": outbox}


def noted(connection: BoundConnection, table: str) -> int | None:
    """The id of a table as it was noted, for a statement that is to write nothing in another; None when nothing was."""
    known = connection.noted.get(_KNOWN)
    return known[table] if known is not None else None


def recognise(unit: Unit, table: str, found: int) -> None:
    """Raises Replaced when a row's table is not the one that was noted; a connection that has nothing noted is not held to it."""
    known = unit.connection.info.get(_KNOWN)
    if known is not None and known[table] != found:
        forget_record(unit.connection)
        raise Replaced
