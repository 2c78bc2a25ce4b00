"""Changes how a unit of the business stands, by the word of somebody who answers for it, and says what becomes of its work."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from contracts.lifecycle import Event, Mover
from contracts.loaded import Business
from contracts.mistakes import listed
from contracts.standing import COMPANY, TASK, VERSION, WORKER, Stand
from contracts.units import NoSuchUnit, unit_named
from contracts.units import Unit as BusinessUnit
from contracts.vocabulary import OPEN_DECISIONS, Standing, TaskState, WaitingFor
from escalation import blockers
from escalation.approvers import names
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone, person
from storage.standings import keep, stand_of
from storage.tables.deciding import decisions
from storage.tables.work import tasks
from storage.tasks import load, task_of
from storage.transitions import Change, Happening, move_all


class NotChanged(ValueError):
    """The standing stays as it is; the message says why and who could change it."""


class NotEntitled(NotChanged):
    """Whoever asks does not answer for the unit."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a unit to be: `share` in per cent and `tier` narrow a worker."""

    unit: str
    standing: Standing
    by: str
    because: str
    share: int | None = None
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """How a unit stands now and what becomes of its work; `wake` are the runtimes that have work now."""

    stand: Stand
    sentence: str
    wake: tuple[str, ...] = ()


def change(unit: Unit, business: Business, wish: Wish) -> Changed:
    """Make a unit stand as wished inside the caller's transaction; raises NotChanged, NoSuchUnit or TaskNotFound.

    What is at work in it is taken from its runner, so that nothing is intended after this; an effect that is under way
    is finished and read back.
    """
    return change_of(unit, business, wish, _about(unit, business, wish.unit))


def change_of(unit: Unit, business: Business, wish: Wish, about: BusinessUnit) -> Changed:
    """The same for a unit that was found already; raises NotChanged."""
    _entitled(unit, about, wish)
    _possible(about, business, wish)
    stand = Stand(about.name, wish.standing, f"person:{wish.by}", wish.because, wish.share, wish.tier)
    before = stand_of(unit, about.name) or Stand(about.name, Standing.ACTIVE, "", "")
    if (before.standing, before.share, before.tier) == (stand.standing, stand.share, stand.tier):
        return Changed(before, f"{about.title} is {before.words} already.")
    keep(unit, stand)
    _note(unit, about, "standing_changed", wish, before=before)
    if stand.standing is Standing.ACTIVE:
        return _goes_on(unit, about, stand)
    narrowed = stand.standing is Standing.NARROWED
    follows = _narrows(unit, about, wish) if narrowed else _stops(unit, about, f"person:{wish.by}")
    return Changed(stand, f"{about.title} is {stand.words}. {follows}")


def pause(unit: Unit, business: Business, stand: Stand, *, actor: str) -> Changed:
    """Stop a unit without anybody's wish, as a switch does, inside the caller's transaction; `actor` caused it."""
    about = unit_named(business, stand.unit)
    before = stand_of(unit, about.name) or Stand(about.name, Standing.ACTIVE, "", "")
    if before.stops:
        return Changed(before, f"{about.title} is {before.words} already.")
    keep(unit, stand)
    content = {"unit": about.name, "to": stand.standing, "from": before.words, "because": stand.because}
    note(unit, about.name, Said("standing_changed", actor, content))
    return Changed(stand, f"{about.title} is {stand.words}. {_stops(unit, about, actor)}")


def _about(unit: Unit, business: Business, text: str) -> BusinessUnit:
    if not text.upper().startswith("T-"):
        return unit_named(business, text)
    digits = text[2:]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise NoSuchUnit(f"{text} is no task: write it like T-1042.")
    task = load(unit, int(digits))
    owner = business.lanes[task.lane].lane.owner if task.lane in business.lanes else business.company.last_resort
    people = tuple(dict.fromkeys((owner, business.company.last_resort)))
    return BusinessUnit(f"{TASK}:{task.number}", TASK, task.name, (task.lane,), people)


def _entitled(unit: Unit, about: BusinessUnit, wish: Wish) -> None:
    who = person(unit, wish.by)
    if who is not None and who.active and who.id in about.answerable:
        return
    raise NotEntitled(f"Only {names(everyone(unit, about.answerable))} can change how {about.title} stands.")


def refused(unit: Unit, business: Business, wish: Wish) -> None:
    """Keep on the unit's trail that somebody tried and was not entitled, in a transaction of its own."""
    _note(unit, _about(unit, business, wish.unit), "standing_refused", wish, before=None)


def _possible(about: BusinessUnit, business: Business, wish: Wish) -> None:
    only_workers = wish.standing in (Standing.RETIRED, Standing.NARROWED, Standing.PROPOSED)
    if only_workers and about.kind != WORKER:
        raise NotChanged(f"Only a worker is {wish.standing}, and {about.title} is a {about.kind}. Pause it instead.")
    if wish.standing is not Standing.NARROWED:
        return
    lane, _, worker = about.name.partition(":")[2].partition("/")
    declared = business.lanes[lane].lane.workers[worker]
    if wish.share is None and wish.tier is None:
        raise NotChanged("Say what it is left: a tier, or a share of its tasks.")
    if wish.share is not None and not about.peers:
        raise NotChanged(f"{about.title} has no peer that could take the rest. Leave it a lower tier, or pause it.")
    if wish.tier is not None and wish.tier > declared.tier:
        raise NotChanged(f"{about.title} has tier {declared.tier}: a standing only narrows it.")


def _note(unit: Unit, about: BusinessUnit, event: str, wish: Wish, *, before: Stand | None) -> None:
    """On the unit's own trail; a task's trail tells only its moves, so its lane's tells this."""
    trail = f"lane:{about.lanes[0]}" if about.kind == TASK else _trail(about)
    limits = {"share": wish.share, "tier": wish.tier}
    content = {"unit": about.name, "to": wish.standing, "because": wish.because, **limits}
    was = {"from": before.words} if before is not None else {}
    note(unit, trail, Said(event, f"person:{wish.by}", content | was))


def _trail(about: BusinessUnit) -> str:
    """A version's story is its worker's."""
    kind, _, name = about.name.partition(":")
    return f"{WORKER}:{name.partition('@')[0]}" if kind == VERSION else about.name


def _goes_on(unit: Unit, about: BusinessUnit, stand: Stand) -> Changed:
    cause = f"standing of {about.name}"
    waiting = _waiting_on(unit, about, cause)
    for lane in about.lanes:
        blockers.lift(unit, lane, [cause], by=stand.by)
    told = _counted(len(waiting), "task goes on", "tasks go on") if waiting else "No task waited for it."
    return Changed(stand, f"{about.title} is active. {told}".strip(), tuple(sorted(set(waiting))))


def _waiting_on(unit: Unit, about: BusinessUnit, cause: str) -> list[str]:
    """The runtime of each task that waits on such a blocker."""
    on = [blockers.open_id(unit, lane, cause) for lane in about.lanes]
    mine = (tasks.c.company == unit.company) & (tasks.c.waiting_for == WaitingFor.BLOCKER)
    query = select(tasks.c.runtime).where(mine, tasks.c.waiting_on.in_([one for one in on if one is not None]))
    return list(unit.connection.execute(query).scalars())


def _stops(unit: Unit, about: BusinessUnit, actor: str) -> str:
    """Take what is at work from its runners, and say what becomes of everything that is not done."""
    counts, asked = _under_way(unit, about), _open_decisions(unit, about)
    taken = _take_back(unit, about, actor)
    told = [
        _counted(count, *words) for count, words in ((counts.get(state, 0), _FATES[state]) for state in _FATES) if count
    ]
    told += [_counted(taken, *_TAKEN)] if taken else []
    told += [_counted(asked, *_ASKED)] if asked else []
    return f"{listed(told)}." if told else "Nothing was under way."


_FATES = {
    TaskState.READY: ("queued task waits", "queued tasks wait"),
    TaskState.WAITING: ("waiting task waits on", "waiting tasks wait on"),
    TaskState.VERIFYING: ("effect under way is finished and read back", "effects under way are finished and read back"),
}
_TAKEN = ("task at work stops before it changes anything", "tasks at work stop before they change anything")
_ASKED = (
    "open decision can be answered and is carried out later",
    "open decisions can be answered and are carried out later",
)


def _under_way(unit: Unit, about: BusinessUnit) -> dict[str, int]:
    """How many tasks of the unit are in each state; of a worker, those that are at it."""
    at = [tasks.c.worker == about.name.rpartition("/")[2].partition("@")[0]] if about.kind == WORKER else []
    query = select(tasks.c.state, func.count()).where(_within(unit, about), *at).group_by(tasks.c.state)
    return {str(state): int(count) for state, count in unit.connection.execute(query)}


def _narrows(unit: Unit, about: BusinessUnit, wish: Wish) -> str:
    _take_back(unit, about, f"person:{wish.by}")
    told = ["Its peer takes the rest."] if wish.share is not None else []
    told += ["What takes a higher tier goes to its peer or waits."] if wish.tier is not None else []
    return " ".join(told)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _within(unit: Unit, about: BusinessUnit) -> ColumnElement[bool]:
    mine = tasks.c.company == unit.company
    if about.kind == TASK:
        return mine & (tasks.c.number == int(about.name.partition(":")[2]))
    return mine if about.kind == COMPANY else mine & tasks.c.lane.in_(about.lanes)


def _take_back(unit: Unit, about: BusinessUnit, actor: str) -> int:
    """A task at work may come to the unit without being claimed again: its runner loses it and it is claimed anew."""
    at_work = _within(unit, about) & (tasks.c.state == TaskState.RUNNING)
    rows = unit.connection.execute(select(tasks).where(at_work).order_by(tasks.c.number).with_for_update())
    free = {"lease_runner": None, "lease_alone": False, "due_at": unit.now}
    why = Happening(Event.HANDED_BACK, {"why": f"{about.title} stands otherwise now"})
    changes = [Change(task_of(row), [why], free) for row in rows]
    return len(move_all(unit, changes, mover=Mover.PERSON, actor=actor))


def _open_decisions(unit: Unit, about: BusinessUnit) -> int:
    mine = (decisions.c.company == unit.company) & decisions.c.state.in_(OPEN_DECISIONS)
    numbers = select(tasks.c.number).where(_within(unit, about))
    query = select(func.count()).select_from(decisions).where(mine, decisions.c.task.in_(numbers))
    count: int = unit.connection.execute(query).scalar_one()
    return count
