"""Start a program in a session of its own that ends when we end, however we end."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class DidNotStart(Exception):
    """A program can't be started or ended at once; the message says why, and where its log is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start: its command line, surroundings, log file, and the signal that our death sends to it."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    death_signal: signal.Signals = signal.SIGTERM
    user: int | None = None
    group: int | None = None


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start it with output appended to its log, detached from the terminal's signals.

    Call this from the main thread: Linux sends the death signal when the *thread* that forked ends.
    On other systems nothing is sent; whoever starts next stops what was left.
    """
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=program.environment,
            start_new_session=True,
            user=program.user,
            group=program.group,
            extra_groups=None if program.group is None else [],
            preexec_fn=_tie(program.death_signal),  # noqa: PLW1509  runs after a change of user, which would untie
        )


def stop(process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and wait its seconds, until the process has ended; SIGKILL last of all."""
    for number, seconds in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def _tie(death_signal: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # found before the fork: afterwards only simple calls are safe
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job hands down an ignored SIGINT
        if os.getppid() != parent:  # it died in between: no signal will come
            os._exit(1)

    return tie
