"""Logs what went wrong at a loop's door: where and of which kind, never the text, which may be somebody's."""

import traceback
from pathlib import Path

import structlog

log = structlog.get_logger()

_FRAMES = 4


def kind_of(error: BaseException) -> str:
    """The type of an error; of one that came from the database what that called it, such as DiskFull."""
    return type(getattr(error, "orig", None) or error).__name__


def report(event: str, error: BaseException, **ids: object) -> None:
    """One line: the event, its ids, the error's type and the innermost frames as `file:line`, the last one first."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    log.error(event, error=type(error).__name__, where=where, **ids)
