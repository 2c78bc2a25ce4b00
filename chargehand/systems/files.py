"""Reads and writes texts in one folder: whole, by renaming, and never through a symbolic link out of it."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from chargehand.systems.key_file import KeyFile
from contracts.authoring import Changed, Deterministic, Seen
from contracts.systems.files import NEW, FilesSystem
from contracts.vocabulary import FailureCase

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PATIENCE_S = 3.0
"""How long a writer waits for those before it: well within the 5 s that a write may take."""
_ASKED_EVERY_S = 0.005


class NoFolder(Deterministic):
    """A path leads through a folder that is not there."""


class FileCarrier:
    """A folder, and the file in which the keys of writes are kept if one is declared.

    A path that leads out of it, or through a link, raises Deterministic; else errors are the system's.
    """

    def __init__(self, declared: FilesSystem, root: Path, keys: Path | None = None) -> None:
        self._declared = declared
        self._root = root
        self._keys = KeyFile(keys) if keys is not None else None

    def read(self, name: str, args: Mapping[str, Any]) -> Any:
        """A text with its version, or None where there is no such file."""
        content = self._content(args["path"])
        if content is None:
            return None
        text = content.decode("utf-8")
        return {"path": args["path"], "text": text, "version": _version(content), "size": len(content)}

    def perform(self, name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Put a text in the place of the version that was read; raises Changed when another stands there."""
        content = args["text"].encode()
        if len(content) > self._declared.longest:
            told = f"{args['path']} would have {len(content):,} bytes, and {self._declared.longest:,} are let."
            raise Deterministic(told, cause="files", case=FailureCase.REJECTED)
        with (
            self._folder_of(args["path"]) as (folder, file),
            _drafted(folder, content) as draft,
            _alone_in(folder),  # nobody else of ours writes between the look at the version and the renaming
        ):
            there = self._content_in(folder, file)
            if (NEW if there is None else _version(there)) != args["version"]:
                raise Changed(f"{args['path']} is not what was read any more.", cause=f"file {args['path']}")
            self._keep(key)
            os.rename(draft, file, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        return {"version": _version(content)}

    def look(self, name: str, args: Mapping[str, Any], key: str) -> Seen | None:
        """The text, if it stands there whole."""
        content = self._content(args["path"])
        if content is None or content != args["text"].encode():
            return None
        return Seen(f"sha256 {_version(content)}", dict(args))

    def keys(self, name: str) -> list[str]:
        """The keys of all that was written since they are kept; raises LookupError where no file for them is declared."""
        if self._keys is None:
            raise LookupError(f"{name} does not say where its keys are kept")
        return self._keys.all()

    def _keep(self, key: str) -> None:
        if self._keys is not None:
            self._keys.keep(key)

    def _content(self, path: str) -> bytes | None:
        try:
            with self._folder_of(path) as (folder, file):
                return self._content_in(folder, file)
        except NoFolder:
            return None

    def _content_in(self, folder: int, file: str) -> bytes | None:
        try:
            opened = os.open(file, _FILE, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _no_way(file) from error
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise _no_way(file)
        with os.fdopen(opened, "rb") as read:
            content = read.read(self._declared.longest + 1)
        if len(content) > self._declared.longest:
            told = f"{file} has more than {self._declared.longest:,} bytes."
            raise Deterministic(told, cause="files", case=FailureCase.REJECTED)
        return content

    @contextmanager
    def _folder_of(self, path: str) -> Iterator[tuple[int, str]]:
        """The open folder in which a file lies and its name; each step goes down from the root, and none over a link."""
        *folders, file = _steps(path)
        opened = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in folders:
                try:
                    deeper = os.open(name, _FOLDER, dir_fd=opened)
                except FileNotFoundError as error:
                    raise _no_folder(path) from error
                except NotADirectoryError as error:
                    raise _no_way(path) from error
                os.close(opened)
                opened = deeper
            yield opened, file
        finally:
            os.close(opened)


def _steps(path: str) -> list[str]:
    steps = path.split("/")
    if any(step in ("", ".", "..") or "\0" in step or "\\" in step for step in steps):
        raise _no_way(path)
    return steps


def _no_folder(path: str) -> NoFolder:
    return NoFolder(f"There is no folder for {path}.", cause="files", case=FailureCase.NOT_FOUND)


def _no_way(path: str) -> Deterministic:
    told = f"{path} is no plain file below the folder."
    return Deterministic(told, cause="files", case=FailureCase.RIGHTS)


@contextmanager
def _drafted(folder: int, content: bytes) -> Iterator[str]:
    """A file beside with the content, written through: renamed, whoever reads sees the old text or the new one, also after
    a power cut. One that was not renamed is taken away.
    """
    beside = f".{uuid4().hex}.part"
    try:
        with os.fdopen(os.open(beside, _NEW_FILE, 0o644, dir_fd=folder), "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        yield beside
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)


@contextmanager
def _alone_in(folder: int) -> Iterator[None]:
    """Hold a folder against all other writers of ours on this machine; raises TimeoutError when one keeps it for too long.

    A writer that dies lets go of it.
    """
    until = time.monotonic() + _PATIENCE_S
    while not _locked(folder):
        if time.monotonic() > until:
            raise TimeoutError("another writer holds the folder")
        time.sleep(_ASKED_EVERY_S)
    try:
        yield
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)


def _locked(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()
