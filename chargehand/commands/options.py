"""Options that several commands share, and how they print."""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of sentences.")]
AsPerson = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts: a person's id in company.yaml.")]
Since = Annotated[str, typer.Option("--since", metavar="DURATION", help="How far back, such as 12h or 30d.")]
OfCompany = Annotated[str | None, typer.Option("--company", help="Which company; the only one unless given.")]


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False).print(table)


def task_number(name: str) -> int:
    """The number of "T-1042", "t-1042" or "1042"; raises typer.BadParameter."""
    digits = name.upper().removeprefix("T-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise typer.BadParameter(f"{name!r} is no task: write it like T-1042")
    return int(digits)
