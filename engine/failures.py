"""Turns whatever a step raised into a failure that the ladder understands: known errors by table, the rest plainly."""

import sqlite3

from pydantic import ValidationError

from contracts.authoring import Failure
from contracts.failed import Failed
from contracts.vocabulary import FailureClass

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
        return Failed(error.kind, error.cause or type(error).__name__.lower(), error.sentence, error.retry_after_s)
    for kind, failure_class, cause, sentence in KNOWN:
        if isinstance(error, kind):
            return Failed(failure_class, cause, sentence)
    return Failed(_D, "worker", f"The worker stopped with {type(error).__name__}.")
