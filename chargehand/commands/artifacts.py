"""`chargehand artifacts`: one artifact's content, or whether all of them are as they were saved."""

import sys
from typing import Annotated

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json


def artifacts(
    digest: Annotated[str | None, typer.Argument(help="The sha256 of one, to write its content to stdout.")] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Hold every artifact against its sha256: exit status 1 when one is gone or has changed; or write one out."""
    from chargehand.commands.opening import opened
    from storage.artifacts import content_of, wrong_with

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        if digest is not None:
            sys.stdout.buffer.write(content_of(unit, deployed.store, digest))
            return
        wrong = wrong_with(unit, deployed.store)
    print_json({"wrong": wrong}) if json else typer.echo("\n".join(wrong) or "Every artifact is as it was saved.")
    raise typer.Exit(1 if wrong else 0)
