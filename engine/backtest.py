"""Holds a changed contract against the recorded facts of past tasks, and says which of them would have gone otherwise."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from contracts.loaded import LoadedLane
from contracts.rules import FactsHandle, NotEvaluable, Rule, parse_facts
from engine.judging import CONDITION, can_be_tried
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
    """Where a contract lets a task go from a step."""

    GOES_ON = "goes on"
    ASKS = "asks a human"
    STOPS = "stops"
    LEAVES_OUT = "leaves it out"


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
    """What came of it: `looked` recorded facts, of which `erased` hold no content any more, and `homeless` ones belong
    to a step that the changed contract does not have; `ways` counts (before, after) of all others.
    """

    looked: int = 0
    erased: int = 0
    homeless: int = 0
    ways: Counter[tuple[Way, Way]] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)

    def more(self, way: Way) -> int:
        """How many more tasks would go a way than went it; negative for fewer."""
        after = sum(count for (_, one), count in self.ways.items() if one is way)
        return after - sum(count for (one, _), count in self.ways.items() if one is way)


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
    report, steps = Report(), {step.name for step in lane.lane.steps}
    for rows in _recorded(unit, lane.lane.lane, since):
        for row in rows:
            _look(report, lane, row, known=row.step in steps)
        seen(len(rows))
    return report


def _recorded(unit: Unit, lane: str, since: datetime) -> Iterator[Sequence[Any]]:
    """In handfuls, over a cursor of the server's: a year of facts does not fit into memory."""
    streaming = unit.connection.execution_options(yield_per=_AT_ONCE)
    found = streaming.execute(_RECORDED, {"company": unit.company, "lane": lane, "since": since})
    yield from found.partitions()


def _look(report: Report, lane: LoadedLane, row: Any, *, known: bool) -> None:
    report.looked += 1
    if row.facts is None:
        report.erased += 1
    elif not known:
        report.homeless += 1
    else:
        before = _as_recorded(row.verdicts or [])
        after = sight_of(lane, row.step, row.facts, unlike=before.way)
        report.ways[before.way, after.way] += 1
        if before.way is not after.way:
            report.changed.append(Changed(row.task, row.step, before, after))


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


def sight_of(lane: LoadedLane, step: str, facts: Mapping[str, Any], *, unlike: Way | None = None) -> Sight:
    """How a contract sees the facts of a step; only a way that is `unlike` the given one is explained."""
    handle, has_effect = parse_facts(facts, lane.schemas.get(step)), "effect" in facts
    condition = lane.conditions.get(step)
    taken = True if condition is None else _holds(condition, handle)
    if condition is not None and taken is not True:
        return _explained(Way.LEAVES_OUT if taken is False else Way.STOPS, [condition], handle, unlike)
    required = [
        rule for one, rule in lane.requirements if one.before == step and can_be_tried(rule, with_effect=has_effect)
    ]
    stopping = next((rule for rule in required if _holds(rule, handle) is not True), None)
    if stopping is not None:
        return _explained(Way.STOPS, [stopping], handle, unlike)
    edges = [rule for one, rule in lane.edges if one.before == step and has_effect]
    asking = [rule for rule in edges if _holds(rule, handle) is not False]
    if asking:
        return _explained(Way.ASKS, asking, handle, unlike)
    return _explained(Way.GOES_ON, edges or required, handle, unlike)


def _holds(rule: Rule, facts: FactsHandle) -> Any:
    """Whether it holds; None when it can't be told, as in an attempt."""
    try:
        return rule(facts)
    except NotEvaluable:
        return None


def _explained(way: Way, rules: Sequence[Rule], facts: FactsHandle, unlike: Way | None) -> Sight:
    if way is unlike:
        return Sight(way)
    return Sight(way, tuple(rule.name for rule in rules), "; ".join(rule.verdict(facts).sentence for rule in rules))
