"""`chargehand approvals`: what deciding costs people, where it may not need them, and what would change that."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, Since, print_json, print_table

if TYPE_CHECKING:
    from engine.drafting import Proposed
    from engine.scorecard.review_load import Load

_TITLES = ("lane", "edge", "decided", "rejected", "changed", "sent back", "unanswered", "median", "waited")


def approvals(
    since: Since = "30d",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Measure each approval edge, name rubber stamps and late catches, and try a drafted change on the past."""
    from chargehand.commands.backtest import duration
    from chargehand.commands.opening import opened
    from engine.drafting import proposals
    from engine.scorecard.review_load import loads

    back = duration(since)
    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        begin = unit.now - back
        found = loads(unit, list(deployed.businesses[chosen].lanes), begin)
        proposed = {(one.lane, one.edge): list(proposals(deployed, unit, one, begin)) for one in found}
    if json:
        print_json([_as_json(one, proposed[one.lane, one.edge]) for one in found])
    elif not found:
        typer.echo(f"Nobody decided anything in the last {since}.")
    else:
        print_table(_TITLES, [_row(one) for one in found])
        for one in found:
            for line in _told(one, proposed[one.lane, one.edge]):
                typer.echo(line)


def _row(load: "Load") -> tuple[str, ...]:
    median = "–" if load.median_s is None else f"{load.median_s:.0f} s"
    rejected = f"{len(load.rejected)} ({load.rejected_share:.0%})"
    counts = (str(load.changed), str(load.sent_back), str(load.unanswered))
    return (load.lane, load.edge, str(load.decided), rejected, *counts, median, f"{load.waited_h:.1f} h")


def _told(load: "Load", proposed: "list[Proposed]") -> Iterator[str]:
    import yaml

    for one in proposed:
        yield f"\n{load.lane} › {load.edge}: {one.finding}"
        if one.draft is not None:
            yield f"  {one.draft.sentence}"
            written = yaml.safe_dump(dict(one.draft.part), allow_unicode=True, sort_keys=False, width=100)
            yield from (f"    {line}" for line in written.splitlines())
        yield f"  {_came_of(one)}"


def _came_of(one: "Proposed") -> str:
    from engine.backtest import Way

    if one.report is None:
        return one.trouble
    report = one.report
    return (
        f"Tried on {report.looked} judgements: {len(report.changed)} would have gone another way "
        f"({report.more(Way.ASKS):+d} approvals, {report.more(Way.STOPS):+d} refusals)."
    )


def _as_json(load: "Load", proposed: "list[Proposed]") -> dict[str, Any]:
    from dataclasses import asdict

    told = {name: value for name, value in asdict(load).items() if name != "reasons"}
    reasons = [{"reason": reason, "tasks": tasks} for reason, tasks in load.reasons]
    drafts = [
        {"finding": one.finding, "draft": one.draft and one.draft.part, "came_of_it": _came_of(one)} for one in proposed
    ]
    return {**told, "reasons": reasons, "rubber_stamp": load.is_rubber_stamp, "proposed": drafts}
