"""Why a task has cost what it cost: each attempt and each effect at the prices of its day."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from contracts.company import Price
from engine.cost import Use, cost_of, price_list, priced
from engine.scorecard.kpis import serves
from engine.whys import lines
from engine.whys.page import Why, page
from storage.database import Unit
from storage.tables.work import attempts, effects


def of_cost(unit: Unit, task_number: int) -> Why:
    """The page of a task's cost; raises storage.tasks.TaskNotFound."""
    task, asked = lines.about(unit, task_number)
    prices, total = price_list(unit), cost_of(unit, task_number)
    rows = (
        ("Asked", [asked]),
        ("Cost", [total.sentence]),
        ("Attempts", [_attempt(row, prices) for row in lines.of(unit, attempts, task_number, "started_at", "ordinal")]),
        ("Effects", [_effect(row, prices) for row in lines.of(unit, effects, task_number, "intended_at", "key")]),
        ("Prices", [_price(one) for one in prices] or ["company.yaml has no prices: what was used is unpriced"]),
        ("Serves", serves(unit, task)),
        ("Trail", lines.trail(unit, task.trail)),
    )
    return page(f"cost {task.name}", asked, total.price, rows)


def _attempt(row: Row[Any], prices: tuple[Price, ...]) -> str:
    seconds = Decimal(str((row.ended_at - row.started_at).total_seconds()))
    cost = priced([Use(row.started_at, seconds, row.tool_calls)], prices)
    return f"{row.step} at {lines.clock(row.started_at)}, {row.outcome}: {cost.sentence}"


def _effect(row: Row[Any], prices: tuple[Price, ...]) -> str:
    calls = row.performs + row.looks + (row.verified_at is not None)
    return f"{row.tool}, {row.state}: {priced([Use(row.intended_at, Decimal(0), calls)], prices).sentence}"


def _price(price: Price) -> str:
    return f"since {price.since}: {price.compute_second} {price.currency} a second, {price.tool_call} {price.currency} a call"
