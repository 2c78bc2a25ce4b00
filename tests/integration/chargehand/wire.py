"""A wire between a client and a database that goes dead, or is torn, as soon as the client says a word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import make_url


@dataclass(slots=True)
class Wire:
    """Where a client calls; what it says from `dead_at` on comes nowhere, and nothing comes back; `torn_at` closes the line."""

    address: str
    dead_at: bytes | None = None
    torn_at: bytes | None = None
    _open: list[socket.socket] = field(default_factory=list)

    def carry(self, listening: socket.socket, database: str) -> None:
        """Connect each call with the socket of a database, until nobody listens any more."""
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(database)
            self._open += [client, server]
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while said := source.recv(65536):
                if is_client and self.dead_at is not None and self.dead_at in said:
                    return
                if is_client and self.torn_at is not None and self.torn_at in said:
                    break
                target.sendall(said)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up all that is left."""
        for line in self._open:
            line.close()


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    """A wire to the database of an address, which has a socket of this machine."""
    known = make_url(url)
    place: Any = known.query
    listening = socket.create_server(("127.0.0.1", 0))
    here = known.set(host="127.0.0.1", port=listening.getsockname()[1], query={"sslmode": "disable"})
    wire = Wire(here.render_as_string(hide_password=False))
    database = f"{place['host']}/.s.PGSQL.{place['port']}"
    calling = threading.Thread(target=wire.carry, args=(listening, database), daemon=True)
    calling.start()
    try:
        yield wire
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        calling.join(60)
        wire.close()
