"""Searches public profiles; the browser search runs on a host of its own, which may be down."""

import json
from pathlib import Path
from typing import TypedDict

from chargehand import Transient, reads


class Profile(TypedDict):
    """What a search found; empty where it found nothing."""

    profile: str
    company: str
    email: str


class Search:
    """The search at `path`, a JSON file of what is public by prospect; Transient while there is no such file."""

    def __init__(self, *, path: str) -> None:
        self._path = Path(path)

    @reads(timeout_s=20.0)
    def person(self, *, number: str) -> Profile | None:
        """What is public of a prospect, or None."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Transient("The host of the browser search is down.", cause="search") from error
        found = known.get(number)
        return Profile(**found) if found else None
