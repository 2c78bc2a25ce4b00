"""Stores of artifacts: what goes there, and one elsewhere that is away, whose client raises errors of its own kind."""

from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest
from fsspec.spec import AbstractFileSystem  # type: ignore[import-untyped]

from storage import artifacts

AWAY = "away://bucket/folder"


class ClientError(Exception):
    """What the client raises: neither an OSError nor one of ours."""


class _Away(AbstractFileSystem):  # type: ignore[misc]
    """Whatever is asked of it is not answered."""

    protocol = "away"
    cachable = False

    def _lost(self, *_: Any, **__: Any) -> Any:
        raise ClientError("https://bucket.example/?signature=secret did not answer")

    makedirs = pipe_file = cat_file = exists = find = rm_file = modified = _lost


class _AwayAtOnce(_Away):
    """One that asks for its credentials as it is made."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._lost()


def take_away(*, at_once: bool = False) -> None:
    """From now on the store at AWAY is away; with `at_once` its client can't even be made."""
    fsspec.register_implementation("away", _AwayAtOnce if at_once else _Away, clobber=True)


def keep_all_in_store(patch: pytest.MonkeyPatch) -> None:
    """Have contents go to the store however short they are, until the patch is undone."""
    patch.setattr(artifacts, "MOST_IN_RECORD", -1)
