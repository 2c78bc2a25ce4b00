"""`bin/bench --peers`: the nearest equal work elsewhere, each in an environment of its own, interleaved with ours."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path

from rq import Worker

from benchmarks.bare import bare_rq
from benchmarks.parts import AT_ONCE, Parts, ask, ask_while_working, deployed, running, work

FOLDER = Path(__file__).parent
ENVIRONMENTS = FOLDER.parents[1] / ".peers"
ROUNDS = 5
LATEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Who does how many pieces of work a round: enough for a second or so, each three steps unless `what` says otherwise."""

    name: str
    what: str
    tasks: int
    rate: Callable[["Run"], float]


@dataclass(slots=True)
class Run:
    """The parts, how many tasks, and what lasts over all rounds: a number for ours, and the database of each peer."""

    parts: Parts
    tasks: int = 0
    numbers: "count[int]" = field(default_factory=count)
    databases: dict[str, str] = field(default_factory=dict)


def main(words: list[str]) -> int:
    """Measure all in turn, again and again, and print medians and ratios; --json gives one JSON object."""
    rates: dict[str, list[float]] = {peer.name: [] for peer in PEERS}
    with running() as parts:
        run = Run(parts)
        for number in range(1, ROUNDS + 1):
            for peer in PEERS:
                run.tasks = peer.tasks
                rates[peer.name].append(peer.rate(run))
                sys.stderr.write(f"round {number} of {ROUNDS}: {peer.name} {rates[peer.name][-1]:.1f} tasks/s\n")
    sys.stdout.write(json.dumps(rates, indent=2) + "\n" if "--json" in words else table(rates))
    return 0


def table(rates: Mapping[str, list[float]]) -> str:
    """As Markdown: the median, the spread, and how many times as many tasks we do in a second, without intake and with it."""
    ours, whole = (statistics.median(rates[name]) for name in (OURS, WHOLE))
    lines = [
        "| what, with one worker process | tasks/s, median | least to most | ours beside it | with our intake |",
        "|---|---|---|---|---|",
    ]
    for peer in PEERS:
        found = rates[peer.name]
        middle = statistics.median(found)
        spread = f"{min(found):.3g} to {max(found):.3g}"
        lines.append(
            f"| {peer.name}: {peer.what} | {middle:.3g} | {spread} | {ours / middle:.3g} x | {whole / middle:.3g} x |"
        )
    return "\n".join([*lines, ""])


def _ours(run: Run) -> float:
    first = next(run.numbers) * 100_000
    with deployed(run.parts) as deployment:
        ask(deployment, "plain", range(first, first + run.tasks))
    wall, _ = work(run.parts, 1)
    return run.tasks / wall


def _ours_with_intake(run: Run) -> float:
    """Requests come sixteen at once while the runner works, as they do in processes of their own."""
    first = next(run.numbers) * 100_000
    return run.tasks / ask_while_working(run.parts, "plain", range(first, first + run.tasks))


def _ours_after_intake(run: Run) -> float:
    """Accepted one by one, then worked: as long as both take one after the other."""
    first = next(run.numbers) * 100_000
    with deployed(run.parts) as deployment:
        asking = ask(deployment, "plain", range(first, first + run.tasks))
    wall, _ = work(run.parts, 1)
    return run.tasks / (asking + wall)


def _rq(run: Run) -> float:
    return bare_rq(run.parts.redis_url, run.tasks)


def _rq_forking(run: Run) -> float:
    """RQ's own default: a child for each job."""
    return bare_rq(run.parts.redis_url, run.tasks, worker=Worker)


def _elsewhere(name: str, *, driver: str = "postgresql") -> Callable[[Run], float]:
    """What `work.py` of a peer says, run by its own Python on a database of its own."""

    def rate(run: Run) -> float:
        python = environment(name)
        if name not in run.databases:
            run.databases[name] = run.parts.server.create_database(f"peer_{name}").owner
        url = run.databases[name].replace("postgresql+psycopg", driver)
        command = [str(python), str(FOLDER / name / "work.py"), str(run.tasks), url, run.parts.redis_url]
        said = subprocess.run(command, capture_output=True, text=True, timeout=LATEST_S, check=True)
        found = json.loads(said.stdout.splitlines()[-1])
        return float(found["tasks"] / found["seconds"])

    return rate


def environment(name: str) -> Path:
    """The Python of a peer's environment, made anew when its lock has changed."""
    lock, folder = FOLDER / name / "requirements.lock", ENVIRONMENTS / name
    stamp, wanted = folder / "lock.sha256", sha256(lock.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        sys.stderr.write(f"Setting up {name} from its lock …\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


OURS, WHOLE, IN_TURN = "Chargehand", "Chargehand, with intake", "Chargehand, after intake"
PEERS = (
    Peer(OURS, "governed, three steps, each with its trail", 1_000, _ours),
    Peer(WHOLE, f"the same, from the request on, {AT_ONCE} at once while it works", 1_000, _ours_with_intake),
    Peer(IN_TURN, "the same, one request after the other before it works", 300, _ours_after_intake),
    Peer("rq SimpleWorker", "one job that does nothing", 300, _rq),
    Peer("rq Worker", "the same, in a fork for each job", 60, _rq_forking),
    Peer("Celery", "a chain of three tasks, acknowledged late", 100, _elsewhere("celery")),
    Peer("Procrastinate", "three jobs, each deferring the next", 60, _elsewhere("procrastinate")),
    Peer("DBOS", "a workflow of three steps", 60, _elsewhere("dbos", driver="postgresql+psycopg")),
    Peer("LangGraph", "a graph of three nodes, checkpointed", 60, _elsewhere("langgraph")),
    Peer("Prefect", "a flow of three tasks on its local server", 4, _elsewhere("prefect")),
)
"""Nearest equal work: nobody else judges rules, keeps verdicts, seals a trail or tells people, so ours does more."""
