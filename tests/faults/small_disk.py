"""A real disk of a few MiB that a test fills to its last byte, and that is gone when the test is over."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system in memory, mounted at `folder`."""

    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """A file takes all the room that is left, until the block ends."""
        filler = self.folder / "filler"
        filler.touch()
        try:
            self.fill_up()
            yield
        finally:
            filler.unlink()

    def fill_up(self) -> None:
        """Take what has become free since it was filled."""
        with (self.folder / "filler").open("ab") as file:
            while free := self.free():
                end = file.seek(0, os.SEEK_END)
                try:
                    os.posix_fallocate(file.fileno(), end, free)
                except OSError:  # somebody else has just taken a part of it
                    continue

    def free(self) -> int:
        """How many bytes it still takes."""
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Nothing can be changed on it until the block ends; nobody may have a file of it open for writing."""
        _mount("-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self.folder))


@contextmanager
def small_disk(folder: Path, *, mib: int) -> Iterator[SmallDisk]:
    """Such a disk, as long as the block lasts; the test fails where nobody may mount one: that takes root."""
    folder.mkdir(parents=True, exist_ok=True)
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    assert not tried.returncode, f"A disk that can be filled has to be mounted, which takes root: {tried.stderr!r}"
    try:
        yield SmallDisk(folder)
    finally:
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
