"""Ports of loopback for servers that a test starts."""

import itertools
import os
import socket

_FIRST, _EACH, _WORKERS = 10_000, 1_000, 10
_APART = 37
"""Runs that begin together have numbers next to each other, and their turns begin as many ports apart for each."""
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_BEGIN = _FIRST + _WORKER % _WORKERS * _EACH
_TURN = itertools.cycle(range(_BEGIN, _BEGIN + _EACH))
for _ in range(os.getpid() * _APART % _EACH):  # another run beside this one is elsewhere in its turn
    next(_TURN)


def free_port() -> int:
    """A port that nobody has, and that nobody gets before its server listens.

    The system gives ports from 32768 on to outgoing connections: one that was free a moment ago is taken now and then.
    These lie below, and each worker of a run has a thousand of its own.
    """
    return next(port for port in itertools.islice(_TURN, _EACH) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as door:
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
