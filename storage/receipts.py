"""A pool of its own for keeping what comes in, so that an acknowledgement costs one round trip and never queues."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, create_engine

LONGEST_S = 2


class Receipts:
    """Unbound connections in autocommit that nothing binds to a company, so nothing has to be reset between uses."""

    def __init__(self, url: str | URL, *, size: int = 8) -> None:
        # Slack waits 3 seconds: a database that does not answer must be known to be away before that.
        patience = {"connect_timeout": LONGEST_S, "options": f"-c statement_timeout={LONGEST_S * 1000}"}
        self.size = size
        self.engine = create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=LONGEST_S,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            connect_args=patience,
            hide_parameters=True,
        )

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """An unbound connection on which each statement is its own transaction."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
