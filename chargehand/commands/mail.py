"""`chargehand quarantine`: the letters that a person has to look at."""

from typing import Annotated

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json, print_table


def quarantine(
    letter: Annotated[str | None, typer.Argument(help="Print this letter as it came.")] = None,
    company: OfCompany = None,
    limit: int = 20,
    json: AsJson = False,
) -> None:
    """List letters that nobody could read or whose sender is not proven, with the reason; or print one, raw."""
    from chargehand.commands.opening import opened
    from gateway.mail.quarantine import raw_of, set_aside

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        if letter is not None:
            typer.get_binary_stream("stdout").write(raw_of(unit, letter))
            return
        found = set_aside(unit, limit=limit)
    if json:
        told = [
            {"letter": one.name, "received": one.received_at, "from": one.mail_from, "to": one.rcpt_to} for one in found
        ]
        print_json([{**line, "why": one.why} for line, one in zip(told, found, strict=True)])
    elif found:
        rows = [(one.name, f"{one.received_at:%d %b %H:%M}", _shown(one.mail_from), one.why) for one in found]
        print_table(("letter", "received", "from (not proven)", "why"), rows)
    else:
        typer.echo("No letter is in quarantine.")


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:80] or "<>"
