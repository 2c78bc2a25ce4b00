"""The schema of facts knows every path of the models, with type, unit, null and choices."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel, computed_field

from contracts.authoring import Instant, Money, Personal, Seconds
from contracts.facts import FactType, NotAFact, schema_of

USD = Annotated[int, Money("USD")]


class Status(StrEnum):
    OPEN = "open"
    PAID = "paid"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    city: str
    country: str | None = None


class Tags(RootModel[list[str]]):
    pass


class Order(BaseModel):
    number: Annotated[str, Field(pattern=r"^\d+$")]
    total: USD
    discount: USD | None = None
    paid_at: Annotated[int, Instant(), Field(ge=0)]
    wait: Annotated[int, Seconds()] = 0
    status: Status
    level: Level = Level.LOW
    kind: Literal["new", "old"] | None = None
    email: Annotated[str, Personal()]
    address: Annotated[Address, Personal()]
    weight: float | int
    lines: tuple[Address, ...] = ()
    rates: dict[str, float] = {}
    tags: Tags

    @computed_field  # type: ignore[prop-decorator]
    @property
    def length(self) -> int:
        """How long the number is."""
        return len(self.number)


SCHEMA = schema_of(
    {"request": Order, "state": {"earlier": Order | None, "seen": bool}, "now": Annotated[int, Instant()]}
)

TYPES: list[tuple[str, str]] = [
    ("request", "object"),
    ("request.number", "text"),
    ("request.total", "integer, minor units of USD"),
    ("request.discount", "integer, minor units of USD or null"),
    ("request.paid_at", "integer, epoch seconds"),
    ("request.wait", "integer, seconds"),
    ("request.status", "text"),
    ("request.level", "integer"),
    ("request.kind", "text or null"),
    ("request.weight", "number"),
    ("request.lines", "list"),
    ("request.lines.0.city", "text"),
    ("request.rates", "object"),
    ("request.rates.errors", "number"),
    ("request.tags", "list"),
    ("request.tags.0", "text"),
    ("request.length", "integer"),
    ("state.seen", "boolean"),
    ("state.earlier", "object or null"),
    ("state.earlier.total", "integer, minor units of USD or null"),
    ("now", "integer, epoch seconds"),
]


@pytest.mark.parametrize(("path", "words"), TYPES)
def test_each_path_has_its_type(path: str, words: str) -> None:
    found = SCHEMA.at(path)

    assert found is not None
    assert found.words() == words


@pytest.mark.parametrize(
    "path", ["nothing", "request.none", "request.lines.x", "request.total.cents", "request..total"]
)
def test_what_is_not_declared_has_no_type(path: str) -> None:
    assert SCHEMA.at(path) is None


def test_choices_come_from_enumerations_and_literals() -> None:
    found = {path: SCHEMA.at(f"request.{path}") for path in ("status", "level", "kind")}

    assert {path: kind.values for path, kind in found.items() if kind} == {
        "status": ("open", "paid"),
        "level": (1, 2),
        "kind": ("new", "old"),
    }


def test_what_lies_in_something_personal_is_personal() -> None:
    personal = [path for path in SCHEMA.paths() if (kind := SCHEMA.at(path)) and kind.personal]

    assert [path for path in personal if path.startswith("request")] == [
        "request.email",
        "request.address",
        "request.address.city",
        "request.address.country",
    ]


def test_all_that_may_be_null_on_the_way_is_named_outermost_first() -> None:
    assert SCHEMA.nullable_on_the_way("state.earlier.discount") == ("state.earlier", "state.earlier.discount")
    assert SCHEMA.nullable_on_the_way("request.total") == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("request.totl", "request.total"),
        ("request.adress.city", "request.address.city"),
        ("state.earlier.paidat", "state.earlier.paid_at"),
        ("total", "request.total"),
        ("effect.args.status", "request.status"),
        ("completely different", None),
    ],
)
def test_the_nearest_declared_path_is_found(written: str, meant: str | None) -> None:
    assert SCHEMA.nearest(written) == meant


class Recursive(BaseModel):
    inner: "Recursive | None" = None


class Mixed(Enum):
    A = "a"
    B = 2


REFUSED: list[tuple[Any, str]] = [
    (datetime, "fact: rules can't read datetime; use an integer marked Instant() (UTC epoch seconds)"),
    (Decimal, "fact: rules can't read Decimal; use an integer marked Money(currency), in minor units"),
    (bytes, "fact: rules can't read bytes; use an artifact, and its sha256 as text"),
    (Any, "fact: rules can't read Any; use text, a number, a boolean, a list, or a model"),
    (list, "fact: rules can't read list; use text, a number, a boolean, a list, or a model"),
    (tuple[int, str], "fact: rules can't read tuple; use text, a number, a boolean, a list, or a model"),
    (int | str, "fact: a fact has one type; give each of these its own field"),
    (Mixed, "fact: the values of a choice are all text or all integers"),
    (Recursive, "fact.inner: Recursive contains itself; rules need facts of known depth"),
]


@pytest.mark.parametrize(("annotation", "sentence"), REFUSED, ids=str)
def test_a_field_that_rules_can_not_read_is_refused_with_what_to_use(annotation: object, sentence: str) -> None:
    with pytest.raises(NotAFact) as refusal:
        schema_of({"fact": annotation})

    assert str(refusal.value) == sentence


def test_dumped_facts_have_exactly_the_declared_fields() -> None:
    order = Order(
        number="1",
        total=1,
        paid_at=1,
        status=Status.OPEN,
        email="a@example.org",
        address=Address(city="x"),
        weight=1.5,
        tags=Tags(["x"]),
    )

    dumped = order.model_dump(mode="json")

    declared = SCHEMA.at("request")
    assert declared is not None
    assert isinstance(declared.fields, Mapping)
    assert set(dumped) == set(declared.fields)


def test_a_type_is_a_value() -> None:
    assert FactType("text") == FactType("text")
    assert FactType("integer", unit="USD") != FactType("integer", unit="EUR")
