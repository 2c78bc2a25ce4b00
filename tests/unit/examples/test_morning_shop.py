"""The morning company's shop: an outside world that can be locked, gone, and paid twice."""

import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chargehand import Seen, Transient
from chargehand.business_files import load_folder

MORNING = Path(__file__).parents[3] / "examples/morning"
REFUND = {"order": "1234", "amount": 74000, "reason": "The parcel was lost."}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A home folder with the shop's database."""
    _world().build(tmp_path)
    return tmp_path


@pytest.fixture
def shop(world: Path) -> Any:
    """The tool, made as the engine makes it."""
    return load_folder(MORNING).tools["shop"](path=str(world / "shop.sqlite"))


@pytest.fixture
def locked(world: Path) -> Iterator[None]:
    """Somebody else holds the database."""
    with closing(sqlite3.connect(world / "shop.sqlite", isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield


def test_an_order_is_read_as_the_shop_has_it(shop: Any) -> None:
    order = shop.order(number="1234")

    assert (order["number"], order["status"], order["paid"], order["refunded"]) == ("1234", "paid", 81200, 0)
    assert shop.order(number="9999") is None


def test_a_refund_is_written_and_found_by_its_key(shop: Any) -> None:
    paid = shop.refund(**REFUND, key="morning/T-1/pay/1/1")

    assert paid["reference"] == "88"
    assert shop.refund_by_key(**REFUND, key="morning/T-1/pay/1/1") == Seen("88", REFUND, paid["at"])
    assert shop.refund_by_key(**REFUND, key="another") is None
    assert shop.order(number="1234")["refunded"] == 74000


def test_the_shop_takes_the_same_key_twice(shop: Any, world: Path) -> None:
    shop.refund(**REFUND, key="same")
    shop.refund(**REFUND, key="same")

    with closing(sqlite3.connect(world / "shop.sqlite")) as looked:
        assert looked.execute("select count(*) from refunds where key = 'same'").fetchone() == (2,)


def test_an_order_that_was_refunded_before_shows_it(shop: Any) -> None:
    assert shop.order(number="1155")["refunded"] == 21000
    assert shop.order(number="1006")["status"] == "unpaid"


@pytest.mark.usefixtures("locked")
def test_a_locked_database_is_a_transient_failure(shop: Any) -> None:
    with pytest.raises(Transient) as failure:
        shop.refund(**REFUND, key="k")

    assert (str(failure.value), failure.value.cause) == ("The shop's database is locked.", "shop")


def test_a_missing_database_is_a_transient_failure_and_is_not_created(shop: Any, world: Path) -> None:
    (world / "shop.sqlite").unlink()

    with pytest.raises(Transient, match="The shop's database can't be opened"):
        shop.order(number="1234")

    assert not (world / "shop.sqlite").exists()


def test_a_file_that_is_no_database_is_a_transient_failure(shop: Any, world: Path) -> None:
    (world / "shop.sqlite").write_text("not a database, but long enough to look like one" * 100)

    with pytest.raises(Transient, match="The shop's database can't be read"):
        shop.order(number="1234")


def test_building_the_world_again_keeps_what_happened(shop: Any, world: Path) -> None:
    shop.refund(**REFUND, key="k")

    _world().build(world)

    assert shop.order(number="1234")["refunded"] == 74000
    assert len(_world().ORDERS) >= 30


def _world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("morning_world", MORNING / "world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
