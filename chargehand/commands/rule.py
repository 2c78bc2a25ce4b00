"""`chargehand rule`: tries one rule on some facts, strictly as contracts do or loosely as JSONLogic's own suite does."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargehand.commands.options import AsJson, print_json

if TYPE_CHECKING:
    from contracts.rules import RuleRefused

Written = Annotated[
    str, typer.Argument(metavar="RULE", help="JSONLogic as YAML or JSON; @FILE reads it from a file, - from stdin.")
]
Facts = Annotated[
    str, typer.Argument(metavar="[FACTS]", help="The facts, written likewise; an empty document when left away.")
]
OfProfile = Annotated[
    Literal["contract", "official"],
    typer.Option(
        "--profile", help="contract: typed, nothing is taken for something else; official: JSONLogic's loose meaning."
    ),
]


def rule(written: Written, facts: Facts = "{}", profile: OfProfile = "contract", json: AsJson = False) -> None:
    """Try a rule on facts: what it comes to, and why; exit status 1 when it is wrong or can't be told."""
    from contracts.rules import NotEvaluable, RuleRefused, compile  # noqa: A004 - as its own package calls it

    source, document = _read(written, "RULE"), _read(facts, "FACTS")
    try:
        compiled = compile(source, profile)
        value = compiled(document)
        why = compiled.explain(document).sentence if profile == "contract" else None
    except RuleRefused as refused:
        _refuse(refused, json=json)
    except NotEvaluable as error:
        _fail(f"It can't be told: {error}.", {"value": None, "why": None, "failed": str(error)}, json=json)
    else:
        print_json({"value": value, "why": why}) if json else typer.echo(_told(value, why))


def _read(words: str, what: str) -> object:
    """Raises typer.BadParameter for a file that is not there, and BusinessMistakes for what is no YAML."""
    from contracts.loading.pages import read_page

    name, raw = what, words.encode()
    if words == "-":
        raw = typer.get_binary_stream("stdin").read()
    elif words.startswith("@"):
        name = words[1:]
        try:
            raw = Path(name).read_bytes()
        except OSError as error:
            raise typer.BadParameter(f"{name} can't be read: {error.strerror}") from error
    return read_page(name, raw).data


def _told(value: object, why: str | None) -> str:
    shown = {True: "holds", False: "does not hold"}.get(value) if isinstance(value, bool) and why is not None else None
    result = shown or json_text.dumps(value, ensure_ascii=False)
    return f"{result}: {why}" if why else result


def _refuse(refused: "RuleRefused", *, json: bool) -> None:
    told = [
        {"at": "/".join(str(part) for part in one.pointer), "message": one.message, "hint": one.hint}
        for one in refused.mistakes
    ]
    lines = [
        f"{one['at'] or 'the rule'}: {mistake.sentence}" for one, mistake in zip(told, refused.mistakes, strict=True)
    ]
    _fail("\n".join(lines), {"mistakes": told}, json=json)


def _fail(sentence: str, document: dict[str, object], *, json: bool) -> None:
    print_json(document) if json else typer.echo(sentence, err=True)
    raise typer.Exit(1)
