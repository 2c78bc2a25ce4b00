"""How long a back-test over 100,000 recorded verdicts takes: `python -m benchmarks.backtest`."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from chargehand.embedded import postgres, valkey
from engine.backtest import Way, backtest
from storage import migrate
from tests.builders import MORNING, House, house

VERDICTS = 100_000
# One task was really worked; the others are copies of it with amounts of their own.
_COPY_TASKS = """insert into task select (jsonb_populate_record(t, jsonb_build_object(
    'number', t.number + n, 'form_key', 'copy ' || n, 'subject', 'copy ' || n))).* from task t, generate_series(1, :copies) n"""
_COPY_VERDICTS = """insert into verdict select (jsonb_populate_record(v, jsonb_build_object('task', v.task + n))).*
    from verdict v, generate_series(1, :copies) n"""
_COPY_FACTS = """insert into judged_facts select (jsonb_populate_record(f, jsonb_build_object('task', f.task + n,
    'facts', jsonb_set(f.facts, '{effect,args,amount}', to_jsonb(n * 7 % 60000 + 1))))).*
    from judged_facts f, generate_series(1, :copies) n"""


def main() -> int:
    """Record, measure, print."""
    with TemporaryDirectory(prefix="chargehand-bench-") as folder, _office(Path(folder)) as office:
        each = _record(office)
        lane = office.deployment.businesses["morning"].lanes["refunds"]
        with office.deployment.database.transaction("morning") as unit:
            began, processor = time.perf_counter(), time.process_time()
            report = backtest(unit, lane, unit.now - timedelta(days=30))
            seconds, spent = time.perf_counter() - began, time.process_time() - processor
    found = f"{report.looked * each:,} verdicts on {report.looked:,} facts: {seconds:.1f} s, {spent:.1f} s of this core"
    sys.stdout.write(f"{found}, {report.more(Way.ASKS):+d} approvals\n")
    return 0


@contextmanager
def _office(home: Path) -> Iterator[House]:
    """The example company on parts of its own."""
    with postgres.running(home) as database, valkey.running(home) as queue:
        urls = database.create_database("bench")
        migrate.upgrade(urls.owner)
        with house(urls, queue.url, home, folder=MORNING) as office:
            yield office


def _record(office: House) -> int:
    """Verdicts that one judgement has."""
    office.asked(order="1008")
    office.work()
    with office.deployment.database.transaction("morning") as unit:
        each = int(unit.connection.execute(text("select count(*) from verdict")).scalar_one())
        for query in (_COPY_TASKS, _COPY_VERDICTS, _COPY_FACTS):
            unit.connection.execute(text(query), {"copies": VERDICTS // each})
    return each


if __name__ == "__main__":
    sys.exit(main())
