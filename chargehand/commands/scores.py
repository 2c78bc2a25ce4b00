"""What `chargehand workers --score` prints: results, costs and fitness of each worker."""

from typing import TYPE_CHECKING, Any

from chargehand.commands.opening import opened
from chargehand.commands.options import print_json, print_table
from engine.cost import UNPRICED, shown_amount
from engine.scorecard.results import Result, results

if TYPE_CHECKING:
    from decimal import Decimal

_TITLES = ("worker", "runs", "success", "wrong", "a run", "a success", "correction", "fitness")


def show(*, days: int, company: str | None, json: bool) -> None:
    """Print all workers over the tasks that ended in the last `days`."""
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        found = results(unit, deployed.businesses[chosen], days=days)
    if json:
        print_json([_document(one) for one in found])
    else:
        print_table(_TITLES, [_row(one) for one in found])


def _row(one: Result) -> tuple[str, ...]:
    minutes = f"{one.correction_s // 60} min" if one.correction_s else "–"
    return (
        f"{one.lane}/{one.worker}",
        str(one.runs or "–"),
        _share(one.success_rate),
        str(one.wrong or "–"),
        _amount(one, one.per_run),
        _amount(one, one.per_success),
        f"{minutes}, {_amount(one, one.correction)}" if one.correction_s else minutes,
        _share(one.fitness.score),
    )


def _share(share: float | None) -> str:
    """Rounded down: 100% is said only of all."""
    return "–" if share is None else f"{int(share * 100)}%"


def _amount(one: Result, amount: "Decimal | None") -> str:
    if one.runs and one.cost.amount is None:
        return UNPRICED
    return "–" if amount is None or one.cost.currency is None else shown_amount(amount, one.cost.currency)


def _document(one: Result) -> dict[str, Any]:
    layers = {
        name: {"score": layer.score, "inputs": {key: _plain(value) for key, value in layer.inputs.items()}}
        for name, layer in one.fitness.layers.items()
    }
    return {
        "worker": f"{one.lane}/{one.worker}",
        "runs": one.runs,
        "settled": one.settled,
        "successes": one.successes,
        "wrong": one.wrong,
        "success_rate": one.success_rate,
        "per_run": _plain(one.per_run),
        "per_success": _plain(one.per_success),
        "correction_minutes": one.correction_s / 60,
        "correction": _plain(one.correction),
        "currency": one.cost.currency,
        "fitness": {"score": one.fitness.score, "layers": layers},
    }


def _plain(value: Any) -> Any:
    """An amount as its exact text; every other number as it is."""
    return value if isinstance(value, int | float) or value is None else f"{value:f}"
