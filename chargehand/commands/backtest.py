"""`chargehand backtest`: what a changed contract would have done with past tasks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, Since, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.loaded import LoadedLane
    from engine.backtest import Changed, Report
    from engine.deployment import Deployment

_MOST_SHOWN = 50


def backtest(
    lane: str,
    contract: Annotated[Path, typer.Option("--contract", metavar="FILE", help="The changed lane.yaml.")],
    since: Since = "30d",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Hold a changed contract against the recorded facts of past tasks: which would have gone another way?"""
    from chargehand.commands.opening import opened
    from engine import backtest as tested

    back = duration(since)
    with opened(company) as (deployed, chosen):
        changed = _loaded(deployed, chosen, lane, contract)
        with deployed.database.transaction(chosen) as unit:
            begin = unit.now - back
            with _progress(tested.how_many(unit, lane, begin), hidden=json) as seen:
                report = tested.backtest(unit, changed, begin, seen=seen)
    print_json(_as_json(report)) if json else typer.echo("\n".join(_told(report, since)))


def duration(written: str) -> timedelta:
    """How far back `--since` looks; raises typer.BadParameter."""
    from pydantic import TypeAdapter, ValidationError

    from contracts.declared import DurationS

    try:
        return timedelta(seconds=TypeAdapter(DurationS).validate_python(written))
    except ValidationError as error:
        raise typer.BadParameter(f"--since {written!r}: write a number and s, m, h or d, such as 30d") from error


def _loaded(deployed: "Deployment", company: str, lane: str, contract: Path) -> "LoadedLane":
    """The lane as it would be with that file in the place of its own; raises BusinessMistakes with its mistakes."""
    from contracts.business import load

    if lane not in deployed.businesses[company].lanes:
        there = ", ".join(deployed.businesses[company].lanes)
        raise typer.BadParameter(f"there is no lane {lane!r}; there are {there}")
    try:
        written = contract.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"--contract {contract}: {error.strerror}") from error
    loaded = load({**deployed.sources[company], f"lanes/{lane}/lane.yaml": written}).lanes
    if lane not in loaded:
        raise typer.BadParameter(f"--contract {contract} is the contract of {', '.join(loaded)}, not of {lane}")
    return loaded[lane]


@contextmanager
def _progress(most: int, *, hidden: bool) -> "Iterator[Callable[[int], None]]":
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar:
        line = bar.add_task("Looking at what was recorded", total=most)
        yield lambda count: bar.advance(line, count)


def _told(report: "Report", since: str) -> Iterator[str]:
    """The totals first: they decide; then the tasks, newest last."""
    from engine.backtest import Way

    if not report.looked:
        yield f"Nothing was recorded in the last {since}."
        return
    yield f"{_count(report.looked, 'judgement')} of the last {since}: {len(report.changed)} would have gone another way."
    yield ", ".join(f"{report.more(way):+d} {_NAMES[way]}" for way in Way if _NAMES[way] in _ALWAYS or report.more(way))
    not_tried = (
        (report.erased, "of erased facts"),
        (report.homeless, "at steps that it does not have"),
        (report.unprobed, "where it reads of the world what nobody looked up"),
    )
    for number, why in not_tried:
        if number:
            yield f"Not tried: {_count(number, 'judgement')} {why}."
    for changed in report.changed[:_MOST_SHOWN]:
        yield ""
        yield from _one(changed)
    if len(report.changed) > _MOST_SHOWN:
        yield f"\n… and {len(report.changed) - _MOST_SHOWN} more: --json has them all."


_NAMES: Mapping[str, str] = {
    "goes on": "that go on by themselves",
    "asks a human": "approvals",
    "stops": "refusals",
    "leaves it out": "left out",
    "lets a peer take over": "peers that may take over",
    "rules a peer out": "peers ruled out",
}


_ALWAYS = ("that go on by themselves", "approvals", "refusals")
"""What is counted even where nothing changed."""


def _one(changed: "Changed") -> Iterator[str]:
    yield f"T-{changed.task} at {changed.step}: {changed.before.way} → {changed.after.way}"
    yield f"  was      {_why(changed.before.rules, changed.before.because)}"
    yield f"  would be {_why(changed.after.rules, changed.after.because)}"


def _why(rules: tuple[str, ...], because: str) -> str:
    return ": ".join(part for part in (", ".join(rules), because) if part) or "no rule applied"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _as_json(report: "Report") -> dict[str, Any]:
    from dataclasses import asdict

    from engine.backtest import Way

    return {
        "looked": report.looked,
        "erased": report.erased,
        "homeless": report.homeless,
        "unprobed": report.unprobed,
        "more": {str(way): report.more(way) for way in Way},
        "ways": [{"before": before, "after": after, "count": count} for (before, after), count in report.ways.items()],
        "changed": [asdict(one) for one in report.changed],
    }
