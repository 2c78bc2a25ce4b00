"""`chargehand delegations`: how well routing chooses, from what became of work that was handed to peers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, Since, print_json, print_table
from contracts.wording import duration

if TYPE_CHECKING:
    from engine.scorecard.delegations import Delegations

_TITLES = ("step", "handed to", "delivered", "within", "came back")
_WHY = {"unusable": "unusable", "wanted_context": "lacked context", "wrong_lane": "wrong lane"}


def delegations(
    since: Since = "30d",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Tell what became of work that was handed to peers: delivered, unusable, lacking context, in the wrong lane."""
    from chargehand.commands.backtest import duration as read_duration
    from chargehand.commands.opening import opened
    from engine.scorecard import delegations as scorecard

    back = read_duration(since)
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        found = scorecard.delegations(unit, list(deployed.businesses[chosen].lanes), unit.now - back)
    if json:
        print_json([_as_json(one) for one in found])
    elif not found:
        typer.echo(f"Nothing was handed to a peer in the last {since}.")
    else:
        print_table(_TITLES, [_row(one) for one in found])
        for line in _told(found):
            typer.echo(line)


def _row(one: "Delegations") -> tuple[str, ...]:
    found = {words: len(getattr(one, name)) for name, words in _WHY.items()}
    came_back = ", ".join(f"{count} {words}" for words, count in found.items() if count) or "–"
    delivered = f"{len(one.delivered)} of {one.over}" + (f", {len(one.open)} open" if one.open else "")
    within = "–" if one.median_s is None else duration(round(one.median_s))
    return (f"{one.lane}/{one.step}", one.peer, delivered, within, came_back)


def _told(found: "tuple[Delegations, ...]") -> Iterator[str]:
    from engine.scorecard.delegations import remedy

    for one in found:
        if one.is_poor:
            yield f"\n{one.lane}/{one.step}: {one.came_back} of {one.over} came back from {one.peer}."
            yield f"  {remedy(one)}"


def _as_json(one: "Delegations") -> dict[str, Any]:
    from dataclasses import asdict

    from engine.scorecard.delegations import remedy

    return {**asdict(one), "times": one.times, "poor": one.is_poor, "remedy": remedy(one) if one.is_poor else None}
