"""Speaks to a declared database: parameters are bound, reads can only read, and a change is all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

from contracts.authoring import Changed, Deterministic, Seen
from contracts.known_failures import BY_NAME, DATABASE, TABLE
from contracts.systems.operations import AT, KEY, REFERENCE
from contracts.systems.sql import SqlSystem, parameters, quoted_apart
from contracts.systems.words import bare
from contracts.vocabulary import FailureCase

_WAITS = {"postgresql": {"connect_timeout": 5}, "sqlite": {"timeout": 5}}
"""The databases that are spoken to, and how long the driver waits for one."""


class NoDatabase(ValueError):
    """An address that can't be used here; the message shows nothing of it."""


class SqlCarrier:
    """A database by its address. Its errors are the driver's; what a declaration does not fit raises Deterministic.

    Each call has a connection of its own: a runner may be killed, forked or idle for a day. Raises NoDatabase for an
    address that can't be used.
    """

    def __init__(self, declared: SqlSystem, address: str) -> None:
        self._declared = declared
        self._engine = _engine(address)

    def read(self, name: str, args: Mapping[str, Any]) -> Any:
        """One record or None, or a list of records, with the types that `gives` declares."""
        declared = self._declared.reads[name]
        with self._transaction(declared.timeout_s, only_reads=True) as connection:
            rows = _rows(connection, declared.statement, args, most=declared.at_most + 1)
        if len(rows) > declared.at_most or (declared.rows == "one" and len(rows) > 1):
            most = 1 if declared.rows == "one" else declared.at_most
            raise Deterministic(f"{name} gives more than {most} records.", cause=name, case=FailureCase.CONTRACT)
        records = [
            {field: fitted(word, _column(row, field, name)) for field, word in declared.gives.items()} for row in rows
        ]
        if declared.rows == "many":
            return records
        return records[0] if records else None

    def perform(self, name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Make a change; raises Changed or Deterministic when a statement changes no row, and then none has changed any."""
        declared = self._declared.effects[name]
        with self._transaction(declared.timeout_s) as connection:
            for index, statement in enumerate(declared.statements):
                changed = _execute(connection, name, statement, {**args, KEY: key})
                if changed == 0 and index == 0 and declared.version is not None:
                    raise Changed(f"What {name} would change is not what was read any more.", cause=name)
                if changed == 0:
                    told = f"{name} found nothing to change."
                    raise Deterministic(told, cause=name, case=FailureCase.INVALID_STATE)
        return {}

    def look(self, name: str, args: Mapping[str, Any], key: str) -> Seen | None:
        """The first row that the look finds under a key."""
        declared = self._declared.effects[name]
        look = str(declared.look)
        with self._transaction(declared.timeout_s, only_reads=True) as connection:
            rows = _rows(connection, look, {**args, KEY: key}, most=1)
        if not rows:
            return None
        seen = {field: fitted(word, _column(rows[0], field, name)) for field, word in declared.takes.items()}
        at = rows[0].get(AT)
        return Seen(str(_column(rows[0], REFERENCE, name)), seen, None if at is None else fitted("instant", at))

    def keys(self, name: str) -> list[str]:
        """The keys of all that an effect has ever done; raises LookupError where no query for them is declared."""
        declared = self._declared.effects[name]
        if declared.keys is None:
            raise LookupError(f"{name} does not say how its keys are listed")
        with self._transaction(declared.timeout_s, only_reads=True) as connection:
            found = connection.execute(text(quoted_apart(declared.keys))).mappings()
            return [str(_column(dict(row), KEY, name)) for row in found]

    @contextmanager
    def _transaction(self, timeout_s: int, *, only_reads: bool = False) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            is_postgresql = self._engine.dialect.name == "postgresql"
            if is_postgresql:
                connection.execution_options(postgresql_readonly=only_reads)
            with connection.begin():
                if is_postgresql:
                    limit = {"limit": str(timeout_s * 1000)}
                    connection.execute(text("select set_config('statement_timeout', :limit, true)"), limit)
                else:
                    connection.exec_driver_sql(f"pragma query_only = {'on' if only_reads else 'off'}")
                yield connection


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
        waits = _WAITS[url.get_backend_name()]
        return create_engine(url, poolclass=NullPool, connect_args=waits)
    except (ArgumentError, ImportError, KeyError) as error:  # its text holds the address
        raise NoDatabase(
            "its address can't be used; it looks so: postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error


def _execute(connection: Connection, name: str, statement: str, args: Mapping[str, Any]) -> int:
    """How many rows a statement has changed; what the database refuses raises Deterministic, and nothing stands."""
    try:
        return connection.execute(text(quoted_apart(statement)), _bound(statement, args)).rowcount
    except (IntegrityError, DataError, ProgrammingError) as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        case = DATABASE.case_of(state) or BY_NAME[type(error).__name__]
        told = (
            f"{TABLE[case].sentence.removesuffix('.')}: the database refused {name} ({state or type(error).__name__})."
        )
        raise Deterministic(told, cause=name, case=case) from error


def _rows(connection: Connection, statement: str, args: Mapping[str, Any], *, most: int) -> Sequence[Mapping[str, Any]]:
    found = connection.execute(text(quoted_apart(statement)), _bound(statement, args))
    return [dict(row) for row in found.mappings().fetchmany(most)]


def _bound(statement: str, args: Mapping[str, Any]) -> dict[str, Any]:
    return {name: args[name] for name in parameters(statement)}


def _column(row: Mapping[str, Any], field: str, operation: str) -> Any:
    if field not in row:
        told = f"{operation} gives no column {field}."
        raise Deterministic(told, cause=operation, case=FailureCase.CONTRACT)
    return row[field]


def fitted(word: str, value: Any) -> Any:
    """A column's value as the type that was declared; raises Deterministic where that can't be without a loss."""
    if value is None and word.endswith("?"):
        return None
    fits = _FITS[bare(word)](value)
    if fits is None:
        told = f"The database gives {type(value).__name__} where {word} is declared."
        raise Deterministic(told, cause="database", case=FailureCase.CONTRACT)
    return fits


def _text(value: Any) -> str | None:
    if isinstance(value, str | UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return bool(value) if isinstance(value, bool) or value in (0, 1) else None


def _instant(value: Any) -> int | None:
    if isinstance(value, datetime):
        return int(value.timestamp()) if value.tzinfo is not None else None
    return _integer(value)


_FITS = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "instant": _instant,
    "seconds": _integer,
    "money": _integer,
}
