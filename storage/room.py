"""Whether folders of ours have room: a full disk and one that is read-only are told before somebody looks for the cause."""

import os
from pathlib import Path

LEAST_B = 1 << 20
"""Free bytes below which a disk counts as full."""


def lacks_room(folder: Path) -> str | None:
    """Why nothing can be kept in a folder, as the end of a sentence ("is full"); None while something can.

    A folder that is not there yet is made on the disk of the one above it.
    """
    try:
        disk = os.statvfs(nearest(folder))
    except OSError as error:
        return f"can't be read ({error.strerror})"
    if disk.f_flag & os.ST_RDONLY:
        return "is read-only"
    return "is full" if disk.f_bavail * disk.f_frsize < LEAST_B else None


def nearest(folder: Path) -> Path:
    """The folder, or the first one above it that is there."""
    whole = folder.absolute()
    return next(one for one in (whole, *whole.parents) if one.exists() or one == one.parent)
