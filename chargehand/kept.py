"""Small secrets and notes that are made once and then stay in the home folder, one file each."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept(home: Path, name: str, make: Callable[[], str]) -> str:
    """The text kept under `name` in `home`, made by `make` the first time; file 0600 in a folder 0700.

    Two processes that ask at once get the same text: the first file linked into place wins.

    Raises:
        OSError: the home folder can't be written.
    """
    place = home / "secrets" / name
    if not place.exists():
        _publish(place, make())
    return place.read_text(encoding="utf-8")


def note(home: Path, name: str, text: str) -> Path:
    """Keep `text` under `name`, in the place of what was there before; the file, 0600."""
    place = home / "secrets" / name
    return _written(place, text).replace(place)


def _publish(place: Path, text: str) -> None:
    draft = _written(place, text)
    try:
        os.link(draft, place)
    except FileExistsError:
        pass  # another process was first; its text counts
    finally:
        draft.unlink()


def _written(place: Path, text: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.parent.chmod(0o700)
    number, path = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}-")  # mkstemp files are 0600
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(path)
