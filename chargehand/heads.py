"""Keeps the newest checkpoint of each day outside the database, where who rewrites the one does not reach the other."""

import json
from pathlib import Path

from storage.checkpoints import Checkpoint


def heads(home: Path, company: str) -> list[Path]:
    """The checkpoints of a company that are kept in the home folder, the oldest first."""
    return sorted(_folder(home, company).glob("*.json"))


def keep_head(home: Path, made: Checkpoint) -> None:
    """Keep a checkpoint in the place of an earlier one of its day. Raises OSError."""
    folder = _folder(home, made.company)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / ".draft"
    draft.write_text(f"{json.dumps({'kind': 'checkpoint', **made.document()})}\n", encoding="utf-8")
    draft.replace(folder / f"{made.name.partition('#')[0]}.json")


def _folder(home: Path, company: str) -> Path:
    return home / "checkpoints" / company
