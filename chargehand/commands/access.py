"""`chargehand token` and `chargehand page`: a token with which a program acts for a person, a link that signs one in."""

from typing import Annotated

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json


def token(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who it acts for: a person's id in company.yaml.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it is good.")] = 90,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Print a bearer token for the HTTP API, with which a program acts for a person."""
    from chargehand.commands.opening import opened
    from chargehand.settings import Settings
    from gateway.api.tokens import make
    from storage.directory import person as somebody

    secret = Settings.load().secret.get_secret_value()
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        who = somebody(unit, person)
        if who is None or not who.active:
            raise typer.BadParameter(f"nobody who is active here is called {person!r}")
        made = make(unit, secret, person=who.id, days=days)
    print_json({"token": made, "person": person, "days": days}) if json else typer.echo(made)


def page(
    person: AsPerson,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Print a link that signs a person in on the page, once, within 15 minutes."""
    from chargehand.commands.opening import opened
    from chargehand.settings import Settings
    from gateway.pages.signing_in import make_link
    from notifications.page_address import Link, PageAddress
    from storage.directory import person as somebody

    settings = Settings.load()
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        who = somebody(unit, person)
        if who is None or not who.active:
            raise typer.BadParameter(f"nobody who is active here is called {person!r}")
        link = make_link(unit, who, via="terminal", by="terminal")
    address = PageAddress(settings.url.rstrip("/"), settings.secret.get_secret_value())
    made = address.sign_in(Link(chosen, link))
    print_json({"link": made, "person": person}) if json else typer.echo(made)
