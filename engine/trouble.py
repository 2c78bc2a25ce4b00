"""Logs what went wrong at a loop's door: where and of which kind, never the text, which may be somebody's."""

import traceback
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

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


def tried(failed: str, company: str, act: Callable[[], object]) -> bool:
    """Do something for one company, and whether it was done: with an error the next has its turn, `failed` is logged."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the clock's door: what is not done now is due the next time, too
        told(failed, error, company=company)
        return False
    return True


def told(failed: str, error: BaseException, **ids: object) -> None:
    """One line: a database that is away or gives up is a warning, since it is tried again; all else is an error."""
    if isinstance(error, OperationalError | InterfaceError):
        log.warning(failed, error=kind_of(error), **ids)
    else:
        report(failed, error, **ids)
