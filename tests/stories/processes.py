"""The processes of a running deployment, as the machine tells of them: each may have ended since it was found."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from tests.stories.stack import Stack


def said_to(process: psutil.Process) -> str:
    """The words that a process was started with; none for one that has just died."""
    try:
        return " ".join(process.cmdline()).replace("-m ", "")
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@contextmanager
def runners_held(stack: Stack) -> Iterator[None]:
    """No runner begins anything until the block ends."""
    children = psutil.Process(stack.process.pid).children()
    (pool,) = [one for one in children if said_to(one).endswith("chargehand runner")]
    held = [pool, *pool.children()]
    for one in held:
        one.suspend()
    try:
        yield
    finally:
        for one in held:
            one.resume()
