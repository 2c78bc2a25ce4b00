"""Writes rows that come as one JSON parameter a table, so that several tables take one statement and one round trip."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

_TYPES: tuple[tuple[type[Any], str], ...] = (
    (BigInteger, "bigint"),
    (Float, "double precision"),
    (Boolean, "boolean"),
    (DateTime, "timestamptz"),
    (JSONB, "jsonb"),
    (LargeBinary, "text"),
    (Text, "text"),
)


def record(table: Table, names: Sequence[str]) -> str:
    """Columns of a table as `jsonb_to_recordset` wants them defined; bytes come as hexadecimal text."""
    return ", ".join(f"{name} {_type_of(table.c[name])}" for name in names)


def inserting(table: Table, names: Sequence[str], parameter: str, *, where: str = "true") -> str:
    """An insert of the rows in `:parameter` (a JSON list of objects) for `:company`, as far as `where` holds of `r`."""
    chosen = ", ".join(_chosen(table.c[name]) for name in names)
    return f"""insert into {table.name} (company, {", ".join(names)}) select :company, {chosen}
        from jsonb_to_recordset(cast(:{parameter} as jsonb)) as r({record(table, names)}) where {where}"""  # noqa: S608 - names of our own


def as_json(value: Any) -> str:
    """A parameter for such a statement; moments are written as ISO 8601."""
    return json.dumps(value, default=lambda moment: moment.isoformat())


def _type_of(column: "Column[Any]") -> str:
    return next(name for kind, name in _TYPES if isinstance(column.type, kind))


def _chosen(column: "Column[Any]") -> str:
    return f"decode(r.{column.name}, 'hex')" if isinstance(column.type, LargeBinary) else f"r.{column.name}"
