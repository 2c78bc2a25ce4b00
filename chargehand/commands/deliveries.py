"""`chargehand deliveries`: what came in and has led to nothing yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json, print_table

if TYPE_CHECKING:
    from storage.deliveries import Unhandled


def deliveries(
    retry: Annotated[str | None, typer.Option("--retry", metavar="KEY", help="Look at this one again, now.")] = None,
    company: OfCompany = None,
    limit: int = 20,
    json: AsJson = False,
) -> None:
    """List what came in and has led to nothing yet, oldest first; or have one of it looked at again."""
    from chargehand.commands.opening import opened
    from storage.deliveries import look_again, unhandled

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        if retry is not None and not look_again(unit, retry):
            raise typer.BadParameter(f"--retry {retry}: there is no such delivery, or it has been dealt with")
        found = unhandled(unit, limit=limit)
    if json:
        print_json([{**_told(one), "key": one.key} for one in found])
    elif found:
        print_table(("came in", "by", "what", "tries", "next look", "key"), [_cells(one) for one in found])
    else:
        typer.echo("Everything that came in has been dealt with.")


def _told(one: "Unhandled") -> dict[str, object]:
    return {name: getattr(one, name) for name in ("received_at", "source", "kind", "tries", "due_at")}


def _cells(one: "Unhandled") -> tuple[str, ...]:
    due = f"{one.due_at:%H:%M:%S}" if one.due_at else "left"
    return f"{one.received_at:%d %b %H:%M}", one.source, one.kind, str(one.tries), due, one.key
