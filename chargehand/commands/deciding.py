"""`chargehand decide`: every answer to a decision, from a terminal."""

from typing import Annotated

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json

_ANSWERS = "approve|change|reject|revise|ask|hand-over|snooze"


def decide(
    decision: int,
    answer: Annotated[str, typer.Argument(metavar=_ANSWERS)],
    changes: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE…]", help="What to change.")] = None,
    *,
    person: AsPerson,
    because: Annotated[str | None, typer.Option("--because", help="The reason, or the question to ask back.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Who decides instead: a name, an id or an address.")] = None,
    pause: Annotated[str | None, typer.Option("--for", help="How long to snooze, such as 30m or 2h.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Break the glass: decide on your own request.")] = False,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Answer a decision on behalf of a person: `decide 12 change amount=300.00 --because "the rest later" --as mei`."""
    from chargehand.commands.opening import opened
    from contracts.vocabulary import Answer
    from engine.answering import Spoken
    from engine.answering import answer as take

    word = answer.replace("-", "_")
    if word not in set(Answer):
        raise typer.BadParameter(f"{answer!r} is no answer: say {_ANSWERS.replace('|', ', ')}")
    _complete(answer, changes or [], because, to, pause)
    given = {name: value for name, _, value in (one.partition("=") for one in changes or [])}
    spoken = Spoken(
        decision, person, Answer(word), "terminal", because, None, given, to, for_s=_seconds(pause), own=own
    )
    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            outcome = take(deployed, unit, spoken)
        if outcome.wake:
            deployed.wakeups.wake(chosen, outcome.wake)
        deployed.wakeups.courier()
    print_json({"outcome": outcome.kind, "sentence": outcome.sentence}) if json else typer.echo(outcome.sentence)


def _complete(answer: str, changes: list[str], because: str | None, to: str | None, pause: str | None) -> None:
    """Each answer with all that it needs; raises typer.BadParameter that names what is missing."""
    if answer in ("reject", "revise", "ask") and not because:
        raise typer.BadParameter(f"{answer} needs --because")
    if answer == "change" and not changes:
        raise typer.BadParameter("change needs what to change, such as amount=300.00")
    if any("=" not in one for one in changes) or (changes and answer != "change"):
        raise typer.BadParameter("write changes as NAME=VALUE, and only with change")
    if answer in ("hand-over", "hand_over") and not to:
        raise typer.BadParameter(f"{answer} needs --to somebody")
    if answer == "snooze" and not pause:
        raise typer.BadParameter("snooze needs --for, such as 2h")


def _seconds(pause: str | None) -> int | None:
    from pydantic import TypeAdapter, ValidationError

    from contracts.declared import DurationS

    try:
        return TypeAdapter(DurationS).validate_python(pause) if pause is not None else None
    except ValidationError as error:
        raise typer.BadParameter("write a duration as a number and s, m, h or d, such as 2h") from error


def minutes(
    decision: int,
    really: Annotated[str, typer.Argument(metavar="TIME", help="What it really took, such as 90s or 3m.")],
    person: AsPerson,
    because: Annotated[str, typer.Option("--because", help="Why; it stays on record.")],
    company: OfCompany = None,
) -> None:
    """Correct how long you took over a decision: `minutes 12 3m --because "I had it printed" --as mei`."""
    from chargehand.commands.opening import opened
    from escalation.attention import Correction, NotCorrected, correct

    seconds = _seconds(really) or 0
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        try:
            before = correct(unit, Correction(decision, person, seconds, because), by=person)
        except NotCorrected as error:
            raise typer.BadParameter(str(error)) from error
    typer.echo(f"Corrected: {seconds} s in place of {before} s.")


def away(
    person: AsPerson,
    until: Annotated[str, typer.Option("--until", help="The first day you are back, such as 2026-12-07.")],
    to: Annotated[str | None, typer.Option("--to", help="Who decides in your place; else your manager.")] = None,
    company: OfCompany = None,
) -> None:
    """Say that somebody is away: `away --until 2026-12-07 --to mei --as priya`."""
    from chargehand.commands.opening import opened
    from engine.going_away import going_away
    from escalation.absences import NotAway

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            try:
                sentence = going_away(unit, person, until=until, to=to, by=f"person:{person}")
            except NotAway as error:
                raise typer.BadParameter(str(error)) from error
        deployed.wakeups.courier()
    typer.echo(sentence)


def back(person: AsPerson, company: OfCompany = None) -> None:
    """Say that somebody is back: `back --as priya`."""
    from chargehand.commands.opening import opened
    from escalation.absences import come_back

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        ended = come_back(unit, person, by=f"person:{person}")
    typer.echo("Welcome back." if ended else "You were not away.")
