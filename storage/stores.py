"""Where the content of artifacts lies: files of ours, or any store that fsspec speaks to, by company and sha256."""

import errno
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from storage.durable_files import drafted, make_folder, put_in_place

SCHEME = "://"


class NoStore(ValueError):
    """The store that CHARGEHAND_ARTIFACTS names can't be used; the message says why."""


class Store(Protocol):
    """Keeps content under its company and digest; what was put is written through when `put` returns.

    Whatever a store can't do raises OSError.
    """

    def put(self, company: str, digest: str, content: bytes, *, at: datetime) -> None:
        """Keep it; what is there already counts as kept at `at`."""

    def get(self, company: str, digest: str) -> bytes:
        """What lies there, unchecked; raises FileNotFoundError."""

    def remove(self, company: str, digest: str) -> None:
        """Take it away; what is not there is no error."""

    def kept_before(self, company: str, moment: datetime) -> Iterator[str]:
        """The digests of what was put before a moment and not again since."""

    def remove_if_kept_before(self, company: str, digest: str, moment: datetime) -> bool:
        """Take it away unless it has been put again; True when it is gone."""


def store_at(address: str, home: Path) -> Store:
    """The store at an address such as s3://bucket/folder, or a folder; without one the home folder's. Raises NoStore."""
    folder = folder_at(address, home)
    return RemoteStore(address) if folder is None else FileStore(folder)


def folder_at(address: str, home: Path) -> Path | None:
    """The folder of this machine that an address means; None for a store elsewhere."""
    scheme, _, rest = address.partition(SCHEME)
    if rest and scheme != "file":
        return None
    return Path(rest or address) if address else home / "artifacts"


class FileStore:
    """Files below a folder, each in place whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, company: str, digest: str, content: bytes, *, at: datetime) -> None:
        """Write beside, through to the disk, then rename; a file that is there and right is only dated anew."""
        path = self._path(company, digest)
        moment = at.timestamp()
        try:
            os.utime(path, (moment, moment))
            if path.read_bytes() == content:
                return
        except FileNotFoundError:
            make_folder(path.parent)
        draft = drafted(path.parent, content)
        os.utime(draft, (moment, moment))
        put_in_place(draft, path)

    def get(self, company: str, digest: str) -> bytes:
        """What the file holds."""
        return self._path(company, digest).read_bytes()

    def remove(self, company: str, digest: str) -> None:
        """Delete the file."""
        self._path(company, digest).unlink(missing_ok=True)

    def kept_before(self, company: str, moment: datetime) -> Iterator[str]:
        """By the files' own dates; what a crash has left of older drafts goes, and what it left aside comes back."""
        for aside in (self._folder / company).glob("*/.aside-*"):
            aside.replace(aside.with_name(aside.name.removeprefix(".aside-")))
        for draft in (self._folder / company).glob("*/.draft-*"):
            if _is_older(draft, moment):
                draft.unlink(missing_ok=True)
        for path in sorted((self._folder / company).glob("*/[!.]*")):
            if _is_older(path, moment):
                yield path.name

    def remove_if_kept_before(self, company: str, digest: str, moment: datetime) -> bool:
        """Set the file aside, look at its date again, and put it back if it was dated anew in between."""
        path = self._path(company, digest)
        aside = path.with_name(f".aside-{digest}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if not _is_older(aside, moment):
            aside.replace(path)
            return False
        aside.unlink()
        return True

    def _path(self, company: str, digest: str) -> Path:
        return self._folder / company / digest[:2] / digest


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment
    except FileNotFoundError:
        return False


class RemoteStore:
    """A store of fsspec's; its credentials come from wherever that store looks for them. Raises NoStore."""

    def __init__(self, address: str) -> None:
        self._fsspec: Any = importlib.import_module("fsspec")  # 0.1 s and 17 MB, for those who use it
        self._address = address
        try:
            for scheme in address.partition(SCHEME)[0].split("::"):
                self._fsspec.get_filesystem_class(scheme)
        except (ImportError, ValueError) as error:
            raise NoStore(f"CHARGEHAND_ARTIFACTS: {error}") from error

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """What speaks to the store, and the path in it; some ask for their credentials as they are made."""
        with _told_as_ours():
            found: tuple[Any, str] = self._fsspec.url_to_fs(self._address)
        return found

    @property
    def _system(self) -> Any:
        return self._place[0]

    def put(self, company: str, digest: str, content: bytes, *, at: datetime) -> None:
        """Written every time, so that the store dates it anew."""
        path = self._path(company, digest)
        with _told_as_ours():
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._system.pipe_file(path, content)

    def get(self, company: str, digest: str) -> bytes:
        """What the store holds."""
        with _told_as_ours():
            return bytes(self._system.cat_file(self._path(company, digest)))

    def remove(self, company: str, digest: str) -> None:
        """Take it out of the store."""
        path = self._path(company, digest)
        with _told_as_ours():
            if self._system.exists(path):
                self._system.rm_file(path)

    def kept_before(self, company: str, moment: datetime) -> Iterator[str]:
        """By the store's own dates."""
        folder = f"{self._place[1]}/{company}"
        with _told_as_ours():
            paths = sorted(self._system.find(folder)) if self._system.exists(folder) else []
        for path in paths:
            if self._dated(path) < moment:
                yield path.rpartition("/")[2]

    def remove_if_kept_before(self, company: str, digest: str, moment: datetime) -> bool:
        """Look at its date once more, then take it away; no store has one step for both."""
        path = self._path(company, digest)
        with _told_as_ours():
            if not self._system.exists(path) or self._dated(path) >= moment:
                return False
            self._system.rm_file(path)
        return True

    def _dated(self, path: str) -> datetime:
        with _told_as_ours():
            found: datetime = self._system.modified(path)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def _path(self, company: str, digest: str) -> str:
        return f"{self._place[1]}/{company}/{digest[:2]}/{digest}"


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Each store raises errors of its own when it is away or refuses; their texts may hold addresses, so only the kind is told."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # a store's client raises whatever it likes: an OSError, as that of a folder
        raise OSError(errno.EIO, f"the store failed with {type(error).__name__}") from error
