"""How a new version of a worker begins, where its lane says `begins: compared`: with no work, until it is promoted."""

from dataclasses import replace

from sqlalchemy import select

from contracts.loaded import Business, LoadedLane
from contracts.standing import WORKER, Stand, version_unit
from contracts.units import NoSuchUnit, unit_named
from contracts.vocabulary import Standing
from engine.register import Changed, NotChanged, Wish, change_of
from storage.audit import Said, note, trail_of
from storage.database import Unit
from storage.standings import keep
from storage.tables.standing import standings

COMPARED = "version_compared"


def begin(unit: Unit, lane: LoadedLane) -> None:
    """Know the deployed version of each worker; one that was never seen before waits if others were."""
    name = lane.lane.lane
    for worker, declared in lane.lane.workers.items():
        called = version_unit(name, worker, lane.versions[worker])
        waits = declared.begins == "compared" and _had_others(unit, called)
        standing = Standing.PROPOSED if waits else Standing.ACTIVE
        because = "it has not been compared with what the version before it did" if waits else "it begins at once"
        if keep(unit, Stand(called, standing, "deployment", because), only_new=True):
            note(
                unit,
                f"{WORKER}:{name}/{worker}",
                Said("version_seen", "deployment", {"version": called, "to": standing}),
            )


def _had_others(unit: Unit, called: str) -> bool:
    mine = standings.c.company == unit.company
    same_worker = standings.c.unit.startswith(f"{called.partition('@')[0]}@", autoescape=True)
    query = select(standings.c.unit).where(mine, same_worker, standings.c.unit != called).limit(1)
    return unit.connection.execute(query).first() is not None


def deployed_version(business: Business, called: str) -> str:
    """The unit of the version in which "LANE/WORKER" is deployed; raises NoSuchUnit."""
    about = unit_named(business, called)
    if about.kind != WORKER:
        raise NoSuchUnit(f"{called} is a {about.kind}: name a worker, as LANE/WORKER.")
    lane, _, worker = about.name.partition(":")[2].partition("/")
    return version_unit(lane, worker, business.lanes[lane].versions[worker])


def compared(unit: Unit, business: Business, called: str, *, by: str, same: int, different: int) -> None:
    """Keep that the deployed version was compared, and how it came out."""
    content = {"version": deployed_version(business, called), "same": same, "different": different}
    note(unit, unit_named(business, called).name, Said(COMPARED, f"person:{by}", content))


def promote(unit: Unit, business: Business, called: str, *, by: str, because: str) -> Changed:
    """Let the deployed version work, once it was compared; raises NotChanged and NoSuchUnit."""
    version = deployed_version(business, called)
    trail = trail_of(unit, unit_named(business, called).name)
    if not any(one["event"] == COMPARED and (one["content"] or {}).get("version") == version for one in trail):
        raise NotChanged(f"It has not been compared yet. Do so first: chargehand compare {called}.")
    return _say(unit, business, called, Wish(called, Standing.ACTIVE, by, because))


def roll_back(unit: Unit, business: Business, called: str, *, by: str, because: str) -> Changed:
    """Take all work from the deployed version: runners that have the one before go on, and else its tasks wait."""
    return _say(unit, business, called, Wish(called, Standing.PAUSED, by, because))


def _say(unit: Unit, business: Business, called: str, wish: Wish) -> Changed:
    about, version = unit_named(business, called), deployed_version(business, called)
    title = f"Version {version.partition('@')[2]} of {about.title}"
    return change_of(unit, business, wish, replace(about, name=version, title=title))
