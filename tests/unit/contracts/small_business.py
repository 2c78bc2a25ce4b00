"""A business of one lane, small and with fixed lines, that tests spoil in one place each."""

from collections.abc import Mapping

from contracts.business import Business, BusinessMistakes, load

COMPANY = """\
company: corner
name: The corner shop
currency: USD
timezone: Europe/Lisbon
slack_team: T0CORNER
slack_channels:
  counter: [staff]
last_resort: olu
strategy: Be fair
workspaces:
  - id: shop
    name: Shop
    portfolios:
      - {id: counter, name: Counter, manager: olu}
people:
  - {id: ines, name: Inês Prata, email: ines@corner.example, role: Seller, manager: olu}
  - {id: olu, name: Olu Adeniyi, email: olu@corner.example, role: Owner}
  - {id: gil, name: Gil Sá, email: gil@corner.example, role: Seller, active: false}
groups:
  staff: [ines, olu]
systems:
  till: {tool: "tools/till.py:Till", title: The till, settings: {path: "{home}/till"}}
kpis:
  - {name: fair-prices, title: Fair prices, unit: "%", target: 99, direction: up, objective: Be fair}
"""

LANE = """\
lane: discounts
title: Give a discount
description: Takes something off one sale.
portfolio: counter
owner: olu
may_ask: [everyone, "group:staff", "person:ines"]
request: models:Discount
subject: "sale {request.sale}"
serves: fair-prices
tell:
  accepted: "{request.amount} off sale {request.sale}"
  promise: Usually at once.
  done: "{state.given.amount} off sale {request.sale}"
  verified: "Read back: {state.given.reference}."
workers:
  looker: {job: Looker, outcome: Sales are known, accountable: olu, tier: 1, reads: [till.sale], writes: [], kpi: fair-prices, done: The sale is read, may: recommend, takes: [request], gives: [sale], evidence: [sale.json], fails: {the till is off: transient}, stops: After four tries, next: giver, escalates: [lane-owner], cost: {usual: "0.01", at_most: "0.02"}, runtime: default}
  giver:
    job: Giver
    outcome: Discounts are given once
    accountable: olu
    kpi: fair-prices
    tier: 3
    reads: [till.sale]
    writes: [till.discount]
    done: The till shows the discount
    may: decide
    takes: [request, sale]
    gives: [given]
    evidence: [till.discount]
    fails: {the till is off: transient, the sale is closed: deterministic}
    stops: After four tries
    next: requester
    escalates: [lane-owner]
    cost: {usual: "0.01", at_most: "0.02"}
    runtime: default
steps:
  - name: look
    worker: looker
    run: workers:look
    gives: models:Sale
    writes: sale
    progress: Looking up sale {request.sale}.
    evidence: [sale.json]
  - name: give
    worker: giver
    run: workers:give
    gives: models:Given
    writes: given
    progress: Taking {request.amount} off a sale of {state.sale.total}.
    recheck: [look]
require:
  - name: sale is open
    before: give
    rule: {"var": "state.sale.open"}
    because: Sale {request.sale} is closed.
    examples:
      accepted: [{state.sale.open: true}]
      refused: [{state.sale.open: false}]
approve:
  - name: large discount
    before: give
    when: {">": [{"var": "effect.args.amount"}, 1000]}
    because: Discounts above 10.00 USD are for the owner.
    question: Take {effect.args.amount} off sale {effect.args.sale}?
    state: ["total {state.sale.total}"]
    steps:
      - {who: "group:staff", for: 1h, remind: [30m]}
      - {who: "manager-of:requester", for: 1h}
    examples:
      accepted: [{effect.args.amount: 1001}]
      refused: [{effect.args.amount: 1000}]
"""

MODELS = """\
from typing import Annotated

from pydantic import BaseModel

from chargehand import Instant, Money

USD = Annotated[int, Money("USD")]


class Discount(BaseModel):
    sale: str
    amount: USD


class Sale(BaseModel):
    total: USD
    open: bool


class Given(BaseModel):
    reference: str
    amount: USD
    at: Annotated[int, Instant()]
"""

WORKERS = """\
from chargehand import Desk, Proposal, worker

from .models import Discount, Given, Sale


@worker
def look(request: Discount, desk: Desk) -> Sale:
    return Sale(**desk.till.sale(number=request.sale))


@worker
def give(request: Discount, sale: Sale, desk: Desk) -> Proposal[Given]:
    return desk.till.discount(sale=request.sale, amount=request.amount, because="asked for")
"""

TILL = """\
from typing import Annotated, Any

from chargehand import Money, Seen, effect, reads


class Till:
    def __init__(self, *, path: str) -> None:
        self.path = path

    @reads()
    def sale(self, *, number: str) -> dict[str, Any]:
        return {"total": 2000, "open": True}

    @effect("readable", look="discount_by_key", blast="customer", amount="amount")
    def discount(self, *, sale: str, amount: Annotated[int, Money("USD")], key: str) -> dict[str, Any]:
        return {}

    def discount_by_key(self, *, key: str, **_: object) -> Seen | None:
        return None
"""

FILES: Mapping[str, str] = {
    "company.yaml": COMPANY,
    "lanes/discounts/lane.yaml": LANE,
    "lanes/discounts/models.py": MODELS,
    "lanes/discounts/workers.py": WORKERS,
    "tools/till.py": TILL,
}
TIMEZONES = ("UTC", "Europe/Lisbon", "Europe/London")


def small_business(**changes: str) -> Business:
    """The business, with whole files replaced: company, lane, models, workers, till."""
    return load({name: text.encode() for name, text in _files(changes).items()}, timezones=TIMEZONES)


def told(**changes: str) -> list[str]:
    """Every mistake of the business with changed files, as "file:line:column path | message and hint"."""
    try:
        small_business(**changes)
    except BusinessMistakes as found:
        return [
            f"{mistake.file.rpartition('/')[2]}:{mistake.line}:{mistake.column} {mistake.path} | {mistake.sentence}"
            for mistake in found.mistakes
        ]
    return []


def told_after(file: str, old: str, new: str) -> list[str]:
    """Every mistake after the first `old` in a file (company, lane, models, workers, till) became `new`."""
    before = _files({})[_names()[file]]
    assert old in before
    return told(**{file: before.replace(old, new, 1)})


def _files(changes: Mapping[str, str]) -> dict[str, str]:
    return {**FILES, **{_names()[short]: text for short, text in changes.items()}}


def _names() -> dict[str, str]:
    return {name.rpartition("/")[2].partition(".")[0]: name for name in FILES}
