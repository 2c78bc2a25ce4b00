"""A wire to PostgreSQL that is longer than it looks: everything that the server says arrives later."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url


@contextmanager
def slowed(url: str, *, folder: Path, delay_s: float) -> Iterator[str]:
    """The same database under another URL, each answer `delay_s` late (so much per round trip)."""
    parsed = make_url(url)
    port = str(parsed.query.get("port") or parsed.port or 5432)
    socket = Path(str(parsed.query["host"])) / f".s.PGSQL.{port}"
    loop = asyncio.new_event_loop()
    wire = _Wire(socket, delay_s)
    folder.mkdir(parents=True, exist_ok=True)
    serving = loop.run_until_complete(asyncio.start_unix_server(wire.carry, folder / f".s.PGSQL.{port}"))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield parsed.update_query_dict({"host": os.fspath(folder)}).render_as_string(hide_password=False)
    finally:
        asyncio.run_coroutine_threadsafe(wire.cut(serving), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


class _Wire:
    def __init__(self, socket: Path, delay_s: float) -> None:
        self._socket = socket
        self._delay_s = delay_s
        self._carrying: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._socket)
        for source, target, delay_s in ((reader, back, 0.0), (there, writer, self._delay_s)):
            task = asyncio.create_task(_pass_on(source, target, delay_s))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def cut(self, serving: asyncio.Server) -> None:
        serving.close()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    try:
        while data := await source.read(65536):
            if delay_s:
                loop.call_later(delay_s, _write, target, data)
            else:
                _write(target, data)
    finally:
        with suppress(OSError):
            target.close()


def _write(target: asyncio.StreamWriter, data: bytes) -> None:
    if not target.is_closing():
        target.write(data)
