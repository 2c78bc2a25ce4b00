"""`chargehand check`: says what is wrong in the files of a business before anything runs on them."""

import json as json_text
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from contracts.business import Business, BusinessMistakes, Mistake

Folders = Annotated[
    list[Path] | None, typer.Argument(help="Folders that declare companies; else those of CHARGEHAND_BUSINESS.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")]
BlastRadius = Annotated[bool, typer.Option("--blast-radius", help="Tell, per worker, the most damage that it can do.")]
Explain = Annotated[
    str | None, typer.Option("--explain", metavar="LANE", help="Tell what holds for a lane, and which line says so.")
]
Strategy = Annotated[bool, typer.Option("--strategy", help="Walk from the strategy down to who moves each number.")]


def check(
    folders: Folders = None,
    json: AsJson = False,
    strict: Strict = False,
    blast_radius: BlastRadius = False,
    explain: Explain = None,
    strategy: Strategy = False,
) -> None:
    """Check the business's files: exit status 0 when there is nothing to mend, else 1."""
    from contracts.business import Business

    chosen = folders or _configured()
    outcomes = [_outcome(folder) for folder in chosen]
    good = [outcome for outcome in outcomes if isinstance(outcome, Business)]
    if explain is not None:
        _known_lane(good, explain)
    if json:
        found = zip(chosen, outcomes, strict=True)
        told = [
            _as_json(*one) | _report_as_json(one[1], blast_radius=blast_radius, lane=explain, strategy=strategy)
            for one in found
        ]
        typer.echo(json_text.dumps(told, indent=2))
    else:
        _tell(chosen, outcomes)
        _report(good, blast_radius=blast_radius, lane=explain, strategy=strategy)
    if len(good) < len(outcomes) or (strict and any(_warnings(business) for business in good)):
        raise typer.Exit(1)


def _configured() -> Sequence[Path]:
    from chargehand.settings import Settings

    return Settings.load().business_folders


def _outcome(folder: Path) -> "Business | BusinessMistakes":
    from chargehand.business_files import load_folder
    from contracts.business import BusinessMistakes

    try:
        with _outlived():
            return load_folder(folder)
    except BusinessMistakes as mistakes:
        return mistakes


@contextmanager
def _outlived() -> Iterator[None]:
    """Code that would end this process while it is loaded, silently and with any status, fails there instead."""

    def refused(status: int) -> NoReturn:
        raise SystemExit(f"it would end whoever loads it, with status {status}")

    ending = os._exit
    os._exit = refused
    try:
        yield
    finally:
        os._exit = ending


def _known_lane(good: "Sequence[Business]", lane: str) -> None:
    from contracts.mistakes import suggestion

    known = [name for business in good for name in business.lanes]
    if good and lane not in known:
        raise typer.BadParameter(f"There is no lane {lane}. {suggestion(lane, known) or ''}".strip())


def _tell(folders: Sequence[Path], outcomes: "Sequence[Business | BusinessMistakes]") -> None:
    from rich.console import Console

    from chargehand.business_files import lanes_in
    from chargehand.business_report import business_told, mistakes_told
    from contracts.business import Business

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for folder, outcome in zip(folders, outcomes, strict=True):
        if len(folders) > 1:
            console.print(str(folder), style="underline")
        if isinstance(outcome, Business):
            told = business_told(outcome, _warnings(outcome))
        else:
            told = mistakes_told(outcome.mistakes, lanes_in(folder))
        for line in told:
            console.print(line)


def _report(good: "Sequence[Business]", *, blast_radius: bool, lane: str | None, strategy: bool) -> None:
    from contracts.damage import damage
    from contracts.explained import explained
    from contracts.strategy import strategy_of

    for business in good:
        if blast_radius:
            typer.echo("".join(f"\n{one}\n" for one in damage(business)), nl=False)
        if strategy:
            typer.echo("\n" + "\n".join(map(str, strategy_of(business))))
        if lane in business.lanes:
            typer.echo(f"\n{explained(business, str(lane))}")


def _warnings(business: "Business") -> "Sequence[Mistake]":
    from contracts.lint import warnings

    return warnings(business)


def _as_json(folder: Path, outcome: "Business | BusinessMistakes") -> dict[str, object]:
    from chargehand.business_report import mistakes_as_json
    from contracts.business import Business

    if isinstance(outcome, Business):
        lanes = {name: {"hash": lane.hash, "code_hash": lane.code_hash} for name, lane in outcome.lanes.items()}
        good = {"company": outcome.company.company, "hash": outcome.hash, "lanes": lanes}
        warned = mistakes_as_json(_warnings(outcome))
        return {"folder": str(folder), "good": True, **good, "mistakes": [], "warnings": warned}
    return {"folder": str(folder), "good": False, "mistakes": mistakes_as_json(outcome.mistakes)}


def _report_as_json(
    outcome: "Business | BusinessMistakes", *, blast_radius: bool, lane: str | None, strategy: bool
) -> dict[str, object]:
    from dataclasses import asdict

    from contracts.business import Business
    from contracts.damage import damage
    from contracts.explained import explained
    from contracts.strategy import strategy_of

    if not isinstance(outcome, Business):
        return {}
    told: dict[str, object] = {"blast_radius": [asdict(one) for one in damage(outcome)]} if blast_radius else {}
    told |= {"strategy": [asdict(node) for node in strategy_of(outcome)]} if strategy else {}
    return told | ({"explained": asdict(explained(outcome, str(lane)))} if lane in outcome.lanes else {})
