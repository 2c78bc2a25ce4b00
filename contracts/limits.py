"""Caps as they are held: which level of the tree allows how much in which span, and when there is room again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts import money
from contracts.authoring import Operation
from contracts.company import Company, Portfolio, Workspace
from contracts.contract import Lane
from contracts.inheritance import Layer, layers_down_to
from contracts.scope import Caps
from contracts.vocabulary import BlastRadius

ATTEMPT = "attempt"
SPANS: Mapping[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
COUNTED: Mapping[str, tuple[str, str]] = {
    "count": ("time", "times"),
    "records": ("record", "records"),
    "recipients": ("recipient", "recipients"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """How much of each capped thing one effect is."""

    count: int
    amount: int
    records: int
    recipients: int

    def of(self, what: str) -> int:
        """How much it is of the thing that a cap names."""
        found: int = getattr(self, what)
        return found


@dataclass(frozen=True, slots=True)
class Limit:
    """One cap of one level: at most `most` of `what` (count, amount, records, recipients) in a span, all below together.

    `node` is the id of the company, workspace, portfolio or lane; `shown` reads "5,000.00 USD a day".
    """

    level: str
    node: str
    name: str
    blast: BlastRadius
    span: str
    what: str
    most: int
    asks_owner: bool
    shown: str

    @property
    def cause(self) -> str:
        """Its name in the record, such as "cap care/spending/day/amount"."""
        return f"cap {self.node}/{self.blast}/{self.span}/{self.what}"

    @property
    def words(self) -> str:
        """How people read it: "the cap of 5,000.00 USD a day on spending in Customers"."""
        return f"the cap of {self.shown} on {self.blast} in {self.name}"


def place_of(company: Company, lane: Lane) -> dict[str, str]:
    """The id of each level that a lane belongs to, by the level's name."""
    return {layer.level: id_of(layer) for layer in layers_down_to(company, lane)}


def limits_of(company: Company, lane: Lane) -> tuple[Limit, ...]:
    """Every cap that a lane's effects count in, from the company's down to its own."""
    layers = layers_down_to(company, lane)
    return tuple(limit for layer in layers for limit in _of_layer(layer, company.currency))


def id_of(layer: Layer) -> str:
    """How files call a level of the tree."""
    match layer.scope:
        case Company(company=found) | Workspace(id=found) | Portfolio(id=found) | Lane(lane=found):
            return found
        case _:
            raise TypeError(f"{layer.level} is no level of the tree")


def _of_layer(layer: Layer, currency: str) -> Iterator[Limit]:
    for blast, caps in layer.scope.caps.items():
        for span, what, most in _numbers(caps):
            shown = amount_a_span(most, what, span, currency)
            asks = caps.reached == "owner"
            yield Limit(layer.level, id_of(layer), layer.name, blast, span, what, most, asks, shown)


def _numbers(caps: Caps) -> Iterator[tuple[str, str, int]]:
    for span in (ATTEMPT, *SPANS):
        cap = getattr(caps, span)
        for what, most in (cap.model_dump() if cap is not None else {}).items():
            if most is not None:
                yield span, what, most


def amount_a_span(most: int, what: str, span: str, currency: str) -> str:
    """A cap's number as people read it: "300 times a day"."""
    return f"{amount_of(most, what, currency)} {'a' if span == 'day' else 'an'} {span}"


def amount_of(most: int, what: str, currency: str) -> str:
    """How much of a capped thing: "5,000.00 USD", "1 recipient"."""
    return money.show(most, currency) if what == "amount" else f"{most} {COUNTED[what][most != 1]}"


def use_of(operation: Operation, args: Mapping[str, Any]) -> Use:
    """What an effect counts as; a negative amount counts as much as a positive one."""
    amount = _size(args.get(operation.amount)) if operation.amount else 0
    return Use(1, amount, _counted(operation.records, args), _counted(operation.recipients, args))


def _counted(declared: int | str, args: Mapping[str, Any]) -> int:
    return declared if isinstance(declared, int) else _size(args.get(declared))


def _size(value: Any) -> int:
    if isinstance(value, int):
        return abs(value)
    return len(value) if isinstance(value, (list, tuple)) else int(value is not None)


def opens_at(limit: Limit, used: Sequence[tuple[datetime, int]], *, need: int, place: int, now: datetime) -> datetime:
    """When there is room for `need`, for whoever is at `place` (1 is the first) of those who wait for the same.

    `used` says what was used when, oldest first. Those before are taken to need as much; `need` is at most the cap.
    """
    span = SPANS[limit.span]
    whole, rest = divmod(place - 1, max(1, limit.most // max(1, need)))
    over = sum(amount for _, amount in used) + need * (rest + 1) - limit.most
    freed = _freed(used, over)
    return (freed or now) + span * (whole + 1) + timedelta(seconds=1)


def _freed(used: Sequence[tuple[datetime, int]], over: int) -> datetime | None:
    """The moment of the use with whose end enough is free."""
    for at, amount in used:
        over -= amount
        if over <= 0:
            return at
    return used[-1][0] if used else None
