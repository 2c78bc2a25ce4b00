"""Builds the world outside Chargehand that the morning company works on: its shop, and what world/ tells of the rest."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

SCHEMA = """
    create table if not exists orders (
        number text primary key,
        customer text not null,
        status text not null check (status in ('paid', 'unpaid')),
        paid integer not null,
        paid_at integer not null
    );
    create table if not exists refunds (
        id integer primary key,
        order_number text not null,
        amount integer not null,
        currency text not null,
        reason text not null,
        key text not null,
        at integer not null
    );
"""
"""Amounts are US cents, times UTC epoch seconds. Nothing keeps a key from being there twice: a world may show doubles."""

_TOLD = Path(__file__).parent / "world"
_FIRST_OF_NOVEMBER = 1793491200
_DAY = 86400
_FIRST_REFUND = 87

# number, customer, status, cents, day of November 2026
ORDERS = (
    ("1001", "Ada Okafor", "paid", 4200, 1),
    ("1002", "Ben Fischer", "paid", 1999, 1),
    ("1003", "Carla Mendes", "paid", 12650, 1),
    ("1004", "Dmitri Volkov", "paid", 899, 2),
    ("1005", "Elif Demir", "paid", 64900, 2),
    ("1006", "Farid Rahmani", "unpaid", 0, 0),
    ("1007", "Grace Mbeki", "paid", 2350, 2),
    ("1008", "Hiro Tanaka", "paid", 129900, 3),
    ("1009", "Ines Duarte", "paid", 5475, 3),
    ("1010", "Jamal Carter", "paid", 3100, 3),
    ("1111", "Keira Walsh", "paid", 8800, 4),
    ("1122", "Luca Moretti", "paid", 50000, 4),
    ("1133", "Maya Cohen", "paid", 50001, 4),
    ("1144", "Noor Haddad", "paid", 7425, 5),
    ("1155", "Olga Nowak", "paid", 21000, 5),
    ("1166", "Pablo Reyes", "unpaid", 0, 0),
    ("1177", "Quynh Tran", "paid", 1650, 6),
    ("1188", "Rosa Lindgren", "paid", 98700, 6),
    ("1199", "Sam Whitfield", "paid", 4999, 7),
    ("1234", "Thea Johansen", "paid", 81200, 3),
    ("1235", "Umar Siddiqui", "paid", 15600, 8),
    ("1236", "Vera Petrova", "paid", 6200, 9),
    ("1237", "Wanjiru Kamau", "paid", 33350, 10),
    ("1238", "Xavier Roux", "paid", 2725, 11),
    ("1239", "Yara Mansour", "paid", 74000, 12),
    ("1240", "Zoe Papadopoulos", "paid", 1200, 13),
    ("1300", "Aiko Mori", "paid", 18400, 14),
    ("1301", "Bruno Silva", "paid", 9300, 15),
    ("1302", "Chloe Martin", "paid", 250000, 16),
    ("1303", "Daniel O'Connor", "paid", 5600, 17),
    ("2001", "Emma Bakker", "paid", 100000000, 18),
)

# order, cents, reason, day of November 2026
REFUNDED = (("1155", 21000, "The parcel never arrived.", 12),)


def build(home: Path) -> None:
    """Make in `home` what is missing of the world; what is there keeps everything that happened to it."""
    home.mkdir(parents=True, exist_ok=True)
    _make(home / "shop.sqlite", _shop)
    for told in sorted(_TOLD.iterdir()):
        made = home / (told.name if told.suffix == ".json" else f"{told.stem}.sqlite")
        _make(made, _copy(told) if told.suffix == ".json" else _database(told))


def _make(path: Path, write: Callable[[Path], object]) -> None:
    """All of it or nothing: a file that was begun is begun anew."""
    if path.exists():
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    write(unfinished)
    unfinished.rename(path)


def _copy(told: Path) -> Callable[[Path], object]:
    return lambda path: shutil.copyfile(told, path)


def _database(told: Path) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.executescript(told.read_text(encoding="utf-8"))

    return write


def _shop(path: Path) -> None:
    with closing(sqlite3.connect(path)) as shop, shop:
        shop.executescript(SCHEMA)
        shop.executemany("insert into orders values (?, ?, ?, ?, ?)", [_order(*order) for order in ORDERS])
        shop.executemany(
            "insert into refunds (id, order_number, amount, currency, reason, key, at) values (?, ?, ?, 'USD', ?, ?, ?)",
            [_refund(number, *refund) for number, refund in enumerate(REFUNDED, _FIRST_REFUND)],
        )


def _order(number: str, customer: str, status: str, cents: int, day: int) -> tuple[str, str, str, int, int]:
    return number, customer, status, cents, _noon(day) if day else 0


def _refund(number: int, order: str, cents: int, reason: str, day: int) -> tuple[int, str, int, str, str, int]:
    return number, order, cents, reason, f"by hand {number}", _noon(day)


def _noon(day: int) -> int:
    return _FIRST_OF_NOVEMBER + (day - 1) * _DAY + _DAY // 2
