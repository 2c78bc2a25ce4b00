"""A pool of its own for keeping what comes in, so that an acknowledgement costs one round trip and never queues."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Pool, QueuePool, create_engine

from storage.silence import limits

LONGEST_S = 2


class Receipts:
    """Unbound connections in autocommit that nothing binds to a company, so nothing has to be reset between uses.

    `size` connections carry `size` deliveries per round trip: 16 are 80 a second where one takes 200 ms.
    """

    def __init__(self, url: str | URL, *, size: int = 16) -> None:
        self.size = size
        self.engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=LONGEST_S,
            pool_use_lifo=True,  # the connection that was used last has its statement prepared
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            connect_args={**limits(url, tcp_user_timeout=LONGEST_S * 1000), **_PATIENCE},
            hide_parameters=True,
            # Nothing here is an hstore; asking for its oid costs each new connection a round trip.
            use_native_hstore=False,
        )

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """An unbound connection on which each statement is its own transaction."""
        with self.engine.connect() as connection:
            yield connection

    def fill(self) -> None:
        """Open what is missing of the pool before somebody waits for it; raises sqlalchemy's errors."""
        with ThreadPoolExecutor(self.size) as threads:
            missing = range(self.size - _open(self.engine.pool))
            opened = [threads.submit(self.engine.connect) for _ in missing]
        for one in opened:
            if one.exception() is None:
                one.result().close()
        for one in opened:
            one.result()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


# Slack waits 3 seconds: a database that does not answer must be known to be away before that.
_PATIENCE = {
    "connect_timeout": LONGEST_S,
    "options": f"-c statement_timeout={LONGEST_S * 1000}",
}


def _open(pool: Pool) -> int:
    return pool.checkedin() + pool.checkedout() if isinstance(pool, QueuePool) else 0
