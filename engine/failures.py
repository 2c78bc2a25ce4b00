"""Turns whatever a step raised into a failure that the ladder understands: known errors by table, the rest plainly."""

import sqlite3

from pydantic import ValidationError

from contracts.authoring import Failure
from contracts.failed import Failed
from contracts.vocabulary import FailureClass
from engine.strangers import Escaped

_LONGEST_CAUSE = 80
_T, _D = FailureClass.TRANSIENT, FailureClass.DETERMINISTIC
KNOWN: tuple[tuple[type[BaseException], FailureClass, str, str], ...] = (
    (ConnectionError, _T, "network", "The connection to an outside system broke."),
    (TimeoutError, _T, "network", "An outside system did not answer in time."),
    (sqlite3.OperationalError, _T, "database", "An outside database could not be used."),
    (OSError, _T, "system", "The operating system could not do what the worker asked."),
    (ValidationError, _D, "contract", "The worker's answer does not have the promised shape."),
    (MemoryError, _D, "memory", "The worker ran out of memory."),
)


def classify(error: BaseException) -> Failed:
    """The class, cause and sentence of an error; one that nobody knows is deterministic: it is never retried blindly."""
    if isinstance(error, Failure):
        return _said(error)
    for kind, failure_class, cause, sentence in KNOWN:
        if isinstance(error, kind):
            return Failed(failure_class, cause, sentence)
    name = str(error) if isinstance(error, Escaped) else type(error).__name__
    return Failed(_D, "worker", f"The worker stopped with {plain(name)}.")


def _said(error: Failure) -> Failed:
    """A failure as its author put it, whatever they put there."""
    pause = error.retry_after_s if isinstance(error.retry_after_s, int | float) and error.retry_after_s > 0 else None
    cause = plain(error.cause or type(error).__name__.lower(), longest=_LONGEST_CAUSE)
    return Failed(getattr(error, "kind", _D), cause, plain(error.sentence), pause)


def plain(text: object, *, longest: int = 300) -> str:
    """One line that the record can keep: no control characters (PostgreSQL keeps no NUL), cut at `longest`."""
    line = "".join(one if one.isprintable() else " " for one in str(text)[: longest + 1]).strip()
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
