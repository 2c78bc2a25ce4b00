"""`chargehand incidents`: what people said of results that were wrong, and ending it: with its cause, or as a mistake."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json, print_table, task_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.loaded import Business
    from contracts.vocabulary import CauseClass
    from engine.incidents import Heard
    from storage.database import Unit
    from storage.incidents import Incident

incidents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Results that are said to be wrong.")
Cause = Annotated[
    str | None,
    typer.Option("--cause", help="Why: reasoning, rights, stale-facts, missing-approval, contract, tool or data."),
]
Minutes = Annotated[int | None, typer.Option("--minutes", min=0, help="What it took people to put it right.")]


@incidents.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """List what people said of results that is not closed yet, the newest first."""
    from chargehand.commands.opening import opened
    from storage.incidents import newest

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        found = [_told(one) for one in newest(unit, only_open=not everything, limit=200)]
    if json:
        print_json(found)
    elif found:
        titles = ("incident", "task", "worker", "wrong", "by", "since", "state")
        print_table(titles, [tuple(str(row[title]) for title in titles) for row in found])
    else:
        typer.echo("No incident is on record." if everything else "No incident is open.")


def _told(one: "Incident") -> dict[str, Any]:
    from engine.incidents import called

    return {
        "incident": one.number,
        "task": f"T-{one.task}",
        "worker": f"{one.lane}/{one.worker}",
        "wrong": one.sentence,
        "by": one.reported_by,
        "since": f"{one.reported_at:%-d %b %Y %H:%M} UTC",
        "state": _state(one),
        "cause": called(one.cause) if one.cause else None,
        "minutes": None if one.correction_s is None else one.correction_s // 60,
        "recurs": one.recurs,
        "because": one.because,
        "closed_by": one.closed_by,
        "closed_at": one.closed_at,
    }


def _state(one: "Incident") -> str:
    from engine.incidents import ending

    if one.withdrawn:
        return ending(one)
    return f"closed: {ending(one)}" if one.closed_at else "open"


@incidents.command()
def report(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Such as T-1042.")],
    wrong: Annotated[str, typer.Argument(metavar="WORDS", help="What is wrong with its result.")],
    person: AsPerson,
    cause: Cause = None,
    minutes: Minutes = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Say that a result is wrong: `incidents report T-1042 "the wrong customer" --as anna`."""
    from uuid import uuid4

    from engine.incidents import Report
    from engine.incidents import report as say

    delivery = f"terminal:{uuid4().hex}"
    said = Report(task_number(task), person, wrong, "terminal", delivery, _cause(cause), minutes)
    _carry_out(lambda unit, business: say(unit, business, said), company=company, json=json)


@incidents.command()
def close(
    incident: int,
    person: AsPerson,
    cause: Cause = None,
    minutes: Minutes = None,
    because: Annotated[str, typer.Option("--because", help="What else should be known; it stays on record.")] = "",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Close an incident with its cause: `incidents close 7 --cause stale-facts --minutes 12 --as mei`."""
    from engine.incidents import Closing
    from engine.incidents import close as end

    said = Closing(incident, person, "terminal", _cause(cause), minutes, because)
    _carry_out(lambda unit, business: end(unit, business, said), company=company, json=json)


@incidents.command()
def withdraw(
    incident: int,
    person: AsPerson,
    because: Annotated[str, typer.Option("--because", help="Why it was a mistake; it stays on record.")] = "",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Take back what was a mistake: `incidents withdraw 7 --because "I looked at the wrong order" --as anna`."""
    from engine.incidents import Withdrawal
    from engine.incidents import withdraw as take_back

    said = Withdrawal(incident, person, "terminal", because)
    _carry_out(lambda unit, business: take_back(unit, business, said), company=company, json=json)


def _cause(given: str | None) -> "CauseClass | None":
    from contracts.vocabulary import CauseClass
    from engine.incidents import CAUSES

    word = (given or "").replace("-", "_").replace(" ", "_")
    if given is not None and word not in set(CauseClass):
        raise typer.BadParameter(f"{given!r} is no cause: say one of {CAUSES}")
    return CauseClass(word) if given is not None else None


def _carry_out(change: "Callable[[Unit, Business], Heard]", *, company: str | None, json: bool) -> None:
    """Exit status 1 when nothing came of it, with the sentence that says what to do."""
    from chargehand.commands.opening import opened
    from contracts.answers import OutcomeKind

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            heard = change(unit, deployed.businesses[chosen])
        deployed.wakeups.courier()
    good = heard.kind in (OutcomeKind.REPORTED, OutcomeKind.CLOSED, OutcomeKind.WITHDRAWN, OutcomeKind.ALREADY)
    if json:
        print_json({"outcome": heard.kind, "incident": heard.incident, "sentence": heard.sentence})
    else:
        typer.echo(heard.sentence, err=not good)
    if not good:
        raise typer.Exit(1)
