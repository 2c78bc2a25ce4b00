"""The facts of a refund, as the rule tests read them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel

from contracts.authoring import Instant, Money, Personal, Seconds
from contracts.facts import schema_of
from contracts.rules.guard import Json

USD = Annotated[int, Money("USD")]


class Refund(BaseModel):
    order: str
    amount: USD
    reason: Literal["lost", "late"]
    note: str | None = None


class Link(BaseModel):
    host: str
    alive: bool
    score: float
    price: USD


class Order(BaseModel):
    total: USD
    paid: bool
    paid_at: Annotated[int, Instant()]
    email: Annotated[str, Personal()]
    links: list[Link]
    tags: list[str]


SCHEMA = schema_of(
    {
        "request": Refund,
        "state": {"order": Order, "earlier": Order | None},
        "now": Annotated[int, Instant()],
        "age": Annotated[int, Seconds()],
        "count": int,
        "fee": Annotated[int, Money("EUR")],
        "rates": dict[str, float],
    }
)


def facts(**request: Json) -> dict[str, Any]:
    """A paid order of 812.00 USD, of which 740.00 USD are asked back."""
    order = {
        "total": 81200,
        "paid": True,
        "paid_at": 1_700_000_000,
        "email": "ada@example.org",
        "links": [
            {"host": "a.example", "alive": True, "score": 0.9, "price": 100},
            {"host": "b.example", "alive": False, "score": 0.1, "price": 250},
        ],
        "tags": ["fragile", "1d"],
    }
    return {
        "request": {"order": "1234", "amount": 74000, "reason": "lost", "note": None} | request,
        "state": {"order": order, "earlier": None},
        "now": 1_700_100_000,
        "age": 7200,
        "count": 3,
        "fee": 30,
        "rates": {"errors": 0.02},
    }


def var(path: str, *default: Json) -> dict[str, Any]:
    """A read of a fact."""
    return {"var": [path, *default]} if default else {"var": path}
