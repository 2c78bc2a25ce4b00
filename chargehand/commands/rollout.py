"""`chargehand compare`, `promote` and `rollback`: how a new version of a worker comes to work, and goes."""

from typing import Annotated

import typer

from chargehand.commands.options import AsJson, AsPerson, OfCompany, print_json
from chargehand.commands.standing import Because, Worker, told


def compare(
    worker: Worker,
    person: AsPerson,
    most: Annotated[int, typer.Option("--tasks", min=1, max=1000, help="How many of the newest done tasks.")] = 20,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Run a worker's deployed version on past tasks, in shadow, and tell where it gives something else."""
    from chargehand.commands.opening import opened
    from chargehand.composition import systems
    from engine.comparing import compare as held_together
    from engine.rollout import compared, deployed_version

    with opened(company) as (deployed, chosen), deployed.database.transaction(chosen) as unit:
        business = deployed.businesses[chosen]
        version = deployed_version(business, worker)
        lane, _, name = version.partition(":")[2].partition("@")[0].partition("/")
        pairs = held_together(unit, business.lanes[lane], name, systems(deployed)[chosen], most=most)
        same = sum(pair.same for pair in pairs)
        compared(unit, business, worker, by=person, same=same, different=len(pairs) - same)
    different = [{"task": one.task, "step": one.step, "differs": list(one.fields)} for one in pairs if not one.same]
    if json:
        print_json({"version": version, "same": same, "different": different})
        return
    typer.echo(f"{same} of {len(pairs)} are as they were." if pairs else "There is no done task to compare with.")
    for one in different:
        typer.echo(f"{one['task']} {one['step']}: {', '.join(one['differs'])}")


def promote(
    worker: Worker, person: AsPerson, because: Because, company: OfCompany = None, json: AsJson = False
) -> None:
    """Let a worker's deployed version work, once it was compared."""
    from chargehand.commands.opening import opened
    from engine.rollout import promote as let_work

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            changed = let_work(unit, deployed.businesses[chosen], worker, by=person, because=because)
        told(deployed, chosen, changed, json=json)


def rollback(
    worker: Worker, person: AsPerson, because: Because, company: OfCompany = None, json: AsJson = False
) -> None:
    """Take all work from a worker's deployed version; runners that have the one before go on."""
    from chargehand.commands.opening import opened
    from engine.rollout import roll_back

    with opened(company) as (deployed, chosen):
        with deployed.database.transaction(chosen) as unit:
            changed = roll_back(unit, deployed.businesses[chosen], worker, by=person, because=because)
        told(deployed, chosen, changed, json=json)
