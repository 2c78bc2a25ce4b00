"""A wire to PostgreSQL or Valkey that a test holds in its hand: what the server says arrives late, or never."""

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
    """The way to a server's `socket`, each answer `delay_s` late (so much per round trip); `lost` counts answers.

    `url` is the database under its other name, where it is one.
    """

    socket: Path
    url: str = ""
    delay_s: float = 0.0
    lost: int = 0
    loop: asyncio.AbstractEventLoop | None = None
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

    async def cut(self) -> None:
        """Cut every connection there is."""
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    def mend(self) -> None:
        """No answer is late any more; connections that wait for one are cut."""
        self.delay_s = 0.0
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self.cut(), self.loop).result(timeout=60)

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
    name = f".s.PGSQL.{port}"
    folder.mkdir(parents=True, exist_ok=True)
    with between(Path(str(parsed.query["host"])) / name, folder / name, delay_s=delay_s) as wire:
        wire.url = parsed.update_query_dict({"host": os.fspath(folder)}).render_as_string(hide_password=False)
        yield wire


@contextmanager
def between(there: Path, here: Path, *, delay_s: float = 0.0) -> Iterator[Wire]:
    """A wire from a socket that is made `here` to a server's."""
    loop = asyncio.new_event_loop()
    wire = Wire(there, delay_s=delay_s, loop=loop)
    serving = loop.run_until_complete(asyncio.start_unix_server(wire.carry, here))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(serving.close)
        asyncio.run_coroutine_threadsafe(wire.cut(), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


@contextmanager
def closing_at_the_end(target: asyncio.StreamWriter) -> Iterator[None]:
    """Whatever ends one direction, the server's or the asker's end too, ends what the other side hears."""
    try:
        with suppress(OSError):
            yield
    finally:
        with suppress(OSError):
            target.close()


def _write(target: asyncio.StreamWriter, data: bytes) -> None:
    if not target.is_closing():
        target.write(data)
