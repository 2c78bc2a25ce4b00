"""The rules that `bin/bench rules` measures, each with facts and the same condition written by hand in Python."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel

from contracts.authoring import Instant, Money, Seconds
from contracts.facts import schema_of

USD = Annotated[int, Money("USD")]
DAY = 86_400


class Request(BaseModel):
    """What was asked for."""

    order: str
    amount: USD
    reason: str


class Line(BaseModel):
    """A line of an order."""

    price: USD
    count: int


class Order(BaseModel):
    """What the shop says of the order."""

    status: str
    total: USD
    paid: bool
    paid_at: Annotated[int, Instant()]
    lines: list[Line]


class Draft(BaseModel):
    """An article about to be published."""

    words: int
    title_length: int
    slug_is_free: bool
    links_alive: bool
    images: int
    reviewed_by: str
    author: str
    score: float
    brand: str


class State(BaseModel):
    """What the steps before have found."""

    order: Order | None
    draft: Draft | None
    amounts: list[int]


SCHEMA = schema_of(
    {"request": Request, "state": State, "now": Annotated[int, Instant()], "age": Annotated[int, Seconds()]}
)
Facts = dict[str, Any]
FactsOf = Callable[[], Facts]


@dataclass(frozen=True, slots=True)
class Case:
    """One rule; `aim` is in microseconds a verdict."""

    name: str
    rule: Any
    facts: FactsOf
    by_hand: Callable[[Facts], bool]
    aim: float | None = None


def refund_facts() -> Facts:
    """A refund of 42.00 USD on a paid order."""
    lines = [{"price": 1500, "count": 2}, {"price": 4200, "count": 1}]
    order = {"status": "paid", "total": 7200, "paid": True, "paid_at": 1_700_000_000, "lines": lines}
    return {
        "request": {"order": "1001", "amount": 4200, "reason": "lost"},
        "state": {"order": order, "draft": None, "amounts": []},
        "now": 1_700_086_400,
        "age": 3600,
    }


def publish_facts() -> Facts:
    """An article that may be published."""
    draft = {
        "words": 1200, "title_length": 48, "slug_is_free": True, "links_alive": True, "images": 2,
        "reviewed_by": "ruth", "author": "anna", "score": 0.91, "brand": "morning",
    }  # fmt: skip
    return {**refund_facts(), "state": {"order": None, "draft": draft, "amounts": []}}


def reduce_facts() -> Facts:
    """A thousand amounts."""
    return {**refund_facts(), "state": {"order": None, "draft": None, "amounts": list(range(1000))}}


def var(path: str) -> Any:
    """A read of a fact."""
    return {"var": path}


def _order(name: str) -> Any:
    return var(f"state.order.{name}")


def _draft(name: str) -> Any:
    return var(f"state.draft.{name}")


ORDER_KNOWN = {"!==": [var("state.order"), None]}
DRAFT_KNOWN = {"!==": [var("state.draft"), None]}
GUARD = {
    "and": [
        {">": [var("request.amount"), 0]},
        {"<=": [var("request.amount"), 50_000]},
        {"==": [var("request.reason"), "lost"]},
    ]
}
NINE = {
    "and": [
        DRAFT_KNOWN,
        {"<=": [300, _draft("words"), 3000]},
        {"<=": [10, _draft("title_length"), 70]},
        _draft("slug_is_free"),
        _draft("links_alive"),
        {">=": [_draft("images"), 1]},
        {"!=": [_draft("reviewed_by"), _draft("author")]},
        {">=": [_draft("score"), 0.8]},
        {"in": [_draft("brand"), ["morning", "evening"]]},
    ]
}
LIMITS = [(f"reason {number}", 1000 * number) for number in range(1, 20)]
ROUTER = {
    "<=": [
        var("request.amount"),
        {
            "if": [
                *(part for reason, limit in LIMITS for part in ({"==": [var("request.reason"), reason]}, limit)),
                50_000,
            ]
        },
    ]
}
SUM = {"<": [{"reduce": [var("state.amounts"), {"+": [var("accumulator"), var("current")]}, 0]}, 1_000_000]}


def _guarded(facts: Facts) -> bool:
    request = facts["request"]
    return bool(0 < request["amount"] <= 50_000 and request["reason"] == "lost")


def _publishable(facts: Facts) -> bool:
    draft = facts["state"]["draft"]
    return (
        draft is not None
        and 300 <= draft["words"] <= 3000
        and 10 <= draft["title_length"] <= 70
        and draft["slug_is_free"]
        and draft["links_alive"]
        and draft["images"] >= 1
        and draft["reviewed_by"] != draft["author"]
        and draft["score"] >= 0.8
        and draft["brand"] in ("morning", "evening")
    )


def _routed(facts: Facts) -> bool:
    amount, wanted = facts["request"]["amount"], facts["request"]["reason"]
    limit = next((limit for reason, limit in LIMITS if reason == wanted), 50_000)
    return bool(amount <= limit)


def _summed(facts: Facts) -> bool:
    total = 0
    for amount in facts["state"]["amounts"]:
        total = total + amount
    return total < 1_000_000


CASES = (
    Case("guard of three comparisons", GUARD, refund_facts, _guarded, 5.0),
    Case("publish contract of nine conditions", NINE, publish_facts, _publishable),
    Case("router of twenty branches", ROUTER, refund_facts, _routed),
    Case("reduce over 1,000 items", SUM, reduce_facts, _summed),
)
GUARDS: list[Any] = [
    GUARD,
    {"and": [ORDER_KNOWN, {"==": [_order("status"), "paid"]}]},
    {"and": [ORDER_KNOWN, {"<=": [var("request.amount"), _order("total")]}]},
    {"and": [ORDER_KNOWN, _order("paid")]},
    {"and": [ORDER_KNOWN, {"<": [{"-": [var("now"), _order("paid_at")]}, 90 * DAY]}]},
    {"in": [var("request.reason"), ["lost", "late", "broken"]]},
    {"!": [{"==": [var("request.order"), ""]}]},
    {"<": [var("age"), DAY]},
    {">=": [var("request.amount"), 1]},
    {"or": [{"<": [var("request.amount"), 10_000]}, {"==": [var("request.reason"), "broken"]}]},
]
PUBLISH: list[Any] = [NINE, *GUARDS[5:], *({"and": [DRAFT_KNOWN, rule]} for rule in NINE["and"][1:5])]
