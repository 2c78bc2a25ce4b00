"""Keeps a call of a database within its time, whatever becomes of it: while it connects, over all its statements, and once it is silent."""

import math
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from threading import Lock, Thread, Timer
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_CUT_OFF = 0.95
"""The share after which nothing is waited for any more: a database that is alive has ended its statement before."""
_LEAST_S = 2
"""The shortest time that libpq gives a connection."""


class Deadline:
    """The time of one call, and what ends it hard."""

    def __init__(self, timeout_s: float) -> None:
        self._ends = time.monotonic() + timeout_s * OF_TIME
        self._timer = Timer(timeout_s * _CUT_OFF, self._cut)
        self._timer.daemon = True
        self._timer.start()
        self._lock = Lock()
        self._stop: Callable[[], None] | None = None
        self._held = ExitStack()
        self.was_cut = False

    def left_s(self) -> float:
        """The seconds that are left; raises TimeoutError when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the database was too slow")
        return left

    def ends_by(self, stop: Callable[[], None], *, held: socket.socket | None = None) -> None:
        """From now on `stop` is what ends the call hard; `held` is closed when the call is over."""
        with self._lock:
            if held is not None:
                self._held.enter_context(held)
            self._stop = stop
            if self.was_cut:
                stop()

    def close(self) -> None:
        """The call is over: nothing is stopped any more."""
        self._timer.cancel()
        with self._lock:
            self._stop = None
            self._held.close()

    def _cut(self) -> None:
        with self._lock:
            self.was_cut = True
            if self._stop is not None:
                self._stop()


_UNDER_WAY: ContextVar[Deadline] = ContextVar("deadline")
"""That of the call for which a connection is made; what makes it is called by SQLAlchemy, with nothing of ours."""


@contextmanager
def within(timeout_s: float) -> Iterator[Deadline]:
    """The time of one call; raises TimeoutError in place of what a call raises that was cut off."""
    deadline = Deadline(timeout_s)
    token = _UNDER_WAY.set(deadline)
    try:
        yield deadline
    except DBAPIError as error:
        if deadline.was_cut:
            raise TimeoutError("the database did not answer") from error
        raise
    finally:
        _UNDER_WAY.reset(token)
        deadline.close()


def connected(dialect: Dialect, _: object, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """A connection that is there within the time of the call under way, and ended with it; an event of SQLAlchemy's."""
    deadline = _UNDER_WAY.get()
    left_s = deadline.left_s()
    if dialect.name == "sqlite":
        file = dialect.connect(*args, **{**options, "timeout": left_s})
        deadline.ends_by(partial(_interrupt, file))
        return file
    patience = {"connect_timeout": max(_LEAST_S, math.ceil(left_s))}
    made: Any = _in_time(partial(dialect.connect, *args, **{**options, **patience}), left_s)
    line = socket.socket(fileno=os.dup(made.fileno()))  # of our own, so that no other is shut down in its place
    deadline.ends_by(partial(_shut, line), held=line)
    return made


def _in_time(connect: Callable[[], Any], left_s: float) -> Any:
    """What connecting gives. One that takes too long, a name that is not resolved included, is left alone, and closed if it
    comes about after all; the driver's own limit ends it.
    """
    given: Future[Any] = Future()
    Thread(target=_connect, args=(connect, given), daemon=True).start()
    try:
        return given.result(timeout=left_s)
    except TimeoutError:
        given.add_done_callback(_close)
        raise


def _connect(connect: Callable[[], Any], given: Future[Any]) -> None:
    try:
        given.set_result(connect())
    except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
        given.set_exception(error)


def _close(given: Future[Any]) -> None:
    if given.exception() is None:
        given.result().close()


def _shut(line: socket.socket) -> None:
    with suppress(OSError):  # it is down already
        line.shutdown(socket.SHUT_RDWR)


def _interrupt(file: Any) -> None:
    with suppress(sqlite3.ProgrammingError):  # it is closed already
        file.interrupt()
