"""A wire to PostgreSQL that a test holds in its hand: what the server says arrives late, or never."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url


@dataclass(slots=True)
class Wire:
    """The same database under another `url`, each answer `delay_s` late (so much per round trip); `lost` counts answers."""

    url: str
    socket: Path
    delay_s: float = 0.0
    lost: int = 0
    _until_lost: int = 0
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    def lose(self, nth: int) -> None:
        """Cut the connection on which the nth answer from now comes, instead of that answer: the server did what was asked."""
        self._until_lost = nth

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be one connection."""
        there, back = await asyncio.open_unix_connection(self.socket)
        for work in (self._ask(reader, back), self._answer(there, writer)):
            task = asyncio.create_task(work)
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def cut(self, serving: asyncio.Server) -> None:
        """Cut all of it."""
        serving.close()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _ask(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with closing_at_the_end(target):
            while data := await source.read(65536):
                _write(target, data)

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with closing_at_the_end(target):
            while data := await source.read(65536):
                if self._is_lost():
                    return
                if self.delay_s:
                    loop.call_later(self.delay_s, _write, target, data)
                else:
                    _write(target, data)

    def _is_lost(self) -> bool:
        if not self._until_lost:
            return False
        self._until_lost -= 1
        self.lost += not self._until_lost
        return not self._until_lost


@contextmanager
def wired(url: str, *, folder: Path, delay_s: float = 0.0) -> Iterator[Wire]:
    """A wire to a database, its socket in `folder`."""
    parsed = make_url(url)
    port = str(parsed.query.get("port") or parsed.port or 5432)
    socket = Path(str(parsed.query["host"])) / f".s.PGSQL.{port}"
    other = parsed.update_query_dict({"host": os.fspath(folder)}).render_as_string(hide_password=False)
    wire, loop = Wire(other, socket, delay_s), asyncio.new_event_loop()
    folder.mkdir(parents=True, exist_ok=True)
    serving = loop.run_until_complete(asyncio.start_unix_server(wire.carry, folder / f".s.PGSQL.{port}"))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        asyncio.run_coroutine_threadsafe(wire.cut(serving), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


@contextmanager
def closing_at_the_end(target: asyncio.StreamWriter) -> Iterator[None]:
    """Whatever ends one direction ends what the other side hears."""
    try:
        yield
    finally:
        with suppress(OSError):
            target.close()


def _write(target: asyncio.StreamWriter, data: bytes) -> None:
    if not target.is_closing():
        target.write(data)
