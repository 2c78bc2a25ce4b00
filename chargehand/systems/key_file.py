"""Keeps the keys of what was written into a folder in a file beside it: a file has no place of its own that survives the next write."""

import fcntl
import os
from pathlib import Path

from contracts.authoring import Deterministic
from contracts.vocabulary import FailureCase

_LONGEST_LINE = 4096


class KeyFile:
    """A file with one key a line, which only grows, for as many processes as write to it. Errors are the system's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, key: str) -> None:
        """Put a key behind the others; when this returns, it is there also after a power cut."""
        line = f"{key}\n".encode()
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            if _cut_off(opened) == 0:  # before there is a key in it, so that no later one has to ask
                _keep_name(self._path.parent)
            if os.write(opened, line) != len(line):
                raise OSError(f"No room for the keys in {self._path.name}")
            os.fsync(opened)
        finally:
            os.close(opened)

    def all(self) -> list[str]:
        """Every key, the oldest first; raises Deterministic for a file that holds something else.

        One that is not there raises FileNotFoundError: it may be lost, which is no sign that nothing was written.
        """
        lines = self._path.read_bytes().split(b"\n")
        # What is behind the last line break was cut off while it was written: nothing was done under it.
        found = [line.decode("ascii", errors="replace") for line in lines[:-1]]
        if not all(key and key.isascii() and key.isprintable() for key in found):
            told = f"{self._path.name} holds something else than keys."
            raise Deterministic(told, cause="files", case=FailureCase.CONTRACT)
        return list(dict.fromkeys(found))


def _cut_off(opened: int) -> int:
    """How long the file is without what a death in the middle of a line has left behind the last whole one."""
    size = os.fstat(opened).st_size
    end = os.pread(opened, _LONGEST_LINE, max(0, size - _LONGEST_LINE))
    torn = len(end) - (end.rfind(b"\n") + 1)
    if torn:
        os.ftruncate(opened, size - torn)
    return size - torn


def _keep_name(folder: Path) -> None:
    """See to it that what was made in a folder is found there after a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
