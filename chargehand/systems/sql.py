"""Speaks to a declared database: parameters are bound, reads can only read, and a change is all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

from chargehand.systems.deadlines import Deadline, connected, within
from contracts.authoring import Changed, Deterministic, Seen, Transient
from contracts.known_failures import BY_NAME, DATABASE, TABLE
from contracts.systems.operations import AT, KEY, REFERENCE
from contracts.systems.sql import SqlSystem, parameters, quoted_apart
from contracts.systems.words import bare
from contracts.vocabulary import FailureCase, FailureClass
from engine.failures import classify

_SPOKEN = ("postgresql", "sqlite")


_LOOKS_SO = "its address can't be used; it looks so: postgresql+psycopg://USER:PASSWORD@HOST/NAME"


class NoDatabase(ValueError):
    """An address that can't be used here; the message shows nothing of it."""


class SqlCarrier:
    """A database by its address. Its errors are the driver's; what a declaration does not fit raises Deterministic.

    Each call has a connection of its own: a runner may be killed, forked or idle for a day. It ends within its time-out, also
    where the database is silent: then it raises TimeoutError. Raises NoDatabase for an address that can't be used.
    """

    def __init__(self, system: str, declared: SqlSystem, address: str) -> None:
        self._system = system
        self._declared = declared
        self._engine = _engine(address)

    def read(self, name: str, args: Mapping[str, Any]) -> Any:
        """One record or None, or a list of records, with the types that `gives` declares."""
        declared = self._declared.reads[name]
        with self._transaction(declared.timeout_s, only_reads=True) as talk:
            rows = _rows(talk, declared.statement, args, most=declared.at_most + 1)
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
        """Make a change; raises Changed or Deterministic when a statement changes no row, and then none has changed any.

        What breaks off before all of it is to be kept has changed nothing either, and says so.
        """
        declared = self._declared.effects[name]
        may_be_kept = False
        try:
            with self._transaction(declared.timeout_s) as talk:
                self._change(talk, name, {**args, KEY: key})
                may_be_kept = True
        except (DBAPIError, TimeoutError) as error:
            failed = classify(error, system=self._system)
            if may_be_kept or failed.kind is not FailureClass.TRANSIENT:
                raise
            raise Transient(failed.sentence, cause=failed.cause, case=failed.case, nothing_done=True) from error
        return {}

    def _change(self, talk: "_Talk", name: str, args: Mapping[str, Any]) -> None:
        declared = self._declared.effects[name]
        for index, statement in enumerate(declared.statements):
            changed = _execute(talk, name, statement, args)
            if changed == 0 and index == 0 and declared.version is not None:
                raise Changed(f"What {name} would change is not what was read any more.", cause=name)
            if changed == 0:
                told = f"{name} found nothing to change."
                raise Deterministic(told, cause=name, case=FailureCase.INVALID_STATE, nothing_done=True)

    def look(self, name: str, args: Mapping[str, Any], key: str) -> Seen | None:
        """The first row that the look finds under a key."""
        declared = self._declared.effects[name]
        look = str(declared.look)
        with self._transaction(declared.timeout_s, only_reads=True) as talk:
            rows = _rows(talk, look, {**args, KEY: key}, most=1)
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
        with self._transaction(declared.timeout_s, only_reads=True) as talk:
            found = talk.asked(declared.keys, {}).mappings()
            return [str(_column(dict(row), KEY, name)) for row in found]

    @contextmanager
    def _transaction(self, timeout_s: int, *, only_reads: bool = False) -> Iterator["_Talk"]:
        with within(timeout_s) as deadline, self._engine.connect() as connection:
            is_postgresql = self._engine.dialect.name == "postgresql"
            if is_postgresql:
                connection.execution_options(postgresql_readonly=only_reads)
            with connection.begin():
                if not is_postgresql:
                    connection.exec_driver_sql(f"pragma query_only = {'on' if only_reads else 'off'}")
                talk = _Talk(connection, deadline)
                yield talk
                talk.limit()


@dataclass(frozen=True, slots=True)
class _Talk:
    """A transaction, all of whose statements share one time."""

    connection: Connection
    deadline: Deadline

    def asked(self, statement: str, bound: Mapping[str, Any]) -> CursorResult[Any]:
        """What a statement gives that had the time which is left."""
        self.limit()
        return self.connection.execute(text(quoted_apart(statement)), bound)

    def limit(self) -> None:
        """Let what comes next take what is left; raises TimeoutError when nothing is."""
        left_ms = max(1, int(self.deadline.left_s() * 1000))
        if self.connection.dialect.name == "postgresql":
            limit = {"limit": str(left_ms)}
            self.connection.execute(text("select set_config('statement_timeout', :limit, true)"), limit)
        else:
            self.connection.exec_driver_sql(f"pragma busy_timeout = {left_ms}")


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() not in _SPOKEN:
            raise NoDatabase(_LOOKS_SO)
        engine = create_engine(url, poolclass=NullPool)
    except (ArgumentError, ImportError) as error:  # its text holds the address
        raise NoDatabase(_LOOKS_SO) from error
    event.listen(engine, "do_connect", connected)
    return engine


def _execute(talk: _Talk, name: str, statement: str, args: Mapping[str, Any]) -> int:
    """How many rows a statement has changed; what the database refuses raises Deterministic, and nothing stands."""
    try:
        return talk.asked(statement, _bound(statement, args)).rowcount
    except (IntegrityError, DataError, ProgrammingError) as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        case = DATABASE.case_of(state) or BY_NAME[type(error).__name__]
        told = (
            f"{TABLE[case].sentence.removesuffix('.')}: the database refused {name} ({state or type(error).__name__})."
        )
        raise Deterministic(told, cause=name, case=case, nothing_done=True) from error


def _rows(talk: _Talk, statement: str, args: Mapping[str, Any], *, most: int) -> Sequence[Mapping[str, Any]]:
    found = talk.asked(statement, _bound(statement, args))
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
