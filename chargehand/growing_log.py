"""A file that an audit log grows into: what is sealed is put behind what is there, in whole checkpoints, and survives any cut."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from json import dumps, loads
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.sealed import sealed_since

_CHECKPOINT = b'{"kind":"checkpoint"'
_HEAD = b'{"kind":"log"'


class NotThatLog(ValueError):
    """The file is another company's log, or none, or somebody else writes it; `str()` says what to do."""


def line(document: Mapping[str, Any]) -> str:
    """A document of the log as a line of a file."""
    return f"{dumps(document, ensure_ascii=False, separators=(',', ':'))}\n"


def follow(database: Database, company: str, file: Path, *, goes_on: Callable[[bool], bool]) -> None:
    """Put into the file what is sealed, again and again; `goes_on` pauses, and is told whether the database answered.

    It begins behind the last checkpoint in the file, and cuts off what a crash has left behind that. Raises NotThatLog.
    """
    with _held(file) as out:
        size, answered = _resumed(out, company, file), True
        while True:
            try:
                size = _grown(out, database, company, size)
                answered = True
            except OperationalError:  # it is away: what is sealed meanwhile is there when it is back
                answered = False
            if not goes_on(answered):
                return


@contextmanager
def _held(file: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotThatLog(f"Another process writes {file}. Stop that one, or name another file.") from error
        yield out


def _resumed(out: BinaryIO, company: str, file: Path) -> int | None:
    """How many entries the file holds, None for an empty one; it ends with its last checkpoint afterwards."""
    end, size, place = 0, None, 0
    for number, raw in enumerate(out):
        place += len(raw)
        if number == 0 and not _is_cut_head(raw):
            _insist_on_head(raw, company, file)
        if raw.startswith(_CHECKPOINT) and raw.endswith(b"\n"):
            end, size = place, int(loads(raw)["size"])
    out.truncate(end)
    out.seek(end)
    return size


def _is_cut_head(raw: bytes) -> bool:
    """Whether a crash has left no more than a part of the first line."""
    return not raw.endswith(b"\n") and raw[: len(_HEAD)] == _HEAD[: len(raw)]


def _insist_on_head(raw: bytes, company: str, file: Path) -> None:
    try:
        head = loads(raw)
        found = (head["kind"], head["company"])
    except (ValueError, KeyError, TypeError):
        found = ("", "")
    if found != ("log", company):
        raise NotThatLog(f"{file} does not begin as an audit log of {company} does. Name another file.")


def _grown(out: BinaryIO, database: Database, company: str, size: int | None) -> int | None:
    """Append what was sealed behind the first `size` entries; how many there are then."""
    chunk: list[str] = []
    with closing(sealed_since(database, company, size)) as documents:
        for document in documents:
            chunk.append(line(document))
            if document["kind"] == "checkpoint":
                out.write("".join(chunk).encode())
                out.flush()
                os.fsync(out.fileno())
                size = int(document["size"])
                chunk.clear()
    return size
