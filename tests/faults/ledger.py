"""What was asked for and what the world saw of it: the shop's own rows and Slack's own log, never our record."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST_ORDER = 100_000
PAID = 1_000_000
_PAID_AT = 1793491200


@dataclass(slots=True)
class Ledger:
    """What was sent in: order → cents; `acknowledged` are the orders that Slack heard a yes to, `approved` by people."""

    asked: dict[str, int] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    unanswered: int = 0
    approved: set[str] = field(default_factory=set)
    deaths: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of it all. `refunds` are the shop's new rows (order, cents); `posts` Slack's (channel, outbox row)."""

    refunds: tuple[tuple[str, int], ...]
    posts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """The difference between what was asked for and what was seen; numbers of refunds, and of messages `said_twice`."""

    lost: int
    duplicated: int
    unexpected: int
    said_twice: int


def balance(ledger: Ledger, seen: Seen) -> Balance:
    """Compare. Pure."""
    paid = Counter(order for order, _ in seen.refunds)
    wrong = [order for order, cents in seen.refunds if ledger.asked.get(order) != cents]
    return Balance(
        lost=len(ledger.acknowledged - set(paid)),
        duplicated=surplus(paid),
        unexpected=len(wrong),
        said_twice=surplus(Counter(seen.posts)),
    )


def surplus(counted: Mapping[Any, int]) -> int:
    """How many there are more than one of each."""
    return sum(count - 1 for count in counted.values())


def open_orders(shop: Path, count: int) -> list[str]:
    """Add so many paid orders to the shop; their numbers."""
    numbers = [str(FIRST_ORDER + position) for position in range(count)]
    with closing(sqlite3.connect(shop, timeout=30)) as connection, connection:
        rows = [(number, "Somebody", "paid", PAID, _PAID_AT) for number in numbers]
        connection.executemany("insert into orders values (?, ?, ?, ?, ?)", rows)
    return numbers


def refunds_in(shop: Path) -> tuple[tuple[str, int], ...]:
    """Every refund of the orders that were added."""
    query = "select order_number, amount from refunds where cast(order_number as integer) >= ?"
    with closing(sqlite3.connect(shop, timeout=30)) as connection:
        return tuple(connection.execute(query, (FIRST_ORDER,)))


def posts_in(calls: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    """Every message that Slack took from the app: where, and which outbox row it carries."""
    posts = (
        call["args"] for call in calls if call["method"] == "chat.postMessage" and (call["answer"] or {}).get("ok")
    )
    return tuple((args["channel"], args["metadata"]["event_payload"]["outbox"]) for args in posts if "metadata" in args)
