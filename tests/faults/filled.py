"""Rows in every table of a database at any of its revisions, made from what its catalog says that it takes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

ROWS = 12
"""More than any column knows words, so that each word stands in a row."""

COMPANY = "id 1"
Rows = dict[str, list[dict[str, Any]]]
"""What stands in each table: its rows as JSON, in an order that follows from them."""

_COLUMNS = text(
    """select table_name, column_name, udt_name from information_schema.columns
    where table_schema = 'public' and is_identity = 'NO' and table_name not in ('alembic_version', 'test_clock')
    order by table_name <> 'company', table_name, ordinal_position"""
)
_CHECKS = text(
    """select conrelid::regclass::text as name, pg_get_constraintdef(oid) as said from pg_constraint
    where contype = 'c' and connamespace = 'public'::regnamespace"""
)
_ONE_OF = re.compile(r"\((?P<column>\w+) = ANY \(ARRAY\[(?P<words>[^\]]*)\]")
_OF_TYPE: Mapping[str, Callable[[str, int], Any]] = {
    "text": lambda name, number: f"{name} {number}",
    "_text": lambda name, number: [f"{name} {number}", f"{name} {number + 1}"],
    "int8": lambda _, number: number,
    "float8": lambda _, number: number + 0.5,
    "numeric": lambda _, number: number + 0.25,
    "bool": lambda _, number: number % 2 == 1,
    "jsonb": lambda name, number: [{name: number}],
    "bytea": lambda _, number: f"\\x{number:04x}",
    "date": lambda _, number: f"2026-01-{number % 28 + 1:02d}",
    "timestamptz": lambda _, number: f"2026-01-{number % 28 + 1:02d}T12:{number % 60:02d}:00+00:00",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a row has to fill: its type's name, and the only words that it takes, if those are declared."""

    name: str
    type: str
    words: tuple[str, ...]

    def value(self, number: int) -> Any:
        """Of the row with that number; of one name alike in every table, so that rows belong to each other."""
        if self.name == "company":
            return COMPANY
        return self.words[number % len(self.words)] if self.words else _OF_TYPE[self.type](self.name, number)


@dataclass(slots=True)
class Filler:
    """Fills what is new since it last looked: a table, a column or a word that a column takes."""

    _known: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    _filled: int = 0

    def fill(self, connection: Connection) -> None:
        """Put rows into each table that is new or takes more than before, no value of them missing."""
        first = self._filled * ROWS + 1
        for table, columns in _tables(connection).items():
            if self._known.get(table) == columns:
                continue
            rows = [{one.name: one.value(number) for one in columns} for number in range(first, first + ROWS)]
            names = ", ".join(f'"{one.name}"' for one in columns)
            put = f"insert into {table} ({names}) select {names} from jsonb_populate_recordset(null::{table}, :rows)"
            connection.execute(text(put.replace(":rows", "cast(:rows as jsonb)")), {"rows": json.dumps(rows)})
            self._known[table] = columns
        self._filled += 1


def _tables(connection: Connection) -> dict[str, tuple[Column, ...]]:
    words = _words(connection)
    found: dict[str, tuple[Column, ...]] = {}
    for table, name, kind in connection.execute(_COLUMNS):
        found[table] = (*found.get(table, ()), Column(name, kind, words.get((table, name), ())))
    return found


def _words(connection: Connection) -> dict[tuple[str, str], tuple[str, ...]]:
    """The words that a column takes, by table and column, where a constraint lists them."""
    checks = [(row.name, _ONE_OF.search(row.said)) for row in connection.execute(_CHECKS)]
    return {
        (table, listed["column"]): tuple(re.findall(r"'([^']*)'", listed["words"]))
        for table, listed in checks
        if listed
    }


def rows_of(connection: Connection) -> Rows:
    """Every row of every table; nothing of a database without any."""
    tables = list(_tables(connection))
    if not tables:
        return {}
    each = " union all ".join(f"select '{one}' as name, to_jsonb(r) as kept from {one} r" for one in tables)
    found: Rows = {one: [] for one in tables}
    for row in connection.execute(text(f"{each} order by 1, 2")):  # the names are the catalog's own
        found[row.name].append(row.kept)
    return found


def differences(before: Rows, after: Rows) -> list[str]:
    """The tables whose rows are not what they were, in the columns that they still have."""
    return [
        table
        for table, rows in before.items()
        if rows and _kept(rows, after, table) != _kept(after[table], before, table)
    ]


def _kept(rows: list[dict[str, Any]], other: Rows, table: str) -> list[str]:
    both = rows[0].keys() & other[table][0].keys() if rows and other[table] else set()
    return sorted(json.dumps({name: row[name] for name in sorted(both)}) for row in rows)
