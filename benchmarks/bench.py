"""`bin/bench`: what governing costs, beside plain RQ no-ops on the same machine in the same run, as ratios."""

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import business, rules
from benchmarks.bare import bare_rq
from benchmarks.house import Measured, house
from benchmarks.parts import AT_ONCE, Parts, ask, ask_at_once, counts, deployed, running, work
from benchmarks.peers import table

TASKS = 1000
ROUNDS = 5
AIMS = {"plain": 4.0, "effect": 1.5}
TURNS = [(lane, runners) for lane in AIMS for runners in (1, 2)]
"""Lanes and how many runners work on them, in the order of a round."""


def main(words: list[str]) -> int:
    """Measure, print a table, or one JSON object with --json; `rules` measures rules alone, `--peers` others beside us."""
    if words[:1] == ["rules"]:
        return rules.main(words[1:])
    if "--peers" in words:
        return table.main(words)
    with running() as parts:
        found = {**_throughput(parts), **_at_once(parts), **_exact(parts)}
    found |= _house(house())
    found |= business.measured()
    if "--json" in words:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(f"{name:<58} {value}" for name, value in found.items()) + "\n")
    return 0


def _throughput(parts: Parts) -> dict[str, str]:
    """The middle of a few rounds, in each of which everybody has a turn: this machine's pace changes within a run."""
    rounds = [_round(parts, number) for number in range(0, ROUNDS * len(TURNS) * TASKS, len(TURNS) * TASKS)]
    bare = [one.bare for one in rounds]
    found = {"bare rq SimpleWorker no-op, tasks/s": f"{statistics.median(bare):.0f}"}
    for lane, runners in TURNS:
        turns = [one.turns[lane, runners] for one in rounds]
        ratios = [turn.rate / one for turn, one in zip(turns, bare, strict=True)]
        aim = f", aim {AIMS[lane]:g}" if runners == 1 else ""
        found[f"{lane}, {runners} runner{'s' if runners > 1 else ''}"] = (
            f"{_middle(turns, 'rate'):.0f} tasks/s, {statistics.median(ratios):.2f} x bare rq "
            f"({min(ratios):.2f} to {max(ratios):.2f}){aim}, {_middle(turns, 'cpu_ms'):.2f} CPU ms a task in the runner"
        )
        found[f"{lane}, intake beside it"] = f"{_middle(turns, 'intake'):.0f} tasks/s accepted by one process"
    for lane in AIMS:
        gains = [one.turns[lane, 2].rate / one.turns[lane, 1].rate for one in rounds]
        found[f"{lane}, two runners beside one"] = f"{statistics.median(gains):.2f} x"
    return found


@dataclass(frozen=True, slots=True)
class _Turn:
    """Tasks a second that runners have done, their processor time for each, and how many a second were accepted before."""

    rate: float
    cpu_ms: float
    intake: float


@dataclass(frozen=True, slots=True)
class _Round:
    """Jobs a second of bare RQ, and what came of each turn after it."""

    bare: float
    turns: Mapping[tuple[str, int], _Turn]


def _round(parts: Parts, first: int) -> _Round:
    bare = bare_rq(parts.redis_url, TASKS)
    starts = range(first, first + len(TURNS) * TASKS, TASKS)
    return _Round(bare, {turn: _turn(parts, *turn, start) for turn, start in zip(TURNS, starts, strict=True)})


def _turn(parts: Parts, lane: str, runners: int, first: int) -> _Turn:
    with deployed(parts) as deployment:
        asked = ask(deployment, lane, range(first, first + TASKS))
    wall, processor = work(parts, runners)
    return _Turn(TASKS / wall, processor / TASKS * 1000, TASKS / asked)


def _middle(turns: Sequence[_Turn], name: str) -> float:
    middle: float = statistics.median(getattr(one, name) for one in turns)
    return middle


def _at_once(parts: Parts) -> dict[str, str]:
    """As intake beside the runners, when callers come at the same time; what they asked for is worked off again."""
    rates, number = [], 200_000
    for _ in range(ROUNDS):
        with deployed(parts) as deployment:
            rates.append(TASKS / ask_at_once(deployment, "plain", range(number, number + TASKS)))
        number += TASKS
        work(parts, 1)
    return {f"plain, intake, {AT_ONCE} at once": f"{max(rates):.0f} tasks/s accepted by one process, {AT_ONCE} at once"}


def _exact(parts: Parts) -> dict[str, str]:
    """Counts that don't depend on the machine: transactions and commands a task, intake included."""
    found, size, number = {}, 200, 100_000
    for lane in ("plain", "effect"):
        before = counts(parts)
        with deployed(parts) as deployment:
            ask(deployment, lane, range(number, number + size))
        work(parts, 1)
        after = counts(parts)
        number += size
        transactions = (after.transactions - before.transactions) / size
        commands = (after.commands - before.commands) / size
        found[f"{lane}, PostgreSQL transactions a task"] = f"{transactions:.1f}"
        found[f"{lane}, Redis commands a task"] = f"{commands:.1f}"
    return found


def _house(measured: Measured) -> dict[str, str]:
    return {
        "signed Slack event to acknowledgement, 50 a second": _spread(measured.acknowledged_ms),
        "form submitted to worker start, idle": _spread(measured.started_ms),
        "form submitted to done and verified, idle": _spread(measured.done_ms),
        **{f"memory of {name}": f"{size:.0f} MiB" for name, size in sorted(measured.memory_mib.items())},
    }


def _spread(values: list[float]) -> str:
    at: Callable[[int], float] = lambda share: statistics.quantiles(values, n=100, method="inclusive")[share - 1]  # noqa: E731
    return f"p50 {at(50):.1f} ms, p99 {at(99):.1f} ms, n {len(values)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
