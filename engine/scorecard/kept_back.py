"""Work that went to people although somebody had the job and the rights for it, and was not asked: under-delegation (E17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from contracts.contract import Lane
from contracts.loaded import Business
from contracts.peers import could_take_over
from contracts.standing import Stand, stopping, worker_unit
from contracts.taking_over import TAKES_OVER, peer_of, peers_of
from contracts.vocabulary import FailureClass, MoveKind
from storage.database import Unit
from storage.standings import stands

_OF_A_PEER = frozenset({FailureClass.TRANSIENT, FailureClass.JUDGMENT})
"""After these failures a peer may do better; any other would meet a peer, too, or is nobody's to try."""

_ASKED = text(
    """
    select distinct t.lane, p.step, p.task,
        (select array_agg(distinct e.worker) from tried e
            where e.company = p.company and e.task = p.task and e.step = p.step and e.version <= p.version) as had,
        (select array_agg(distinct v.rule) from verdict v
            where v.company = p.company and v.task = p.task and v.step = p.step || :peers and v.kind = :takes_over
                and v.version <= p.version and v.holds is not true) as ruled_out
    from tried p join task t on t.company = p.company and t.number = p.task
    where p.company = :company and p.at >= :since and p.move = :human and p.failure_class = any(:of_a_peer)
        and t.lane = any(:lanes)
    order by t.lane, p.step, p.task
    """
)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A step whose trouble people were asked about, and the workers who could have taken it over and never had it."""

    lane: str
    step: str
    could: tuple[str, ...]
    tasks: tuple[int, ...]

    @property
    def remedy(self) -> str:
        """What would make it better."""
        return f"name {' and '.join(self.could)} as `peer` of the step, or write `peers` first in `escalates` of its worker"


def kept_back(unit: Unit, business: Business, since: datetime) -> tuple[KeptBack, ...]:
    """What people were asked about since then, by lane, step and who could have had it, as today's contract and standings have it."""
    given: Mapping[str, Any] = {
        "company": unit.company,
        "since": since,
        "lanes": list(business.lanes),
        "human": MoveKind.HUMAN,
        "of_a_peer": sorted(_OF_A_PEER),
        "peers": peers_of(""),
        "takes_over": TAKES_OVER,
    }
    found: dict[tuple[str, str, tuple[str, ...]], list[int]] = {}
    stopped = stands(unit)
    for row in unit.connection.execute(_ASKED, given):
        had = [*row.had, *(peer_of(rule, row.step) for rule in row.ruled_out or ())]
        could = _could(business.lanes[row.lane].lane, row.step, had, stopped)
        if could:
            found.setdefault((row.lane, row.step, could), []).append(row.task)
    return tuple(KeptBack(*key, tasks=tuple(dict.fromkeys(tasks))) for key, tasks in found.items())


def _could(lane: Lane, step: str, had: list[str], stopped: dict[str, Stand]) -> tuple[str, ...]:
    """Who gets work, could have taken the step over, never had it and was not ruled out; nobody for a step that is no more."""
    declared = next((one for one in lane.steps if one.name == step), None)
    able = could_take_over(lane, declared.worker) if declared is not None else ()
    return tuple(one for one in able if one not in had and stopping(stopped, [worker_unit(lane.lane, one)]) is None)
