"""Holds a changed contract against the recorded facts of past tasks, and says which of them would have gone otherwise."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from contracts.deriving import DERIVED, derive
from contracts.grounds import EFFECT, PROBE, Grounds, grounds_of
from contracts.loaded import LoadedLane
from contracts.rules import FactsHandle, NotEvaluable, Rule, parse_facts
from contracts.taking_over import peer_of, step_of
from engine.judging import CONDITION
from storage.database import Unit

_AT_ONCE = 500
# What a step's rules were last held against counts: earlier facts of the same step were overtaken by later ones.
_RECORDED = text(
    """
    select f.task, f.step, f.facts, (
        select jsonb_agg(jsonb_build_array(v.kind, v.rule, v.holds, v.sentence) order by v.ordinal) from verdict v
        where v.company = f.company and v.task = f.task and v.version = f.version and v.step = f.step) as verdicts
    from judged_facts f join task t on t.company = f.company and t.number = f.task
    where f.company = :company and t.lane = :lane and f.at >= :since and not exists (
        select from judged_facts later where later.company = f.company and later.task = f.task
            and later.step = f.step and later.version > f.version)
    order by f.task, f.version
    """
)


class Way(StrEnum):
    """Where a contract lets a task go from a step, or whom it lets take the step over."""

    GOES_ON = "goes on"
    ASKS = "asks a human"
    STOPS = "stops"
    LEAVES_OUT = "leaves it out"
    MAY_TAKE_OVER = "lets a peer take over"
    RULES_OUT = "rules a peer out"


@dataclass(frozen=True, slots=True)
class Sight:
    """How a contract sees the facts of one step: the way, the rules that decided it, and their explanations."""

    way: Way
    rules: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A task that would have gone another way at a step."""

    task: int
    step: str
    before: Sight
    after: Sight


@dataclass(slots=True)
class Report:
    """What came of it: `looked` recorded facts, of which `erased` hold no content any more, `homeless` ones belong to a
    step that the changed contract does not have, and for `unprobed` ones it reads of the world what nobody looked up;
    `ways` counts (before, after) of all others.
    """

    looked: int = 0
    erased: int = 0
    homeless: int = 0
    unprobed: int = 0
    ways: Counter[tuple[Way, Way]] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)

    def more(self, way: Way) -> int:
        """How many more tasks would go a way than went it; negative for fewer."""
        after = sum(count for (_, one), count in self.ways.items() if one is way)
        return after - sum(count for (one, _), count in self.ways.items() if one is way)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule of a step, and what has to be there before it is asked."""

    rule: Rule
    grounds: Grounds

    def can_be_tried(self, facts: Mapping[str, Any]) -> bool:
        """Whether there is a proposal, if it is about one."""
        return EFFECT in facts or not self.grounds.proposal

    def is_known(self, facts: Mapping[str, Any]) -> bool:
        """Whether all was looked up that it reads of the world."""
        return all(name in facts.get(PROBE, {}) for name in self.grounds.probes)


@dataclass(frozen=True, slots=True)
class _Contract:
    """A lane as past facts are held against it: by step, what it requires and where it asks people."""

    lane: LoadedLane
    required: Mapping[str, Sequence[_Asked]]
    edges: Mapping[str, Sequence[_Asked]]


def how_many(unit: Unit, lane: str, since: datetime) -> int:
    """How many recorded facts there are at most, to show progress against."""
    query = """select count(*) from judged_facts f join task t on t.company = f.company and t.number = f.task
        where f.company = :company and t.lane = :lane and f.at >= :since"""
    parameters = {"company": unit.company, "lane": lane, "since": since}
    count: int = unit.connection.execute(text(query), parameters).scalar_one()
    return count


def backtest(unit: Unit, lane: LoadedLane, since: datetime, *, seen: Callable[[int], None] = lambda _: None) -> Report:
    """Hold `lane`, a version that need not be published, against what was recorded since then; nothing is written.

    `seen` hears of each handful of facts that was looked at.
    """
    report, contract = Report(), _contract(lane)
    for rows in _recorded(unit, lane.lane.lane, since):
        for row in rows:
            _look(report, contract, row)
        seen(len(rows))
    return report


def _recorded(unit: Unit, lane: str, since: datetime) -> Iterator[Sequence[Any]]:
    """In handfuls, over a cursor of the server's: a year of facts does not fit into memory."""
    streaming = unit.connection.execution_options(yield_per=_AT_ONCE)
    found = streaming.execute(_RECORDED, {"company": unit.company, "lane": lane, "since": since})
    yield from found.partitions()


def _look(report: Report, contract: _Contract, row: Any) -> None:
    report.looked += 1
    whose = step_of(row.step)
    if row.facts is None:
        report.erased += 1
    elif (whose or row.step) not in contract.required:
        report.homeless += 1
    elif whose is not None:
        for one in _of_peers(contract.lane, whose, row):
            _count(report, one)
    else:
        before = _as_recorded(row.verdicts or [])
        after = _sight_of(contract, row.step, row.facts, unlike=before.way)
        _count(report, Changed(row.task, row.step, before, after) if after is not None else None)


def _of_peers(lane: LoadedLane, step: str, row: Any) -> Iterator[Changed]:
    """Every peer of a step on whom a verdict is kept there, as it was judged then and as the lane would judge it."""
    facts = _derived(lane, row.facts)
    handle = parse_facts(facts, lane.handing[step])
    for _, rule, holds, sentence in row.verdicts or []:
        before = Sight(Way.MAY_TAKE_OVER if holds is True else Way.RULES_OUT, (rule,), sentence)
        yield Changed(row.task, step, before, _sight_of_peer(lane, step, peer_of(rule, step), handle))


def _sight_of_peer(lane: LoadedLane, step: str, peer: str, facts: FactsHandle) -> Sight:
    rule = lane.takeovers.get(step, {}).get(peer)
    if not any(peer in group for group in lane.lane.peers(step)):
        return Sight(Way.RULES_OUT, because=f"{peer} is no peer of {lane.lane.step(step).worker}")
    if rule is None:
        return Sight(Way.MAY_TAKE_OVER, because=f"{peer} takes over whenever it is asked")
    verdict = rule.verdict(facts)
    return Sight(Way.MAY_TAKE_OVER if verdict.passes else Way.RULES_OUT, (rule.name,), verdict.sentence)


def _count(report: Report, one: Changed | None) -> None:
    if one is None:
        report.unprobed += 1
        return
    report.ways[one.before.way, one.after.way] += 1
    if one.before.way is not one.after.way:
        report.changed.append(one)


def _as_recorded(verdicts: Sequence[Sequence[Any]]) -> Sight:
    """The way that the verdicts led, which stand in the order in which they were passed."""
    for kind, rule, holds, sentence in verdicts:
        if kind == CONDITION and holds is not True:
            return Sight(Way.LEAVES_OUT if holds is False else Way.STOPS, (rule,), sentence)
        if kind == "require" and holds is not True:
            return Sight(Way.STOPS, (rule,), sentence)
    edges = [(rule, holds, sentence) for kind, rule, holds, sentence in verdicts if kind == "approve"]
    asked = [(rule, sentence) for rule, holds, sentence in edges if holds is not False]
    if asked:
        return Sight(Way.ASKS, tuple(rule for rule, _ in asked), "; ".join(sentence for _, sentence in asked))
    return Sight(Way.GOES_ON, because="; ".join(sentence for *_, sentence in edges or verdicts))


def _contract(lane: LoadedLane) -> _Contract:
    steps = [step.name for step in lane.lane.steps]
    required, edges = (
        {
            step: [_Asked(rule, grounds_of(lane.lane, rule.reads, one)) for one, rule in pairs if one.before == step]
            for step in steps
        }
        for pairs in (lane.requirements, lane.edges)
    )
    return _Contract(lane, required, edges)


def _sight_of(contract: _Contract, step: str, facts: Mapping[str, Any], *, unlike: Way) -> Sight | None:
    """How a contract sees the facts of a step; only a way that is `unlike` the given one is explained.

    What it derives is computed anew. None when it comes to a rule that reads of the world what nobody looked up.
    """
    facts = _derived(contract.lane, facts)
    handle = parse_facts(facts, contract.lane.schemas.get(step))
    condition = contract.lane.conditions.get(step)
    taken = True if condition is None else _holds(condition, handle)
    if condition is not None and taken is not True:
        way = Way.LEAVES_OUT if taken is False else Way.STOPS
        return _explained(way, [condition], handle, unlike)
    required = [one for one in contract.required[step] if one.can_be_tried(facts)]
    edges = contract.edges[step] if EFFECT in facts else []
    for one in required:
        if not one.is_known(facts):
            return None
        if _holds(one.rule, handle) is not True:
            return _explained(Way.STOPS, [one.rule], handle, unlike)
    if not all(one.is_known(facts) for one in edges):
        return None
    asking = [one for one in edges if _holds(one.rule, handle) is not False]
    way = Way.ASKS if asking else Way.GOES_ON
    return _explained(way, [one.rule for one in asking or edges or required], handle, unlike)


def _derived(lane: LoadedLane, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with what the lane derives of them, computed anew."""
    declared = lane.lane.derive
    return {**facts, DERIVED: derive(declared, facts, now=facts["now"])} if declared else facts


def _holds(rule: Rule, facts: FactsHandle) -> Any:
    """Whether it holds; None when it can't be told, as in an attempt."""
    try:
        return rule(facts)
    except NotEvaluable:
        return None


def _explained(way: Way, rules: Sequence[Rule], facts: FactsHandle, unlike: Way) -> Sight:
    if way is unlike:
        return Sight(way)
    return Sight(way, tuple(rule.name for rule in rules), "; ".join(rule.verdict(facts).sentence for rule in rules))
