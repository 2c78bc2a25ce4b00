"""`chargehand memory`: what is believed of the company, a lane or a subject, and all that happened to a subject."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json, print_table

if TYPE_CHECKING:
    from storage.memory import Belief
    from storage.subjects import Moment


About = Annotated[str, typer.Argument(metavar="company|LANE|SUBJECT", help='A subject as "order 1234".')]
Because = Annotated[str, typer.Option("--because", help="Why; it stays on record.")]


def memory(about: About, company: OfCompany = None, json: AsJson = False) -> None:
    """Show what is believed now of the company, a lane or a subject, and a subject's timeline over all lanes."""
    from chargehand.commands.opening import opened
    from engine.remembering import scope_of
    from storage.memory import current
    from storage.subjects import subjects_like, timeline

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        scope = scope_of(about, frozenset(deployed.businesses[chosen].lanes))
        beliefs, moments = current(unit, [scope]), timeline(unit, about) if scope.startswith("subject:") else []
        others = [] if beliefs or moments else subjects_like(unit, about)
    _show(beliefs, moments, others, json=json)


def remember(
    about: About,
    belief: Annotated[str, typer.Argument(metavar="TOPIC=VALUE")],
    person: AsPerson,
    because: Because,
    kind: Annotated[str, typer.Option(help="decision, constraint, preference or observation.")] = "decision",
    days: Annotated[float | None, typer.Option(help="How long it stands; without it until superseded.")] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Write a belief on the memory pad on behalf of a person, in the place of the one on its topic."""
    from chargehand.commands.opening import opened
    from engine.remembering import Voice, believe, scope_of

    topic, _, value = belief.partition("=")
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        scope = scope_of(about, frozenset(deployed.businesses[chosen].lanes))
        believe(unit, scope, topic, value, kind=_kind(kind), days=days, by=Voice(person, because))
    print_json({"scope": scope, "topic": topic}) if json else typer.echo(f"Remembered of {about}: {topic}.")


def heard(
    subject: Annotated[str, typer.Argument(help='The subject, such as "prospect P-17".')],
    what: Annotated[str, typer.Argument(metavar="opted_out|opted_in|corrected")],
    person: AsPerson,
    because: Because,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Put on a subject's timeline what a person has heard of it; every lane of the company reads it."""
    from chargehand.commands.opening import opened
    from engine.remembering import Voice, tell

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        tell(unit, subject, _heard(what), by=Voice(person, because))
    print_json({"subject": subject, "heard": what}) if json else typer.echo(f"{subject}: {what.replace('_', ' ')}.")


def _kind(word: str) -> Any:
    from contracts.vocabulary import BeliefKind

    if word not in set(BeliefKind):
        raise typer.BadParameter(f"{word!r} is no kind: say {', '.join(BeliefKind)}")
    return BeliefKind(word)


def _heard(word: str) -> Any:
    from contracts.vocabulary import Heard

    if word not in set(Heard):
        raise typer.BadParameter(f"{word!r} is not heard of subjects: say {', '.join(Heard)}")
    return Heard(word)


def _show(beliefs: "list[Belief]", moments: "list[Moment]", others: list[str], *, json: bool) -> None:
    if json:
        print_json({"beliefs": [_document(one) for one in beliefs], "timeline": [_moment(one) for one in moments]})
        return
    if beliefs:
        rows = [(b.topic, b.kind, str(b.value), f"{b.confidence:.0%}", b.source, _until(b)) for b in beliefs]
        print_table(("topic", "kind", "value", "sure", "source", "until"), rows)
    if moments:
        print_table(("when (UTC)", "what", ""), [(f"{m.at:%Y-%m-%d %H:%M}", m.what, m.sentence) for m in moments])
    if not beliefs and not moments:
        typer.echo(
            f"Nothing is known of it. Subjects like it: {', '.join(others)}." if others else "Nothing is known of it."
        )


def _until(belief: "Belief") -> str:
    return f"{belief.expires_at:%Y-%m-%d %H:%M}" if belief.expires_at else "superseded"


def _document(belief: "Belief") -> dict[str, Any]:
    from engine.pad import as_read

    return as_read(belief)


def _moment(moment: "Moment") -> dict[str, Any]:
    return {"at": moment.at.isoformat(), "what": moment.what, "sentence": moment.sentence}
