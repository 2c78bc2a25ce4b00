"""What deciding costs people at each approval edge, and which edges may not need them (requirements E10)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from contracts.vocabulary import DecisionState
from storage.database import Unit

STAMP_DECISIONS, STAMP_REJECTED, STAMP_MEDIAN_S = 30, 0.03, 60.0
"""A rubber stamp: so many decisions, less than that share of them against, and half of them faster than that."""
REPEATED = 3
"""So often the same reason for a no means that a rule is missing upstream."""

# A person's time begins when their own card was written: who is next in line is asked later than the first.
_DECIDED = text(
    """
    select t.lane, d.edge, d.state, d.task, d.reason,
        extract(epoch from d.decided_at - d.opened_at)::float8 as waited_s,
        extract(epoch from d.decided_at - greatest(d.opened_at, c.created_at))::float8 as took_s
    from decision d join task t on t.company = d.company and t.number = d.task
    left join outbox c on c.company = d.company and c.dedupe = concat('card:', d.number, ':', d.decided_by)
    where d.company = :company and d.kind = 'approval' and d.decided_at >= :since and t.lane = any(:lanes)
    order by t.lane, d.edge, d.number
    """
)
_FACTS = text(
    """
    select f.task, f.facts from judged_facts f
    where f.company = :company and f.task = any(:tasks) and f.step = :step and f.facts ? 'effect' and not exists (
        select from judged_facts later where later.company = f.company and later.task = f.task
            and later.step = f.step and later.version > f.version and later.facts ? 'effect')
    """
)


@dataclass(frozen=True, slots=True)
class Load:
    """One edge's decisions: how many went which way, the median time to answer in seconds (None: nobody answered), and
    the hours that all of them waited together. `reasons` are those that were given for a no at least `REPEATED` times.
    """

    lane: str
    edge: str
    decided: int
    approved: tuple[int, ...]
    rejected: tuple[int, ...]
    changed: int
    sent_back: int
    unanswered: int
    median_s: float | None
    waited_h: float
    reasons: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def rejected_share(self) -> float:
        """Which share of what was decided was a no, between 0 and 1."""
        return len(self.rejected) / self.decided if self.decided else 0.0

    @property
    def is_rubber_stamp(self) -> bool:
        """Whether people say yes to nearly everything, faster than it can be read."""
        fast = self.median_s is not None and self.median_s < STAMP_MEDIAN_S
        return self.decided >= STAMP_DECISIONS and self.rejected_share < STAMP_REJECTED and fast


def loads(unit: Unit, lanes: Sequence[str], since: datetime) -> tuple[Load, ...]:
    """Each edge at which something was decided since then, busiest first."""
    rows = unit.connection.execute(_DECIDED, {"company": unit.company, "since": since, "lanes": list(lanes)}).all()
    edges: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        edges.setdefault((row.lane, row.edge), []).append(row)
    found = [_load(lane, edge, rows) for (lane, edge), rows in edges.items()]
    return tuple(sorted(found, key=lambda one: (-one.decided, one.lane, one.edge)))


def facts_of(unit: Unit, tasks: Sequence[int], step: str) -> list[dict[str, Any]]:
    """What the rules of a step were last held against for these tasks, erased facts left out."""
    rows = unit.connection.execute(_FACTS, {"company": unit.company, "tasks": list(tasks), "step": step})
    return [row.facts for row in rows if row.facts]


def _load(lane: str, edge: str, rows: Sequence[Row[Any]]) -> Load:
    by_state: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_state.setdefault(row.state, []).append(row)
    answered = [row for row in rows if row.state in _ANSWERED]
    times = sorted(row.took_s for row in answered if row.took_s is not None)
    return Load(
        lane=lane,
        edge=edge,
        decided=len(answered),
        approved=_tasks(by_state, DecisionState.APPROVED),
        rejected=_tasks(by_state, DecisionState.REJECTED),
        changed=len(by_state.get(DecisionState.CHANGED, ())),
        sent_back=len(by_state.get(DecisionState.REVISED, ())),
        unanswered=len(by_state.get(DecisionState.EXPIRED, ())),
        median_s=times[len(times) // 2] if times else None,
        waited_h=sum(row.waited_s for row in rows) / 3600,
        reasons=_repeated(by_state.get(DecisionState.REJECTED, ())),
    )


_ANSWERED = frozenset({DecisionState.APPROVED, DecisionState.REJECTED, DecisionState.CHANGED, DecisionState.REVISED})


def _tasks(by_state: dict[str, list[Row[Any]]], state: DecisionState) -> tuple[int, ...]:
    return tuple(row.task for row in by_state.get(state, ()))


def _repeated(rejected: Sequence[Row[Any]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Reasons as people wrote them first, most frequent first; alike but for letters' size and punctuation is the same."""
    said = [(_alike(row.reason), row) for row in rejected if row.reason]
    often = [key for key, count in Counter(key for key, _ in said).most_common() if count >= REPEATED and key]
    return tuple(
        (next(row.reason for key, row in said if key == one), tuple(row.task for key, row in said if key == one))
        for one in often
    )


def _alike(reason: str) -> str:
    return " ".join("".join(one if one.isalnum() else " " for one in reason.casefold()).split())
