"""What a process does at the start of a long life: a child takes signals as usual again and ends with its parent."""

import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def restore_signals() -> None:
    """Give up the parent's way with signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def end_with_parent(parent: int) -> None:
    """A parent that was killed leaves no child, not even one that hangs in C (prctl(2), Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def keep_for_life() -> None:
    """Take what stands in memory now out of every later collection of garbage.

    Code and contracts are there for as long as the process: to walk through them would take a tenth of a runner's time,
    and write into memory that children share with their parent.
    """
    gc.collect()
    gc.freeze()
