"""Files that are in place whole or not at all, also after a power cut: each is written beside, and through to the disk."""

import os
import tempfile
from pathlib import Path


def drafted(folder: Path, content: bytes) -> Path:
    """The content in a file of its own, named .draft-…; on a full disk what was written of it is taken away again.

    Raises OSError.
    """
    opened, name = tempfile.mkstemp(prefix=".draft-", dir=folder)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def put_in_place(draft: Path, path: Path) -> None:
    """Have the draft stand in the place of whatever was there, in the same folder. Raises OSError."""
    draft.replace(path)
    _write_through(path.parent)


def make_folder(folder: Path) -> None:
    """A folder that is there after a power cut, too. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _write_through(folder.parent)


def _write_through(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
