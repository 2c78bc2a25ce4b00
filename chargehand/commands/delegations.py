"""`chargehand delegations`: how well routing chooses, from what became of work that was handed to peers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, Since, print_json, print_table
from contracts.wording import duration

if TYPE_CHECKING:
    from engine.scorecard.delegations import Delegations
    from engine.scorecard.kept_back import KeptBack

_TITLES = ("step", "handed to", "delivered", "within", "came back", "needless", "late")
_WHY = {"unusable": "unusable", "wanted_context": "lacked context", "wrong_lane": "wrong lane"}


def delegations(
    since: Since = "30d",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Tell what became of work that was handed to peers, and what was handed on too often, too late or not at all."""
    from chargehand.commands.backtest import duration as read_duration
    from chargehand.commands.opening import opened
    from engine.scorecard import delegations as scorecard
    from engine.scorecard.kept_back import kept_back

    back = read_duration(since)
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        business = deployed.businesses[chosen]
        found = scorecard.delegations(unit, list(business.lanes), unit.now - back)
        kept = kept_back(unit, business, unit.now - back)
    if json:
        print_json({"delegations": [_as_json(one) for one in found], "kept_back": [_kept_json(one) for one in kept]})
        return
    if found:
        print_table(_TITLES, [_row(one) for one in found])
    else:
        typer.echo(f"Nothing was handed to a peer in the last {since}.")
    for line in _told(found, kept):
        typer.echo(line)


def _row(one: "Delegations") -> tuple[str, ...]:
    found = {words: len(getattr(one, name)) for name, words in _WHY.items()}
    came_back = ", ".join(f"{count} {words}" for words, count in found.items() if count) or "–"
    delivered = f"{len(one.delivered)} of {one.over}" + (f", {len(one.open)} open" if one.open else "")
    within = "–" if one.median_s is None else duration(round(one.median_s))
    needless, late = (str(len(tasks) or "–") for tasks in (one.needless, one.late))
    return (f"{one.lane}/{one.step}", one.peer, delivered, within, came_back, needless, late)


def _told(found: "tuple[Delegations, ...]", kept: "tuple[KeptBack, ...]") -> Iterator[str]:
    from engine.scorecard.delegations import remedies

    for one in found:
        yield from (f"\n{told}" for told in remedies(one))
    for back in kept:
        could = " and ".join(back.could)
        asked = f"people were asked about {len(back.tasks)} task{'' if len(back.tasks) == 1 else 's'}"
        yield f"\n{back.lane}/{back.step}: {asked} that {could} never had."
        yield f"  {back.remedy}"


def _as_json(one: "Delegations") -> dict[str, Any]:
    from dataclasses import asdict

    from engine.scorecard.delegations import remedies, remedy

    told = {"poor": one.is_poor, "remedy": remedy(one) if one.is_poor else None, "remedies": list(remedies(one))}
    return {**asdict(one), "times": one.times, **told}


def _kept_json(one: "KeptBack") -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(one), "remedy": one.remedy}
