"""`chargehand doctor`: what is wrong with this deployment, and what mends it."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chargehand.doctor.diagnosis import Diagnosis


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Slack, the mail server, calendars and our address.")
    ] = False,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Say what is wrong and what mends it, the worst first: exit status 0 when nothing is, 3 when a part is away."""
    from dataclasses import asdict

    from chargehand.doctor.examination import examine, status_of

    found = examine(ask_outside=online, company=company)
    if json:
        print_json([asdict(one) for one in found])
    else:
        _tell(found)
    raise typer.Exit(status_of(found))


def _tell(found: "Sequence[Diagnosis]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from chargehand.doctor.diagnosis import Health, counted

    styles = {Health.AWAY: "bold red", Health.BAD: "bold red", Health.UNKNOWN: "yellow", Health.GOOD: "dim"}
    several = len({one.company for one in found if one.company}) > 1
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in ({"no_wrap": True}, {"no_wrap": True}, {"overflow": "fold"}):
        table.add_column(**column)
    for one in found:
        quiet = styles[one.health] if one.health is Health.GOOD else ""
        said = Text(f"{one.company}: {one.said}" if several and one.company else one.said, style=quiet)
        if one.mend:
            said.append(f"\n→ {one.mend}", style="bold")
        table.add_row(Text(one.health, style=styles[one.health]), Text(one.check, style=quiet), said)
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(table)
    wrong = sum(one.health in {Health.AWAY, Health.BAD} for one in found)
    console.print(f"{counted(wrong, 'thing')} to mend." if wrong else "Nothing to mend.")
