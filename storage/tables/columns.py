"""Columns that tables share, so that the same thing has the same name and type everywhere."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

EMPTY_OBJECT = text("'{}'::jsonb")
EMPTY_LIST = text("'[]'::jsonb")


def company(*, primary: bool = True) -> "Column[str]":
    """The company that the row belongs to; row-level security reads it."""
    return Column("company", Text, ForeignKey("company.id"), primary_key=primary, nullable=False)


def words(name: str, **options: Any) -> "Column[str]":
    """A text column; not null unless said."""
    return Column(name, Text, **{"nullable": False, **options})


def number(name: str, **options: Any) -> "Column[int]":
    """A whole number; not null unless said."""
    return Column(name, BigInteger, **{"nullable": False, **options})


def instant(name: str, **options: Any) -> "Column[Any]":
    """A moment in UTC; null unless said, because most moments have not come yet."""
    return Column(name, DateTime(timezone=True), **{"nullable": True, **options})


def document(name: str, **options: Any) -> "Column[Any]":
    """A JSON document; not null unless said."""
    return Column(name, JSONB, **{"nullable": False, **options})


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Keeps a text column to the words of the vocabulary."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=f"{column}_word")
