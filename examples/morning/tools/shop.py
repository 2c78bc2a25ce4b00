"""Speaks to the shop's own database: reads orders, pays refunds and looks for the refunds that it paid."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, TypedDict

from chargehand import Money, Seen, Transient, effect, lists, reads

USD = Annotated[int, Money("USD")]
_BUSY_S = 1.0
_ORDER = """
    select number, customer, status, paid, paid_at,
           (select coalesce(sum(amount), 0) from refunds where order_number = number) as refunded
      from orders where number = ?
"""
_PAY = "insert into refunds (order_number, amount, currency, reason, key, at) values (?, ?, 'USD', ?, ?, ?)"
_PAID = "select id, order_number, amount, reason, at from refunds where key = ? order by id"


class Order(TypedDict):
    """An order as the shop has it: amounts in US cents, `paid_at` in UTC epoch seconds (0 when unpaid)."""

    number: str
    customer: str
    status: str
    paid: int
    paid_at: int
    refunded: int


class PaidRefund(TypedDict):
    """A refund that the shop has just written."""

    reference: str
    amount: int
    at: int


class Shop:
    """The shop at `path`, a SQLite file. Every method raises Transient when the file is locked, gone or unreadable."""

    def __init__(self, *, path: str) -> None:
        self._address = f"{Path(path).absolute().as_uri()}?mode=rw"

    @reads()
    def order(self, *, number: str) -> Order | None:
        """The order of that number, or None."""
        with self._open() as shop:
            row = shop.execute(_ORDER, (number,)).fetchone()
        return Order(**row) if row else None

    @effect("readable", look="refund_by_key", blast="spending", timeout_s=5.0, settle_s=1.0, amount="amount")
    def refund(self, *, order: str, amount: USD, reason: str = "", key: str) -> PaidRefund:
        """Pay `amount` back on `order`; the shop takes the same key twice, so whoever calls looks first."""
        at = int(time.time())
        with self._open() as shop, shop:
            number = shop.execute(_PAY, (order, amount, reason, key, at)).lastrowid
        return PaidRefund(reference=str(number), amount=amount, at=at)

    @lists("refund")
    def refund_keys(self) -> list[str]:
        """The keys of all refunds, oldest first."""
        with self._open() as shop:
            return [row["key"] for row in shop.execute("select key from refunds order by id")]

    def refund_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first refund that carries `key`, as the shop shows it now."""
        with self._open() as shop:
            row = shop.execute(_PAID, (key,)).fetchone()
        if row is None:
            return None
        args = {"order": row["order_number"], "amount": row["amount"], "reason": row["reason"]}
        return Seen(reference=str(row["id"]), args=args, at=row["at"])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._address, uri=True, timeout=_BUSY_S)) as shop:
                shop.row_factory = _as_dict
                yield shop
        except sqlite3.DatabaseError as error:
            raise Transient(_sentence(error), cause="shop") from error


def _as_dict(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _sentence(error: sqlite3.DatabaseError) -> str:
    told = str(error)
    if "locked" in told:
        return "The shop's database is locked."
    if "unable to open" in told:
        return "The shop's database can't be opened."
    return "The shop's database can't be read."
