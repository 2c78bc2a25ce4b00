"""The version of a lane that a task runs under: its rules, ladder and schemas as they were, with the code deployed."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from contracts.business import BusinessMistakes, load
from contracts.loaded import Business, LoadedLane
from contracts.running import Retries
from contracts.standing import Stand, worker_unit
from contracts.vocabulary import Standing
from engine import rollout
from engine.deployment import Deployment
from escalation.waking import follow_hours
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone
from storage.inserting import inserted
from storage.standings import keep
from storage.tables.business import companies, lane_versions, lanes, people

_LOADED: dict[tuple[str, str, str, str], LoadedLane] = {}
_TAKEN_OUT = "The lane {lane} is no longer among the company's files. Deploy it again, or cancel what it has left."


class LaneMissing(LookupError):
    """The lane, or a version of it that fits the deployed code, is not there; the message says what to do."""


def lane_of(deployment: Deployment, unit: Unit, lane: str, lane_hash: str) -> LoadedLane:
    """The lane in the version that a task was accepted under; raises LaneMissing."""
    current = deployment.businesses[unit.company].lanes.get(lane)
    if current is None:
        raise LaneMissing(_TAKEN_OUT.format(lane=lane))
    if current.hash == lane_hash:
        return current
    key = (unit.company, deployment.businesses[unit.company].hash, lane, lane_hash)
    if key not in _LOADED:
        _LOADED[key] = _earlier(deployment, unit, lane, lane_hash)
    return _LOADED[key]


def told_by(business: Business, unit: Unit, lane: str) -> LoadedLane:
    """A lane to tell of a task by whose own can't be loaded: as it is declared today, or else as it was last published.

    Only its name, title, owner and patience are its own then: nothing is worked by it.
    """
    declared = business.lanes.get(lane)
    if declared is not None:
        return declared
    query = select(lanes.c.title, lanes.c.owner).where(lanes.c.company == unit.company, lanes.c.id == lane)
    title, owner = unit.connection.execute(query).one()
    employed = {one.id for one in business.company.people if one.active}
    owner = owner if owner in employed else business.company.last_resort
    other = next(iter(business.lanes.values()))
    own = {"lane": lane, "title": title, "owner": owner, "retries": Retries()}
    return replace(other, lane=other.lane.model_copy(update=own))


def _earlier(deployment: Deployment, unit: Unit, lane: str, lane_hash: str) -> LoadedLane:
    mine = (lane_versions.c.company == unit.company) & (lane_versions.c.lane == lane)
    query = select(lane_versions.c.files).where(mine, lane_versions.c.hash == lane_hash)
    kept: Mapping[str, str] | None = unit.connection.execute(query).scalar_one_or_none()
    if kept is None:
        raise LaneMissing(f"Version {lane_hash[:12]} of {lane} was never published here.")
    deployed = deployment.sources[unit.company]
    code = {path: raw for path, raw in deployed.items() if path.startswith("tools/") or _is_code_of(lane, path)}
    try:
        business = load({**code, **{path: text.encode() for path, text in kept.items()}}, is_past=True)
    except BusinessMistakes as error:
        raise LaneMissing(f"The deployed code no longer fits {lane} {lane_hash[:12]}: {error}") from error
    return business.lanes[lane]


def _is_code_of(lane: str, path: str) -> bool:
    return path.startswith(f"lanes/{lane}/") and path.endswith("workers.py")


def publish(deployment: Deployment, company: str) -> None:
    """Write the declared business into the record: company, people, lanes, and each new version of a lane's files."""
    with deployment.database.transaction(company) as unit:
        _publish_company(deployment, unit)
        moved = _time_zones_changed(deployment, unit)
        _publish_people(deployment, unit)
        follow_hours(unit, moved=moved)
        for lane in deployment.businesses[company].lanes.values():
            _publish_lane(deployment, unit, lane)


def is_published(deployment: Deployment, company: str) -> bool:
    """Whether the record has the declared business already, as it is."""
    with deployment.database.transaction(company) as unit:
        query = select(companies.c.business_hash).where(companies.c.id == company)
        return unit.connection.execute(query).scalar_one_or_none() == deployment.businesses[company].hash


def _publish_company(deployment: Deployment, unit: Unit) -> None:
    business = deployment.businesses[unit.company]
    declared = business.company.model_dump(mode="json", by_alias=True)
    values = {"name": business.company.name, "business_hash": business.hash, "declared": declared}
    statement = insert(companies).values(id=unit.company, **values, loaded_at=unit.now)
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={**values, "loaded_at": unit.now})
    )


def _time_zones_changed(deployment: Deployment, unit: Unit) -> list[str]:
    """Those whom the record knows in another time zone than they are declared in now; put on their trail."""
    declared = {one.id: one.timezone for one in deployment.businesses[unit.company].company.people}
    moved = [one for one in everyone(unit, sorted(declared)) if one.timezone != declared[one.id]]
    for one in moved:
        times = {"from": one.timezone, "to": declared[one.id]}
        note(unit, f"person:{one.id}", Said("time_zone_changed", "deployment", times))
    return [one.id for one in moved]


def _publish_people(deployment: Deployment, unit: Unit) -> None:
    company = deployment.businesses[unit.company].company
    for one in company.people:
        groups = sorted(name for name, ids in company.groups.items() if one.id in ids)
        values = {**one.model_dump(), "groups": groups}
        statement = insert(people).values(company=unit.company, **values)
        unit.connection.execute(statement.on_conflict_do_update(index_elements=["company", "id"], set_=values))
    gone = people.update().where(people.c.company == unit.company, people.c.id.not_in([p.id for p in company.people]))
    unit.connection.execute(gone.values(active=False))


def _publish_lane(deployment: Deployment, unit: Unit, lane: LoadedLane) -> None:
    name = lane.lane.lane
    values = {"title": lane.lane.title, "hash": lane.hash, "owner": lane.lane.owner}
    statement = insert(lanes).values(company=unit.company, id=name, **values)
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["company", "id"], set_=values))
    version = {"company": unit.company, "lane": name, "hash": lane.hash, "loaded_at": unit.now}
    new = insert(lane_versions).values(**version, files=_files(deployment, unit.company, name))
    _propose(unit, lane)
    rollout.begin(unit, lane)
    if inserted(unit, new):
        note(unit, f"lane:{name}", Said("version_published", "deployment", {"hash": lane.hash}))


def _propose(unit: Unit, lane: LoadedLane) -> None:
    """Workers who are declared as proposed wait for a word, unless there was one already."""
    for name, worker in lane.lane.workers.items():
        stand = Stand(worker_unit(lane.lane.lane, name), Standing.PROPOSED, "deployment", "it is declared as proposed")
        if worker.joins == "proposed" and keep(unit, stand, only_new=True):
            note(unit, stand.unit, Said("standing_changed", "deployment", {"unit": stand.unit, "to": stand.standing}))


def _files(deployment: Deployment, company: str, lane: str) -> dict[str, str]:
    kept = {"company.yaml", f"lanes/{lane}/lane.yaml", f"lanes/{lane}/models.py"}
    return {path: raw.decode() for path, raw in deployment.sources[company].items() if path in kept}
