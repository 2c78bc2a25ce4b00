"""How cost grows with the record: `python -m benchmarks.growth [TASKS]`, with few tasks in the tables and with many more.

Two databases of one server, one of them grown: rounds of both in turn, so that what else the machine does falls on both
alike. Processor time of the runner and of PostgreSQL for each task, what a task writes to the log, and how long a claim
of sixteen takes with few and with many tasks due.
"""

import hashlib
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import psutil
import psycopg
from psycopg import sql

from benchmarks.parts import Parts, deployed, running, work
from chargehand.composition import publish_all
from chargehand.embedded import postgres
from engine.intake import Draft, accept
from storage import migrate
from storage.claims import Claimant, take
from storage.due import MOST

ROUNDS, MEASURED = 9, 600
FEW, MANY = 1_000, 1_000_000
CHUNK = 50_000
CLAIMS = 12
COPIED = {
    "task": {"number": "t.number + n", "form_key": "md5('copy ' || n)", "subject": "'count ' || n"},
    "attempt": {"task": "t.task + n"},
    "step_result": {"task": "t.task + n"},
    "verdict": {"task": "t.task + n"},
    "judged_facts": {"task": "t.task + n"},
    "outbox": {"task": "t.task + n", "dedupe": "replace(t.dedupe, ':' || t.task, ':' || t.task + n)"},
    "audit_entry": {"trail": "'task:' || (:number + n)"},
}
"""Rows of one task that was really worked, as those of others: what differs, by table; an id is given anew."""
_OF_ONE = {"task": "number = :number", "audit_entry": "trail = 'task:' || :number"}
# Task by task, as they come in earnest. Copied row by row, pages are filled with rows of one length, and each keeps a
# gap into which others fit: two new tasks of three then wrote an entry of their trail into some old page.
_COPY = """insert into {table} ({names}) select {values} from generate_series(%(first)s::bigint, %(last)s::bigint) n
    cross join lateral (select * from {table} where {of_one} and n is not null order by ctid offset 0) t"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one task: milliseconds of processor time, and bytes that were written to the log."""

    runner: float
    postgresql: float
    log: float


def main(words: list[str]) -> int:
    """Grow one of two databases, measure both in turn, print."""
    many = int(words[0]) if words else MANY
    with running() as few:
        grown = _another(few)
        for parts in (few, grown):
            _worked(parts, range(FEW))
        began = time.perf_counter()
        _grow(grown, many)
        sys.stdout.write(f"{many:,} more tasks in {time.perf_counter() - began:.0f} s\n")
        _settle((few, grown))
        _print(many, *_in_turn(few, grown, first=2 * many))
        for due in (10 * MOST, 100_000):
            sys.stdout.write(f"a claim with {due:>7,} due: {_claimed(grown, due):.1f} ms\n")
    return 0


def _another(parts: Parts) -> Parts:
    urls = parts.server.create_database("grown")
    migrate.upgrade(urls.owner)
    another = replace(parts, app_url=urls.app, owner_url=urls.owner)
    with deployed(another) as deployment:
        publish_all(deployment)
    return another


def _in_turn(few: Parts, grown: Parts, *, first: int) -> tuple[list[Cost], list[Cost]]:
    """Their subjects come after all that are there, as those of today's orders do."""
    found: tuple[list[Cost], list[Cost]] = ([], [])
    for begin in range(first, first + ROUNDS * MEASURED, MEASURED):
        for costs, parts in zip(found, (few, grown), strict=True):
            costs.append(_worked(parts, range(begin, begin + MEASURED)))
    return found


def _print(many: int, few: Sequence[Cost], grown: Sequence[Cost]) -> None:
    """Ratios are the middle of those of the rounds: what disturbs one disturbs both of its halves."""
    names = ("runner, ms of processor time", "PostgreSQL, ms of processor time", "log, kB")
    columns = zip(*map(astuple, few), strict=True), zip(*map(astuple, grown), strict=True)
    for name, small, large in zip(names, *columns, strict=True):
        ratios = sorted(after / before for before, after in zip(small, large, strict=True))
        told = f"{statistics.median(small):.2f} a task, {statistics.median(large):.2f} with {many:,} more"
        spread = f"{statistics.median(ratios):.2f} x, {ratios[1]:.2f} to {ratios[-2]:.2f}"
        sys.stdout.write(f"{name:<32} {told} ({spread})\n")


def _worked(parts: Parts, numbers: range) -> Cost:
    """What each task costs on the average, its intake included in what the server does."""
    server_s, written = _server_s(parts), _written(parts)
    with deployed(parts) as deployment:
        for number in numbers:
            accept(deployment, "bench", Draft("plain", "ola", {"number": number}, {}, _form_key(number), None))
    _, runner_s = work(parts, 1)
    total = (runner_s * 1000, (_server_s(parts) - server_s) * 1000, (_written(parts) - written) / 1000)
    return Cost(*(one / len(numbers) for one in total))


def _form_key(number: int) -> str:
    """Without an order, as those of letters are: each falls onto some page of its index, which nobody has in memory."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def _written(parts: Parts) -> int:
    with postgres.administrator(parts.home) as connection:
        row = connection.execute("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    return int(str(row[0])) if row else 0


def _settle(all_parts: Sequence[Parts]) -> None:
    """Leave nothing to be done of what growing has left behind, and let nothing be done beside the rounds."""
    for parts in all_parts:
        with psycopg.connect(parts.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("vacuum analyze")
    with postgres.administrator(all_parts[0].home) as connection:
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")
        connection.execute("checkpoint")


def _server_s(parts: Parts) -> float:
    """Processor seconds of all backends that have ended so far, and of those that live."""
    server = psutil.Process(parts.server.process.pid)
    while True:
        try:
            ended, living = server.cpu_times(), [child.cpu_times() for child in server.children()]
        except psutil.NoSuchProcess:
            continue  # one ended while we looked: look again
        return ended.children_user + ended.children_system + sum(one.user + one.system for one in living)


def _grow(parts: Parts, many: int) -> None:
    with psycopg.connect(parts.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute("select min(number), max(number) from task").fetchone()
        number, beyond = found or (0, 0)
        for first in range(beyond, beyond + many, CHUNK):
            for table in COPIED:
                connection.execute(
                    _copying(connection, table, number), {"first": first, "last": min(first + CHUNK, beyond + many) - 1}
                )
        connection.execute("select setval('task_number', (select max(number) from task))")


def _copying(connection: psycopg.Connection[tuple[object, ...]], table: str, number: int) -> sql.Composed:
    query = "select column_name from information_schema.columns where table_name = %s and column_name <> 'id'"
    names = [str(row[0]) for row in connection.execute(query, [table])]
    values = ", ".join(COPIED[table].get(name, f't."{name}"') for name in names).replace(":number", str(int(number)))
    of_one = _OF_ONE.get(table, "task = :number").replace(":number", str(int(number)))
    return sql.SQL(_COPY).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(values),
        of_one=sql.SQL(of_one),
    )


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
            take(bound, Claimant("growth", "default"), batch=16)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
