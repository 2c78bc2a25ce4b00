"""What one person sees of the work at a glance: what waits for them, what they asked, what was decided, what they may ask."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, case, select, text

from contracts.loaded import LoadedLane
from contracts.vocabulary import ENDED, DecisionState
from engine.deployment import Deployment
from engine.incident_view import IncidentView, incident_view
from engine.incidents import answerable
from engine.intake import may_ask
from engine.telling import TaskView, task_view
from escalation.card import CardView
from escalation.reading import card_view
from storage.database import Unit
from storage.directory import Person
from storage.incidents import Incident, newest
from storage.tables.deciding import decisions
from storage.tables.work import tasks

MOST_WAITING, MOST_ASKED, MOST_DECIDED = 20, 8, 5
_LATELY = timedelta(days=7)
_LOOKED_THROUGH = 500
_OPEN = text("decision.state in ('open', 'asked_back')")
"""As its index has it, so that decisions that have ended, however many, are not looked at."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Open decisions of one edge of one lane, oldest first; often there is only one."""

    lane: str
    edge: str
    cards: tuple[CardView, ...]

    @property
    def together(self) -> int:
        """How many of them can be decided with one answer now; 0 when that is one or none."""
        able = sum(bool(card.answers) and not card.clock_stopped for card in self.cards)
        return able if able > 1 else 0


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision that waits for somebody and that they can answer now; those of one edge of one lane are alike."""

    card: CardView
    lane: str
    edge: str

    @property
    def kind(self) -> tuple[str, str]:
        """What alike ones have in common."""
        return self.lane, self.edge


@dataclass(frozen=True, slots=True)
class AllPending:
    """What waits for one person, the nearest deadline first; `more` counts what was not looked at any more."""

    shown: tuple[Pending, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A task that the person asked for, and since when (aware UTC)."""

    task: TaskView
    since: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it for one person; `more` counts the decisions that wait for them beyond those shown.

    `questions` are those that were asked back to them, `wrong` the open incidents that they answer for first; `lanes` are
    (name, title, description).
    """

    person: Person
    waiting: tuple[Alike, ...]
    more: int
    questions: tuple[CardView, ...]
    asked: tuple[Asked, ...]
    decided: tuple[CardView, ...]
    lanes: tuple[tuple[str, str, str], ...]
    wrong: tuple[IncidentView, ...]


def overview(deployment: Deployment, unit: Unit, who: Person) -> Overview:
    """What `who` sees, read in the caller's transaction."""
    waiting = _open(unit, decisions.c.entitled.contains([who.id]))
    questions = _open(unit, decisions.c.requester == who.id, decisions.c.state == DecisionState.ASKED_BACK)
    lanes = deployment.businesses[unit.company].lanes.values()
    return Overview(
        person=who,
        waiting=_grouped(unit, waiting[:MOST_WAITING], who),
        more=max(0, len(waiting) - MOST_WAITING),
        questions=tuple(card_view(unit, row.number, who.id) for row in questions[:MOST_WAITING]),
        asked=_asked(unit, who),
        decided=tuple(card_view(unit, number, who.id) for number in _lately_decided(unit, who)),
        lanes=tuple(_told(lane) for lane in lanes if may_ask(lane, who)),
        wrong=tuple(incident_view(unit, one.number) for one in _theirs(deployment, unit, who)[:MOST_WAITING]),
    )


def _theirs(deployment: Deployment, unit: Unit, who: Person) -> list[Incident]:
    """Of the newest open incidents those that somebody answers for before everybody else, the oldest first."""
    business = deployment.businesses[unit.company]
    found = newest(unit, only_open=True, limit=_LOOKED_THROUGH)
    return [one for one in reversed(found) if answerable(business, one.lane, one.worker)[0] == who.id]


def alike(unit: Unit, who: Person, lane: str, edge: str) -> tuple[CardView, ...]:
    """What waits for somebody at one edge of one lane and can be answered now, oldest first."""
    mine = decisions.c.entitled.contains([who.id])
    rows = _open(unit, mine, decisions.c.edge == edge, tasks.c.lane == lane, decisions.c.state == DecisionState.OPEN)
    found = (card_view(unit, row.number, who.id) for row in rows[:MOST_WAITING])
    return tuple(card for card in found if card.answers)


def pending(unit: Unit, who: Person, *, but: Collection[int] = ()) -> AllPending:
    """What waits for somebody and can be answered now, without the decisions in `but`."""
    rows = _open(unit, decisions.c.entitled.contains([who.id]), decisions.c.state == DecisionState.OPEN)
    nearest = iter(sorted((row for row in rows if row.number not in but), key=lambda row: (row.due_at, row.number)))
    found = (Pending(card_view(unit, row.number, who.id), row.lane, row.edge) for row in nearest)
    shown = tuple(islice((one for one in found if one.card.answers), MOST_WAITING))
    return AllPending(shown, sum(1 for _ in nearest))


def _open(unit: Unit, *conditions: ColumnElement[bool]) -> Sequence[Row[Any, Any, Any, Any]]:
    its_task = (tasks.c.company == decisions.c.company) & (tasks.c.number == decisions.c.task)
    query = select(decisions.c.number, decisions.c.edge, decisions.c.due_at, tasks.c.lane).join_from(
        decisions, tasks, its_task
    )
    mine = query.where(decisions.c.company == unit.company, _OPEN, *conditions)
    return unit.connection.execute(mine.order_by(decisions.c.opened_at, decisions.c.number)).all()


def _grouped(unit: Unit, rows: Sequence[Row[Any, Any, Any, Any]], who: Person) -> tuple[Alike, ...]:
    """In the order of each group's oldest."""
    groups: dict[tuple[str, str], list[CardView]] = {}
    for row in rows:
        groups.setdefault((row.lane, row.edge), []).append(card_view(unit, row.number, who.id))
    return tuple(Alike(lane, edge, tuple(cards)) for (lane, edge), cards in groups.items())


def _asked(unit: Unit, who: Person) -> tuple[Asked, ...]:
    """Those under way first, then those that ended; the newest of each."""
    ended = case((tasks.c.state.in_(ENDED), 1), else_=0)
    query = select(tasks.c.number, tasks.c.accepted_at).where(tasks.c.company == unit.company)
    mine = query.where(tasks.c.requester == who.id).order_by(tasks.c.number.desc()).limit(_LOOKED_THROUGH).subquery()
    order = select(tasks.c.number, tasks.c.accepted_at).join(mine, mine.c.number == tasks.c.number)
    rows = unit.connection.execute(
        order.where(tasks.c.company == unit.company).order_by(ended, tasks.c.number.desc()).limit(MOST_ASKED)
    )
    return tuple(Asked(task_view(unit, row.number), row.accepted_at) for row in rows)


def _lately_decided(unit: Unit, who: Person) -> Sequence[int]:
    """Of the newest decisions those that the person was asked and that have ended within a week."""
    newest = select(decisions).where(decisions.c.company == unit.company)
    looked = newest.order_by(decisions.c.number.desc()).limit(_LOOKED_THROUGH).subquery()
    mine = looked.c.entitled.contains([who.id]) & (looked.c.decided_at > unit.now - _LATELY)
    query = select(looked.c.number).where(mine).order_by(looked.c.decided_at.desc()).limit(MOST_DECIDED)
    return unit.connection.execute(query).scalars().all()


def _told(lane: LoadedLane) -> tuple[str, str, str]:
    return lane.lane.lane, lane.lane.title, lane.lane.description
