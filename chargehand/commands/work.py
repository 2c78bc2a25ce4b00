"""`chargehand request`, `amend`, `cancel`, `tasks`, `find`, `why` and `brief`: the work, from a terminal."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json, print_table, task_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.company import Company
    from contracts.loaded import LoadedLane
    from engine.request_changes import ToChange
    from engine.telling import TaskView
    from engine.whys.page import Why
    from storage.database import Unit


def request(
    lane: str,
    fields: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…")],
    person: AsPerson,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Ask for work on behalf of a person: `request refunds order=1234 amount=42.00 reason="lost" --as anna`."""
    from chargehand.commands.opening import opened
    from engine.intake import AlreadyAsked, Draft, accept
    from escalation.missing import in_vain

    with opened(company) as (deployed, chosen):
        loaded = deployed.businesses[chosen].lanes.get(lane)
        if loaded is None:
            with deployed.database.transaction(chosen) as unit:
                in_vain(unit, person, f"lane {lane}")
            raise typer.BadParameter(
                f"there is no lane {lane!r}; there are {', '.join(deployed.businesses[chosen].lanes)}"
            )
        document = _document(loaded, fields)
        draft = Draft(lane, person, document, {"surface": "terminal"}, f"terminal:{uuid4().hex}", None)
        answer = accept(deployed, chosen, draft)
    sentence = answer.sentence if isinstance(answer, AlreadyAsked) else f"Accepted as T-{answer.task}."
    print_json({"task": f"T-{answer.task}", "sentence": sentence}) if json else typer.echo(sentence)


def _document(loaded: "LoadedLane", fields: list[str], before: "Mapping[str, Any] | None" = None) -> dict[str, Any]:
    """The request that the fields make, on top of what was asked `before`; raises typer.BadParameter."""
    from pydantic import ValidationError

    known = loaded.request_model.model_fields
    given = dict(field.partition("=")[::2] for field in fields)
    wrong = [name for name in given if name not in known]
    if wrong or any("=" not in field for field in fields):
        what = f"there is no field {wrong[0]!r}" if wrong else "write KEY=VALUE"
        raise typer.BadParameter(f"{what}; {loaded.lane.lane} asks for {', '.join(known)}")
    try:
        values = {name: _value(loaded, name, text) for name, text in given.items() if text or not before}
        kept = {name: value for name, value in (before or {}).items() if name not in given}
        return loaded.request_model.model_validate({**kept, **values}, strict=False).model_dump(mode="json")
    except ValidationError as error:
        faults = "; ".join(
            f"{fault['loc'][0] if fault['loc'] else 'request'}: {fault['msg']}" for fault in error.errors()
        )
        raise typer.BadParameter(faults) from error


def _value(loaded: "LoadedLane", name: str, text: str) -> object:
    from contracts import money
    from contracts.money import NotMoney, UnknownCurrency

    kind = loaded.schema.at(f"request.{name}")
    try:
        return money.parse(text, kind.unit) if kind is not None and kind.unit else text
    except UnknownCurrency:
        return text
    except NotMoney as error:
        raise typer.BadParameter(f"{name}: {error}") from error


def amend(
    task: str,
    fields: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE…", help="What to ask for instead; KEY= takes it out.")
    ],
    *,
    person: AsPerson,
    because: Annotated[str | None, typer.Option("--because", help="Why; it stays on record.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Change what a person has asked for, while nothing of it was done: `amend T-1042 amount=30.00 --as anna`."""
    from chargehand.commands.opening import opened
    from engine.request_changes import Wanted, change_request, offer, seen_as
    from escalation.decisions import Outcome, OutcomeKind

    number = task_number(task)
    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            found = offer(deployed, unit, number, person)
        if isinstance(found, Outcome):
            outcome = found
        else:
            document = _document(found.lane, fields, found.request)
            _ask_whether_meant(found, document, yes=yes)
            wanted = Wanted(number, person, "terminal", document, seen_as(found.request), because)
            with deployed.database.transaction(chosen) as unit:
                outcome = change_request(deployed, unit, wanted)
            if outcome.wake:
                deployed.wakeups.wake(chosen, outcome.wake)
            deployed.wakeups.courier()
    print_json({"outcome": outcome.kind, "sentence": outcome.sentence}) if json else typer.echo(outcome.sentence)
    if outcome.kind not in (OutcomeKind.CHANGED_IT, OutcomeKind.CHANGING):
        raise typer.Exit(1)


def _ask_whether_meant(found: "ToChange", document: dict[str, Any], *, yes: bool) -> None:
    """Show what differs and wait for a yes; raises typer.Abort."""
    from engine.request_changes import differences

    told = differences(found.lane, found.request, document)
    if told and not yes:
        typer.echo("\n".join(told), err=True)
        typer.confirm(f"Change {found.task.name} to that?", abort=True, err=True)


def cancel(
    task: str,
    person: AsPerson,
    because: Annotated[str | None, typer.Option("--because", help="Why; it stays on record.")] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """End a task on behalf of its requester, its lane's owner or the last resort; at work, it stops before its next change."""
    from chargehand.commands.opening import opened
    from escalation.cancelling import cancel as end

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            outcome = end(unit, task=task_number(task), person_id=person, reason=because, via="terminal")
        deployed.wakeups.courier()
    print_json({"outcome": outcome.kind, "sentence": outcome.sentence}) if json else typer.echo(outcome.sentence)


def tasks(company: OfCompany = None, limit: int = 20, json: AsJson = False) -> None:
    """List the newest tasks."""
    find("", company=company, limit=limit, json=json)


def find(text: str, company: OfCompany = None, limit: int = 10, json: AsJson = False) -> None:
    """Find tasks: did we already do that?"""
    from chargehand.commands.opening import opened
    from engine.finding import find as look_up

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        found = look_up(unit, text, limit=limit)
    if json:
        print_json([_told(view) for view in found])
    elif found:
        print_table(("task", "state", "what", "asked by"), [(v.name, v.state, v.headline, v.requester) for v in found])
    else:
        typer.echo("Nothing found.")


def _told(view: "TaskView") -> dict[str, Any]:
    return {
        "task": view.name,
        "state": view.state,
        "headline": view.headline,
        "lines": view.lines,
        "requester": view.requester,
    }


def why(
    what: Annotated[str | None, typer.Argument(metavar="WHAT", help="T-1042, T-1042/check, decision 7, …")] = None,
    worker: Annotated[str | None, typer.Option(metavar="LANE/WORKER", help="What a worker is for, instead.")] = None,
    lane: Annotated[str | None, typer.Option(metavar="LANE", help="What a lane serves, instead.")] = None,
    kpi: Annotated[str | None, typer.Option(metavar="KPI", help="What a number shows, and who moves it.")] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Say who authorised a task, decision, effect, blocker, attempt, number or cost, on what grounds, and what proves it."""
    from chargehand.commands.opening import opened

    wanted = {"task": what, "worker": worker, "lane": lane, "kpi": kpi}
    named = [(kind, name) for kind, name in wanted.items() if name is not None]
    if len(named) != 1:
        raise typer.BadParameter("name one thing: a task such as T-1042, or --worker, --lane or --kpi")
    ((kind, name),) = named
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        page = _page(unit, deployed.businesses[chosen].company, kind, name)
    if json:
        rows = {label: list(lines) for label, lines in page.rows}
        print_json(
            {kind: page.name, "request" if kind == "task" else "title": page.headline, "state": page.state} | rows
        )
        return
    _print(page)


def _page(unit: "Unit", company: "Company", kind: str, name: str) -> "Why":
    from engine.serving import why_kpi, why_lane, why_worker
    from engine.whys.asked import explain

    if kind == "task":
        return explain(unit, company, name)
    return {"worker": why_worker, "lane": why_lane, "kpi": why_kpi}[kind](unit, name)


def _print(page: "Why") -> None:
    from rich.console import Console
    from rich.table import Table

    console, table = Console(highlight=False), Table(box=None, show_header=False, pad_edge=False)
    console.print(f"[bold]{page.name}[/bold]  {page.headline}  [dim]{page.state}[/dim]\n", markup=True)
    for label, lines in page.rows:
        table.add_row(label, "\n".join(lines))
    console.print(table, markup=False)


def brief(task: str, company: OfCompany = None, json: AsJson = False) -> None:
    """Print all that a new worker needs to go on with a task, in at most 4 KB."""
    from chargehand.commands.opening import opened
    from engine.brief import brief as told

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        found = told(unit, task_number(task))
    print_json(found.document()) if json else typer.echo(found.text())
