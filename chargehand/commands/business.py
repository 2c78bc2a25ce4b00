"""`chargehand lanes` and `publish`: what is declared, and what the record knows of it."""

from typing import Any

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json, print_table

_SHORT = 8


def lanes(company: OfCompany = None, json: AsJson = False) -> None:
    """List the lanes with their contract version, stage, workers, owner, and how far their switches are."""
    from chargehand.commands.opening import opened
    from contracts.standing import stage_in_force
    from engine.switches import readings
    from storage.standings import known

    with opened(company) as (deployed, chosen):
        found = deployed.businesses[chosen].lanes.values()
        with deployed.database.transaction(chosen) as unit:
            stands = known(unit)
            switches = {loaded.lane.lane: "; ".join(one.words for one in readings(unit, loaded)) for loaded in found}
        rows = [
            {
                "lane": loaded.lane.lane,
                "title": loaded.lane.title,
                "stage": stage_in_force(loaded.lane.stage, stands.get(f"lane:{loaded.lane.lane}", (None, None))[0]),
                "declared": loaded.lane.stage,
                "contract": loaded.hash[:12],
                "workers": ", ".join(worker.job for worker in loaded.lane.workers.values()),
                "owner": loaded.lane.owner,
                "switches": switches[loaded.lane.lane] or "–",
            }
            for loaded in found
        ]
    if json:
        print_json(rows)
        return
    print_table(("lane", "title", "stage", "contract", "owner", "switches"), [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    """What fits on a line of 80 characters; the rest is in --json."""
    stage = str(row["stage"]) if row["stage"] == row["declared"] else f"{row['stage']} of {row['declared']}"
    return (row["lane"], row["title"], stage, row["contract"][:_SHORT], row["owner"], row["switches"])


def publish() -> None:
    """Write the declared companies, people and new lane versions into the record."""
    from chargehand.composition import deployment, publish_all
    from chargehand.settings import Settings

    with deployment(Settings.load()) as deployed:
        publish_all(deployed)
        typer.echo(f"Published: {', '.join(deployed.businesses)}.")
