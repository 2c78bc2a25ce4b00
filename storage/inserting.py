"""Tells whether an insert that may meet an existing row has made one; a plain insert's rowcount does not say."""

from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.dialects.postgresql import Insert

from storage.database import Unit


def inserted(unit: Unit, statement: Insert) -> bool:
    """Insert unless the row is there; True when it was not. The rows must be visible to the bound company."""
    returning: Any = statement.on_conflict_do_nothing().returning(literal_column("1"))
    return unit.connection.execute(returning).first() is not None
