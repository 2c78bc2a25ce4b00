"""How cost grows with the record: `python -m benchmarks.growth [TASKS]`, with few tasks in the tables and with many more.

Processor time of the runner and of PostgreSQL for each task, and how long a claim of sixteen takes with few and with
many tasks due.
"""

import statistics
import sys
import time

import psutil
import psycopg
from psycopg import sql

from benchmarks.parts import Parts, ask, deployed, running, work
from storage.claims import Claimant, claim
from storage.due import MOST

MEASURED = 400
FEW, MANY = 1_000, 1_000_000
CHUNK = 50_000
CLAIMS = 12
COPIED = {
    "task": {"number": "t.number + n", "form_key": "'copy ' || n", "subject": "'copy ' || n"},
    "attempt": {"task": "t.task + n"},
    "step_result": {"task": "t.task + n"},
    "verdict": {"task": "t.task + n"},
    "judged_facts": {"task": "t.task + n"},
    "outbox": {"task": "t.task + n", "dedupe": "t.dedupe || ' copy ' || n"},
    "audit_entry": {"trail": "'task:' || (:number + n)"},
}
"""Rows of one task that was really worked, as those of others: what differs, by table; an id is given anew."""
_OF_ONE = {"task": "number = :number", "audit_entry": "trail = 'task:' || :number"}


def main(words: list[str]) -> int:
    """Measure, grow, measure again, print."""
    many = int(words[0]) if words else MANY
    with running() as parts:
        _worked(parts, range(FEW))
        few = _worked(parts, range(FEW, FEW + MEASURED))
        began = time.perf_counter()
        _grow(parts, many)
        sys.stdout.write(f"{many:,} more tasks in {time.perf_counter() - began:.0f} s\n")
        after = _worked(parts, range(FEW + MEASURED, FEW + 2 * MEASURED))
        for name, small, large in zip(("runner", "PostgreSQL"), few, after, strict=True):
            told = f"{small:.2f} ms of processor time a task, {large:.2f} ms with {many:,} more ({large / small:.2f} x)"
            sys.stdout.write(f"{name:<12} {told}\n")
        for due in (10 * MOST, 100_000):
            sys.stdout.write(f"a claim with {due:>7,} due: {_claimed(parts, due):.1f} ms\n")
    return 0


def _worked(parts: Parts, numbers: range) -> tuple[float, float]:
    """Milliseconds of processor time a task of the runner and of the database server, intake included in the latter."""
    before = _server_s(parts)
    with deployed(parts) as deployment:
        ask(deployment, "plain", numbers)
    _, runner_s = work(parts, 1)
    return runner_s / len(numbers) * 1000, (_server_s(parts) - before) / len(numbers) * 1000


def _server_s(parts: Parts) -> float:
    """Processor seconds of all backends that have ended so far, and of those that live."""
    server = psutil.Process(parts.server.process.pid)
    ended, living = server.cpu_times(), [child.cpu_times() for child in server.children()]
    return ended.children_user + ended.children_system + sum(one.user + one.system for one in living)


def _grow(parts: Parts, many: int) -> None:
    with psycopg.connect(parts.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute("select min(number), (select max(number) from task) from task").fetchone()
        number, beyond = found or (0, 0)
        for first in range(beyond, beyond + many, CHUNK):
            for table in COPIED:
                connection.execute(
                    _copying(connection, table, number), {"first": first, "last": min(first + CHUNK, beyond + many) - 1}
                )
        connection.execute("vacuum analyze")


def _copying(connection: psycopg.Connection[tuple[object, ...]], table: str, number: int) -> sql.Composed:
    query = "select column_name from information_schema.columns where table_name = %s and column_name <> 'id'"
    names = [str(row[0]) for row in connection.execute(query, [table])]
    values = ", ".join(COPIED[table].get(name, f't."{name}"') for name in names)
    of_one = _OF_ONE.get(table, "task = :number")
    query = f"insert into {{}} ({{}}) select {values} from {{}} t, generate_series(%(first)s::bigint, %(last)s::bigint) n where {of_one}"  # noqa: S608 - our own words
    whole = sql.SQL(query.replace(":number", str(int(number))))
    return whole.format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table))


def _claimed(parts: Parts, due: int) -> float:
    """The median of some claims, in milliseconds, when so many tasks are due."""
    with psycopg.connect(parts.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "update task set state = 'ready', ended_at = null, due_at = chargehand_now() - number * interval '1 ms'"
            " where number in (select number from task where state = 'done' order by number desc limit %s)",
            [due],
        )
        connection.execute("analyze task")
    taken = []
    with deployed(parts) as deployment, deployment.database.bound("bench") as bound:
        for _ in range(CLAIMS):
            began = time.perf_counter()
            with bound.transaction() as unit:
                claim(unit, Claimant("growth", "default"), batch=16)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
