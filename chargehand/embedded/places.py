"""Where the embedded parts keep things: data and logs in the home folder, sockets on a path short enough for the kernel."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chargehand.kept import kept, note

LONGEST_SOCKET_PATH = 103  # sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432")
LARGEST_LOG = 8 * 1024 * 1024


class InUse(Exception):
    """Another living process holds this part of the home folder."""


def socket_folder(home: Path) -> Path:
    """The folder for sockets of this home: private (0700), short, the same for every process, made when missing."""
    folder = Path(kept(home, "sockets", lambda: str(_fresh_socket_folder())))
    if not _is_private(folder):  # a cleaner of temporary files took it, or somebody else made one of this name
        folder = _fresh_socket_folder()
        note(home, "sockets", str(folder))
    return folder


def log_file(home: Path, name: str) -> Path:
    """The log of one program, `home/logs/<name>.log`; a large one is put aside as `<name>.log.1` first."""
    log = home / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    return log


@contextmanager
def held(home: Path, name: str, sentence: str) -> Iterator[None]:
    """Hold `home/<name>.lock` until the block ends or this process dies.

    Raises:
        InUse: somebody holds it; carries `sentence`.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{name}.lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(sentence) from error
        yield


def _fresh_socket_folder() -> Path:
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  a deep TMPDIR is the reason for the second
        folder = Path(tempfile.mkdtemp(prefix="chargehand-", dir=base))
        if len(os.fsencode(folder)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH:
            return folder
        folder.rmdir()
    raise OSError("No folder for temporary files has a path short enough for a socket. Set TMPDIR to a short one.")


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == stat.S_IRWXU
    return private and (status.st_uid == os.geteuid() or os.geteuid() == 0)
