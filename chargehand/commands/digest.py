"""`chargehand digest`: a portfolio's week, printed, opened in the browser, or mailed to its manager now."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.company import Portfolio
    from contracts.loaded import Business
    from engine.deployment import Deployment
    from engine.scorecard.figures import Digest
    from storage.database import Unit

BY_HAND = "terminal"


def digest(
    portfolio: Annotated[
        str | None, typer.Option("--portfolio", metavar="ID", help="This one; else all at work.")
    ] = None,
    week: Annotated[
        str | None, typer.Option("--week", metavar="2026-W47", help="That week; else this one, so far.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Write it as HTML and open it in the browser.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Mail exactly this to the managers, beside the weekly one.")
    ] = False,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Print a portfolio's weekly digest: numbers, lanes, people, cost, and what needs its manager."""
    from chargehand.commands.opening import opened
    from engine.scorecard.figures import DOCUMENT

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            made = _contents(unit, deployed.businesses[chosen], portfolio, week)
            readers = [_send(unit, one) for one in made] if send else []
        deployed.wakeups.courier() if send else None
        pages = [_write(deployed, one) for one in made] if show else []
    if json:
        print_json([DOCUMENT.dump_python(one, mode="json") for one in made])
    else:
        typer.echo("\n\n".join(_text(one) for one in made), nl=False)
    for reader in readers:
        typer.echo(f"The courier takes it to {reader}.", err=True)
    for page in pages:
        typer.echo(page, err=True)
        typer.launch(page.as_uri())


def _contents(unit: "Unit", business: "Business", portfolio: str | None, week: str | None) -> list["Digest"]:
    """Of one portfolio, or of all that have something to tell of; raises NoSuchPortfolio and NotAWeek."""
    from engine.scorecard.digests import content_of, portfolio_named, portfolios_at_work
    from engine.scorecard.weeks import week_named, week_of

    company = business.company
    wanted: tuple[Portfolio, ...] = (
        (portfolio_named(company, portfolio),) if portfolio else portfolios_at_work(business)
    )
    zone = company.timezone
    told = week_of(unit.now, zone) if week is None else week_named(week, unit.now, zone)
    return [content_of(unit, business, one, told) for one in wanted]


def _send(unit: "Unit", content: "Digest") -> str:
    """Put it into the outbox; the name and address of its reader."""
    from engine.scorecard.digests import send_now
    from storage.directory import person

    send_now(unit, content, by=BY_HAND)
    reader = person(unit, content.scope.manager)
    return f"{reader.name} ({reader.email})" if reader else content.scope.manager


def _text(content: "Digest") -> str:
    from notifications.mail.digest import digest_page
    from notifications.mail.looks import as_text

    return as_text(digest_page(content))


def _write(deployed: "Deployment", content: "Digest") -> "Path":
    """The page as a file in the home folder, in the place of an earlier one of that week."""
    from notifications.mail.digest import digest_page
    from notifications.mail.looks import as_html

    scope = content.scope
    folder = deployed.home.absolute() / "digests"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    page = folder / f"{scope.portfolio}-{scope.week}.html"
    page.write_text(as_html(digest_page(content)), encoding="utf-8")
    return page
