"""`chargehand workers`, `pause`, `resume`, `narrow` and `retire`: who gets work, and who does not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json, print_table

if TYPE_CHECKING:
    from contracts.vocabulary import Standing
    from engine.deployment import Deployment
    from engine.register import Changed
    from engine.roster import Listed

Because = Annotated[str, typer.Option("--because", help="Why; it stays on record and whoever waits reads it.")]
What = Annotated[
    str, typer.Argument(metavar="WHAT", help="LANE, LANE/WORKER, T-1042, portfolio:NAME, workspace:NAME or company.")
]
Worker = Annotated[str, typer.Argument(metavar="LANE/WORKER")]


def workers(
    score: Annotated[
        bool, typer.Option("--score", help="What they came to: successes, cost with people's time, fitness.")
    ] = False,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="With --score: over the tasks that ended in so many days.")
    ] = 30,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """List the workers: standing, version, job, who answers for it, its number, and its attempts of the last week."""
    from chargehand.commands.opening import opened
    from chargehand.commands.scores import show
    from engine.roster import roster

    if score:
        show(days=days, company=company, json=json)
        return

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        listed = list(roster(unit, deployed.businesses[chosen]))
    if json:
        print_json([_told(one) for one in listed])
        return
    print_table(("worker", "standing", "version", "answers", "7 days"), [_row(one) for one in listed])


def _row(one: "Listed") -> tuple[str, ...]:
    """What fits on a line of 80 characters; the rest is in --json."""
    tried = f"{one.tried}, {one.failed} failed" if one.failed else str(one.tried or "–")
    return (f"{one.lane}/{one.worker}", one.stand.words, one.version[:_SHORT_VERSION], one.accountable, tried)


_SHORT_VERSION = 10


def _told(one: "Listed") -> dict[str, Any]:
    failed = f", {one.failed} failed" if one.failed else ""
    return {
        "worker": f"{one.lane}/{one.worker}",
        "standing": one.stand.words,
        "because": one.stand.because or None,
        "by": one.stand.by.removeprefix("person:") or None,
        "since": one.since,
        "version": one.version,
        "job": one.job,
        "tier": one.tier,
        "accountable": one.accountable,
        "kpi": one.kpi,
        "attempts": f"{one.tried} in 7 days{failed}" if one.tried else None,
        "tried": one.tried,
        "failed": one.failed,
        "last": one.last,
    }


def pause(what: What, person: AsPerson, because: Because, company: OfCompany = None, json: AsJson = False) -> None:
    """Give a lane, a worker, a task, or all of a portfolio, workspace or company no work until it is resumed."""
    from contracts.vocabulary import Standing

    _change(what, Standing.PAUSED, person, because, company=company, json=json)


def resume(
    what: What,
    person: AsPerson,
    because: Because = "it can go on",
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Give it work again; what waited for it goes on by itself."""
    from contracts.vocabulary import Standing

    _change(what, Standing.ACTIVE, person, because, company=company, json=json)


def retire(worker: Worker, person: AsPerson, because: Because, company: OfCompany = None, json: AsJson = False) -> None:
    """Give a worker no work any more; its peer takes over, or its tasks wait for whoever answers for it."""
    from contracts.vocabulary import Standing

    _change(worker, Standing.RETIRED, person, because, company=company, json=json)


def narrow(
    worker: Worker,
    person: AsPerson,
    because: Because,
    tier: Annotated[int | None, typer.Option(min=1, max=4, help="The most that it may change from now on.")] = None,
    share: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="How many per cent of its tasks it keeps; its peer takes the rest."),
    ] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Leave a worker a lower tier, or a share of its tasks."""
    from contracts.vocabulary import Standing

    limits = {"tier": tier, "share": share}
    _change(worker, Standing.NARROWED, person, because, company=company, json=json, **limits)


def _change(
    what: str, standing: "Standing", person: str, because: str, *, company: str | None, json: bool, **limits: int | None
) -> None:
    from chargehand.commands.opening import opened
    from contracts.units import NoSuchUnit
    from engine.register import NotEntitled, Wish, change, refused
    from escalation.missing import in_vain
    from storage.tasks import TaskNotFound

    wish = Wish(what, standing, person, because, **limits)
    with opened(company) as (deployed, chosen):
        business = deployed.businesses[chosen]
        try:
            with deployed.database.transaction(chosen) as unit:
                changed = change(unit, business, wish)
        except (NoSuchUnit, TaskNotFound):
            with deployed.database.transaction(chosen) as unit:
                in_vain(unit, person, what)
            raise
        except NotEntitled:
            with deployed.database.transaction(chosen) as unit:
                refused(unit, business, wish)
            raise
        told(deployed, chosen, changed, json=json)


def told(deployed: "Deployment", company: str, changed: "Changed", *, json: bool) -> None:
    """Wake whoever has work now, and say what has changed."""
    for runtime in changed.wake:
        deployed.wakeups.wake(company, runtime)
    deployed.wakeups.courier()
    said = {"unit": changed.stand.unit, "standing": changed.stand.standing, "sentence": changed.sentence}
    print_json(said) if json else typer.echo(changed.sentence)


def stage(
    lane: str, number: int, person: AsPerson, because: Because, company: OfCompany = None, json: AsJson = False
) -> None:
    """Put a lane at a stage, up to the one that its file declares: `stage refunds 2 --as ruth --because "too many"`."""
    from chargehand.commands.opening import opened
    from engine.register import NotEntitled
    from engine.staging import change, refused

    with opened(company) as (deployed, chosen):
        business = deployed.businesses[chosen]
        try:
            with deployed.database.transaction(chosen) as unit:
                staged = change(unit, business, lane=lane, stage=number, by=person, because=because)
        except NotEntitled:
            with deployed.database.transaction(chosen) as unit:
                refused(unit, business, lane=lane, stage=number, by=person)
            raise
    print_json({"stage": staged.stage, "sentence": staged.sentence}) if json else typer.echo(staged.sentence)
