"""`chargehand check`: says what is wrong in the files of a business before anything runs on them."""

import json as json_text
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contracts.business import Business, BusinessMistakes

Folders = Annotated[
    list[Path] | None, typer.Argument(help="Folders that declare companies; else those of CHARGEHAND_BUSINESS.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


def check(folders: Folders = None, json: AsJson = False) -> None:
    """Check the business's files: exit status 0 when there is nothing to mend, else 1."""
    chosen = folders or _configured()
    outcomes = [_outcome(folder) for folder in chosen]
    if json:
        typer.echo(json_text.dumps([_as_json(*found) for found in zip(chosen, outcomes, strict=True)], indent=2))
    else:
        _tell(chosen, outcomes)
    if any(isinstance(outcome, Exception) for outcome in outcomes):
        raise typer.Exit(1)


def _configured() -> Sequence[Path]:
    from chargehand.settings import Settings

    return Settings.load().business_folders


def _outcome(folder: Path) -> "Business | BusinessMistakes":
    from chargehand.business_files import load_folder
    from contracts.business import BusinessMistakes

    try:
        return load_folder(folder)
    except BusinessMistakes as mistakes:
        return mistakes


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
            console.print(business_told(outcome))
            continue
        for line in mistakes_told(outcome.mistakes, lanes_in(folder)):
            console.print(line)


def _as_json(folder: Path, outcome: "Business | BusinessMistakes") -> dict[str, object]:
    from chargehand.business_report import mistakes_as_json
    from contracts.business import Business

    if isinstance(outcome, Business):
        lanes = {name: {"hash": lane.hash, "code_hash": lane.code_hash} for name, lane in outcome.lanes.items()}
        good = {"company": outcome.company.company, "hash": outcome.hash, "lanes": lanes}
        return {"folder": str(folder), "good": True, **good, "mistakes": []}
    return {"folder": str(folder), "good": False, "mistakes": mistakes_as_json(outcome.mistakes)}
