"""`chargehand kpis`: the business's numbers against their targets."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json, print_table

if TYPE_CHECKING:
    from contracts.company import Company
    from engine.scorecard.kpis import Reading
    from storage.database import Unit

_STANDING = {None: "nothing yet", True: "behind", False: "on target"}


def kpis(
    push: Annotated[
        str | None, typer.Option("--push", metavar="NAME=VALUE", help="Keep what a KPI was seen to be, now.")
    ] = None,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who saw it.")] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """List the KPIs in their period: value, target, and whether they are behind."""
    from chargehand.commands.opening import opened
    from engine.scorecard.kpis import board

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        business = deployed.businesses[chosen]
        if push is not None:
            _push(unit, business.company, push, person)
        told = [_told(reading, set(business.lanes)) for reading in board(unit, business.company)]
    if json:
        print_json(told)
    elif told:
        titles = ("kpi", "this", "value", "before", "target", "standing")
        print_table(titles, [tuple(_cell(row, title) for title in titles) for row in told])
    else:
        typer.echo("No KPI is declared in company.yaml.")


def _push(unit: "Unit", company: "Company", given: str, person: str | None) -> None:
    from engine.scorecard.kpis import observe

    name, _, text = given.partition("=")
    if person is None:
        raise typer.BadParameter("--push needs --as: who saw it")
    try:
        value = float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{given!r} is no observation: write it like {name or 'NAME'}=4.5") from error
    observe(unit, company, name, value=value, by=person)


def _told(reading: "Reading", lanes: set[str]) -> dict[str, Any]:
    from contracts.measures import measure_of

    kpi, measure = reading.kpi, measure_of(reading.kpi.source)
    lost = measure is not None and measure.lane not in lanes
    return {
        "name": kpi.name,
        "kpi": kpi.title,
        "this": kpi.period,
        "value": reading.value,
        "before": reading.before,
        "target": kpi.target,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "standing": f"there is no lane {measure.lane}" if measure and lost else _STANDING[reading.is_behind],
    }


def _cell(row: dict[str, Any], title: str) -> str:
    value = row[title]
    if title == "target":
        return f"{'at least' if row['direction'] == 'up' else 'at most'} {value:g} {row['unit']}"
    if value is None:
        return "–"
    return f"{value:.4g} {row['unit']}" if title in ("value", "before") else str(value)
