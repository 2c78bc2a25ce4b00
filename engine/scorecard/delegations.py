"""What became of work that was handed to peers: how well routing chose, by step and peer (requirements E3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Row, text

from contracts.vocabulary import TACTICS, TO_PEERS, FailureCase, MoveKind
from storage.database import Unit

POOR_TIMES, POOR_SHARE = 5, 0.5
"""Routing is called poor when so many came back, and that share of those that are over; so are needless and late ones."""

LATE_TRIES = 4
"""A delivery counts as late when its worker had failed at the step so often for one cause before it was handed on."""

_STILL_THEIRS = frozenset({MoveKind.RETRY, MoveKind.PUT_OFF, *TACTICS})
"""Moves after which a step stays with whoever failed at it."""

# What a peer gave is theirs only until the step came back from them; a later failure of theirs is another delegation's.
_OWN = "split_part(o.worker_version, ' ', 1) = h.worker and o.step = h.step and o.outcome in ('done', 'proposed')"
_NEEDLESS = f"""(
        exists (select 1 from attempt o
            where o.company = h.company and o.task = h.task and o.started_at >= b.at and {_OWN})
        or h.failure_class = 'transient' and exists (
            select 1 from attempt o join task u on u.company = o.company and u.number = o.task
            where o.company = h.company and o.task <> h.task and u.lane = t.lane and {_OWN}
                and o.started_at between h.at and coalesce(b.at, a.ended_at)))"""  # noqa: S608 - words of our own
_DELEGATED = text(
    f"""
    select t.lane, h.step, h.chosen as peer, h.task, b.failure_case, b.cause = h.cause as in_vain, b.sentence,
        extract(epoch from a.ended_at - h.at)::float8 as took_s, {_NEEDLESS} as needless,
        (select count(*) from tried e where e.company = h.company and e.task = h.task and e.step = h.step
            and e.worker = h.worker and e.cause = h.cause and e.version <= h.version) as tries
    from tried h join task t on t.company = h.company and t.number = h.task
    left join lateral (
        select b.failure_case, b.cause, b.sentence, b.at from tried b
        where b.company = h.company and b.task = h.task and b.step = h.step and b.worker = h.chosen
            and b.version > h.version and not b.move = any(:still_theirs)
        order by b.version limit 1) b on true
    left join lateral (
        select a.ended_at from attempt a
        where a.company = h.company and a.task = h.task and a.step = h.step and a.ended_at >= h.at
            and split_part(a.worker_version, ' ', 1) = h.chosen and a.outcome in ('done', 'proposed')
        order by a.ended_at limit 1) a on true
    where h.company = :company and h.at >= :since and h.move = any(:to_peers) and t.lane = any(:lanes)
    order by t.lane, h.step, h.chosen, h.task, h.version
    """  # noqa: S608 - words of our own
)


@dataclass(frozen=True, slots=True)
class Delegations:
    """What one peer made of one step: tasks by what became of them, and the median seconds until it was delivered.

    `in_vain` are those that came back for the very cause for which they were handed over; they count among the unusable.
    `needless` are those that are over and that the worker who handed them on could do itself: it did the step of this task
    after it came back, or (after a transient failure) began and did that of another task while the peer had it. `late` are those delivered
    of which it had failed LATE_TRIES times or more for one cause before.
    """

    lane: str
    step: str
    peer: str
    delivered: tuple[int, ...]
    unusable: tuple[int, ...]
    wanted_context: tuple[int, ...]
    wrong_lane: tuple[int, ...]
    in_vain: tuple[int, ...]
    open: tuple[int, ...]
    median_s: float | None
    needless: tuple[int, ...] = ()
    late: tuple[int, ...] = ()

    @property
    def times(self) -> int:
        """How often it was handed the step."""
        return self.over + len(self.open)

    @property
    def over(self) -> int:
        """How often something became of it."""
        return len(self.delivered) + self.came_back

    @property
    def came_back(self) -> int:
        """How often the step went on to somebody else."""
        return len(self.unusable) + len(self.wanted_context) + len(self.wrong_lane)

    @property
    def is_poor(self) -> bool:
        """Whether too much of it comes back."""
        return self._often(self.came_back, self.over)

    @property
    def is_over_delegated(self) -> bool:
        """Whether too much is handed on that need not be."""
        return self._often(len(self.needless), self.over)

    @property
    def is_late(self) -> bool:
        """Whether too much is handed on only after its worker has failed for long."""
        return self._often(len(self.late), len(self.delivered))

    def _often(self, count: int, of: int) -> bool:
        return count >= POOR_TIMES and count >= POOR_SHARE * of


def delegations(unit: Unit, lanes: Sequence[str], since: datetime) -> tuple[Delegations, ...]:
    """What was handed to each peer since then, by lane, step and peer."""
    given: Mapping[str, Any] = {
        "company": unit.company,
        "since": since,
        "lanes": list(lanes),
        "to_peers": sorted(TO_PEERS),
        "still_theirs": sorted(_STILL_THEIRS),
    }
    found: dict[tuple[str, str, str], list[Row[Any]]] = {}
    for row in unit.connection.execute(_DELEGATED, given):
        found.setdefault((row.lane, row.step, row.peer), []).append(row)
    return tuple(_of(key, rows) for key, rows in found.items())


def _of(key: tuple[str, str, str], rows: Sequence[Row[Any]]) -> Delegations:
    by_fate: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_fate.setdefault(_fate(row), []).append(row)
    tasks = {fate: tuple(row.task for row in of_it) for fate, of_it in by_fate.items()}
    return Delegations(
        *key,
        delivered=tasks.get(_DELIVERED, ()),
        unusable=tasks.get(_UNUSABLE, ()),
        wanted_context=tasks.get(FailureCase.NEEDS_CONTEXT, ()),
        wrong_lane=tasks.get(FailureCase.WRONG_LANE, ()),
        in_vain=tuple(row.task for row in by_fate.get(_UNUSABLE, ()) if row.in_vain),
        open=tasks.get(_OPEN, ()),
        median_s=median(row.took_s for row in by_fate[_DELIVERED]) if _DELIVERED in by_fate else None,
        needless=tuple(row.task for row in rows if row.needless and _fate(row) != _OPEN),
        late=tuple(row.task for row in by_fate.get(_DELIVERED, ()) if row.tries >= LATE_TRIES),
    )


_DELIVERED, _UNUSABLE, _OPEN = "delivered", "unusable", "open"
_TOLD_APART = frozenset({FailureCase.NEEDS_CONTEXT, FailureCase.WRONG_LANE})


def _fate(row: Row[Any]) -> str:
    if row.failure_case is None:
        return _OPEN if row.took_s is None else _DELIVERED
    return row.failure_case if row.failure_case in _TOLD_APART else _UNUSABLE


_REMEDIES: Mapping[str, str] = {
    "wanted_context": "say more: let the step before keep what they lack as evidence, or hand on a field that holds it",
    "wrong_lane": "name another peer in `peer` or `escalates`, or let a rule keep such work out",
    "in_vain": "it fails for the same cause in their hands: leave the peer away, or mend the cause",
    "unusable": "look at what it gives: `chargehand why TASK/STEP`",
}


OVER_DELEGATED = (
    "its worker does such work itself: raise `tries` or `longest_s` in `retries`, or let a tactic come first"
)
LATE = "its worker fails for long before it hands on: lower `tries` in `retries`"


def remedies(one: Delegations) -> tuple[str, ...]:
    """What is wrong with it in words, and what would make it better."""
    at, found = f"{one.lane}/{one.step}", []
    if one.is_poor:
        found.append(f"{at}: {one.came_back} of {one.over} came back from {one.peer}.\n  {remedy(one)}")
    if one.is_over_delegated:
        told = f"{at}: {len(one.needless)} of {one.over} were handed to {one.peer} without need."
        found.append(f"{told}\n  {OVER_DELEGATED}")
    if one.is_late:
        told = f"{at}: {len(one.late)} of {len(one.delivered)} reached {one.peer} after {LATE_TRIES} failures or more."
        found.append(f"{told}\n  {LATE}")
    return tuple(found)


def remedy(one: Delegations) -> str:
    """What would make it better, by what comes back most."""
    often = max(_REMEDIES, key=lambda name: len(getattr(one, name)))  # of equals the more telling, which stands first
    return _REMEDIES[often]
