"""`chargehand erase` and `chargehand reconcile`: what is done to the record itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json

if TYPE_CHECKING:
    from engine.reconciling import Report

Because = Annotated[str, typer.Option("--because", help="Why; it stays on record.")]


def erase(
    what: Annotated[str, typer.Argument(metavar="TASK|SUBJECT|PERSON", help='T-1042, "order 1234", or a person.')],
    person: AsPerson,
    because: Because,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Erase what is personal of ended tasks for good: fields, facts, letters, artifacts, and the trail's content."""
    from chargehand.commands.opening import opened
    from engine.erasing import erase as take_out

    with opened(company) as (deployed, chosen):
        found = take_out(deployed, chosen, what, by=person, because=because)
    told = {"tasks": found.tasks, "rows": found.rows, "entries": found.entries, "artifacts": found.artifacts}
    sentence = (
        f"Erased of {', '.join(found.tasks) or what}: {found.rows} rows, {found.entries} entries of the trail, "
        f"{found.artifacts} artifacts. What Slack and mailboxes have got is not ours to erase."
    )
    print_json(told) if json else typer.echo(sentence)


def reconcile(
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Who does it; else it only looks.")
    ] = None,
    because: Because = "",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """After restoring a backup: tell what the world shows and the record does not know, and have tasks look first."""
    from chargehand.commands.opening import opened
    from chargehand.composition import systems
    from chargehand.heads import lost_until, set_aside, was_restored
    from engine.reconciling import reconcile as settle
    from engine.reconciling import report

    with opened(company) as (deployed, chosen):
        tools = systems(deployed)[chosen]
        if person is None:
            found = report(deployed, chosen, tools)
        else:
            with deployed.database.transaction(chosen) as unit:
                until = lost_until(deployed.home, unit)
            found = settle(deployed, chosen, tools, by=person, because=because, lost_until=until)
            with deployed.database.transaction(chosen) as unit:
                restored, stamp = was_restored(deployed.home, unit), unit.now.strftime("%Y%m%dT%H%M%S")
            if restored:
                set_aside(deployed.home, chosen, stamp=stamp)
    _tell(found, done=person is not None, json=json)


def _tell(found: "Report", *, done: bool, json: bool) -> None:
    if json:
        surplus = [{"effect": one.tool, "key": one.key, "known": one.known} for one in found.surplus]
        lists = {name: list(getattr(found, name)) for name in ("open", "unlisted", "silent", "tasks")}
        told = {"reasons": dict(found.reasons), "letters": found.letters, "reconciled": done}
        print_json({"surplus": surplus, **lists, **told})
        return
    lines = [f"{one.tool} {one.key}: {one.known}." for one in found.surplus]
    lines += [f"{key} is open: it is looked at before anything is repeated." for key in found.open]
    lines += [f"{name} could not be listed: {found.reasons[name]} Ask again." for name in found.silent]
    lines += [f"{name} can't list what it did: compare by hand." for name in found.unlisted]
    if found.letters:
        lines.append(
            f"{found.letters} messages may have gone out: they are looked for in Slack, and no mail is sent twice."
        )
    waiting = ", ".join(found.tasks) or "none"
    lines += [
        f"Look first from now on: {waiting}." if done else f"Under way: {waiting}. Nothing was changed: say --as."
    ]
    typer.echo("\n".join(lines))
