"""Databases of the server that tests share."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres


def name_of(urls: DatabaseUrls) -> str:
    """The name of a database on the server that has it."""
    return urls.app.partition("@/")[2].partition("?")[0]


def copies(server: Postgres, template: str, *, name: str) -> Callable[[], DatabaseUrls]:
    """Makes one copy after the other of a database, with this name and a number."""
    numbers = itertools.count(1)
    return lambda: server.create_database(f"{name}_{next(numbers)}", template=template)


def stop_the_clock(urls: DatabaseUrls) -> None:
    """From now on the record's time moves in no other way than by `wait`, however long a machine stands still."""
    with _owner(urls) as connection:
        now = connection.exec_driver_sql("select clock_timestamp()").scalar_one()
        connection.exec_driver_sql(_STANDS.format(now=now.isoformat()))


def refuse_results_of(urls: DatabaseUrls, task: int) -> None:
    """From now on nobody can write what a step of that task gave: an error that no table of failures knows."""
    with _owner(urls) as connection:
        connection.exec_driver_sql(f"alter table step_result add constraint unforeseen check (task <> {task})")


def take_all_results(urls: DatabaseUrls) -> None:
    """What `refuse_results_of` refused is taken again."""
    with _owner(urls) as connection:
        connection.exec_driver_sql("alter table step_result drop constraint unforeseen")


@contextmanager
def _owner(urls: DatabaseUrls) -> Iterator[Connection]:
    """One transaction of who may change tables."""
    engine = create_engine(urls.owner)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


_STANDS = (
    "create or replace function chargehand_now() returns timestamptz language sql volatile as"
    " $$ select timestamptz '{now}' + (select make_interval(secs => offset_s) from test_clock) $$"
)


@contextmanager
def dropped_at_the_end(server: Postgres, urls: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database for as long as the block lasts."""
    yield urls
    server.drop_database(name_of(urls))
