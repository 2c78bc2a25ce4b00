"""Databases of the server that tests share."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres


def name_of(urls: DatabaseUrls) -> str:
    """The name of a database on the server that has it."""
    return urls.app.partition("@/")[2].partition("?")[0]


def copies(server: Postgres, template: str, *, name: str) -> Callable[[], DatabaseUrls]:
    """Makes one copy after the other of a database, with this name and a number."""
    numbers = itertools.count(1)
    return lambda: server.create_database(f"{name}_{next(numbers)}", template=template)


@contextmanager
def dropped_at_the_end(server: Postgres, urls: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database for as long as the block lasts."""
    yield urls
    server.drop_database(name_of(urls))
