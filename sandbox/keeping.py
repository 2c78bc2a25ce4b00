"""Keeps what was said in one SQLite file, so that yesterday's messages are there after a restart."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sandbox.refusals import Json

_TABLE = """
create table if not exists kept (
    team text not null, kind text not null, key text not null, body text not null,
    primary key (team, kind, key)
)"""


class Keeper:
    """Records by (team, kind, key); without a path they live only as long as the process."""

    def __init__(self, path: Path | None) -> None:
        # The file is opened where the app is built and used on the server's loop: one thread at a time.
        self._file = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._file.execute("pragma journal_mode=wal")
        self._file.execute("pragma synchronous=normal")
        self._file.execute(_TABLE)

    def keep(self, team: str, kind: str, *, key: str, body: Json) -> None:
        """Write one record, replacing the one of that key."""
        row = (team, kind, key, json.dumps(body, separators=(",", ":")))
        self._file.execute("insert or replace into kept (team, kind, key, body) values (?, ?, ?, ?)", row)

    def forget(self, team: str, kind: str, *, key: str) -> None:
        """Remove one record; removing what is not there is no error."""
        self._file.execute("delete from kept where team = ? and kind = ? and key = ?", (team, kind, key))

    def kept(self, team: str, kind: str) -> Iterator[tuple[str, Json]]:
        """All records of a kind as (key, body), in order of key."""
        rows = self._file.execute("select key, body from kept where team = ? and kind = ? order by key", (team, kind))
        return ((key, json.loads(body)) for key, body in rows.fetchall())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
