"""One parent for all processes: starts them in order, restarts what dies, stops them in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from chargehand.embedded.places import LARGEST_LOG
from chargehand.embedded.tether import DidNotStart

LONGEST_PAUSE = 5.0  # seconds between restarts of what dies at once, again and again: takeover has 30 s
STEADY_AFTER = 60.0  # seconds alive after which earlier deaths no longer count
GLANCE = 0.1  # seconds between two looks at the children
LOGS_EVERY = 10.0  # seconds between two looks at the logs


class Record(Protocol):
    """Where the supervisor says what happened: structlog's bound logger fits."""

    def info(self, event: str, **ids: object) -> object:
        """Something went as it should."""

    def warning(self, event: str, **ids: object) -> object:
        """Something somebody may want to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process to keep alive.

    `begin` starts it and raises DidNotStart when that fails; `is_ready` says whether it can work yet.
    Parts of a higher `stage` stop before those of a lower one; `stopping` are signals, each with seconds to obey.
    """

    name: str
    stage: int
    log: Path
    begin: Callable[[], subprocess.Popen[bytes]]
    is_ready: Callable[[], bool] = lambda: True
    stopping: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 4.0),)


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes] | None
    since: float
    deaths: int = 0
    due: float | None = None


@dataclass(slots=True)
class Supervisor:
    """The parent's knowledge of its children. All calls come from the main thread, which owns the forks."""

    record: Record
    _children: list[_Running] = field(default_factory=list)

    def start(self, part: Part) -> None:
        """Start one; raises DidNotStart."""
        child = _Running(part, None, time.monotonic())
        self._children.append(child)  # known before it lives: an interrupt in between leaves nothing unknown
        child.process = part.begin()
        self.record.info("child.started", child=part.name, pid=child.process.pid)

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until each can work.

        Raises:
            DidNotStart: one has ended, or is not ready after that many seconds; names it, its last words, its log.
        """
        end = time.monotonic() + seconds
        for child in self._children:
            while not child.part.is_ready():
                _insist_on_life(child, late=time.monotonic() > end)
                time.sleep(GLANCE / 2)
        for child in self._children:
            _insist_on_life(child, late=False)

    def watch(self, *, until: Event) -> None:
        """Restart what dies, and keep logs short, until KeyboardInterrupt, or that event."""
        look_at_logs = time.monotonic() + LOGS_EVERY
        while not until.is_set():
            for child in self._children:
                self._tend(child)
            if time.monotonic() > look_at_logs:
                look_at_logs += LOGS_EVERY
                for child in self._children:
                    shorten(child.part.log)
            time.sleep(GLANCE)

    def stop(self) -> None:
        """Stop all, the highest stage first, and whatever their process groups still hold."""
        for stage in sorted({child.part.stage for child in self._children}, reverse=True):
            leaving = [child for child in self._children if child.part.stage == stage and child.process]
            _stop_together(leaving)
            self.record.info("stage.stopped", stage=stage, children=[child.part.name for child in leaving])
        self._children.clear()

    def _tend(self, child: _Running) -> None:
        now = time.monotonic()
        if child.due is not None:
            if now >= child.due:
                self._restart(child)
        elif child.process is not None and child.process.poll() is not None:
            self._mourn(child, now)

    def _mourn(self, child: _Running, now: float) -> None:
        status = child.process.returncode if child.process else None
        _clear_group(child)
        child.deaths = 1 if now - child.since > STEADY_AFTER else child.deaths + 1
        pause = min(LONGEST_PAUSE, 0.25 * 2 ** (child.deaths - 1))
        child.due = now + pause
        self.record.warning("child.died", child=child.part.name, status=status, restart_in_s=pause)

    def _restart(self, child: _Running) -> None:
        child.due, child.since = None, time.monotonic()
        try:
            child.process = child.part.begin()
        except (DidNotStart, OSError) as error:  # on a full disk not even its log can be opened
            self.record.warning("child.not_started", child=child.part.name, why=str(error))
            self._mourn(child, time.monotonic())
        else:
            self.record.info("child.restarted", child=child.part.name, pid=child.process.pid)


def shorten(log: Path) -> None:
    """Put a long log aside as `.1` and empty it in place: its writer appends and notices nothing."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        aside = log.with_suffix(".log.1")
        try:
            aside.write_bytes(log.read_bytes())
        except OSError:  # no room for both: the newer one stays
            aside.unlink(missing_ok=True)
        else:
            os.truncate(log, 0)


def _insist_on_life(child: _Running, *, late: bool) -> None:
    ended = child.process is None or child.process.poll() is not None
    if ended or late:
        how = "ended at once" if ended else "did not become ready"
        raise DidNotStart(f"{child.part.name} {how}: {_last_words(child.part.log)}\nIts log: {child.part.log}")


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"


def _stop_together(children: Sequence[_Running]) -> None:
    rounds = max((len(child.part.stopping) for child in children), default=0)
    for number in range(rounds):
        asked = [child for child in children if _alive(child) and number < len(child.part.stopping)]
        for child in asked:
            _signal(child, child.part.stopping[number][0])
        _await_end(asked, max((child.part.stopping[number][1] for child in asked), default=0))
    for child in children:
        _signal(child, signal.SIGKILL)
        _clear_group(child)


def _await_end(children: Sequence[_Running], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(_alive(child) for child in children) and time.monotonic() < end:
        time.sleep(0.02)


def _alive(child: _Running) -> bool:
    return child.process is not None and child.process.poll() is None


def _signal(child: _Running, number: signal.Signals) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.send_signal(number)


def _clear_group(child: _Running) -> None:
    """End what the child itself had started and left: its session is its own, so its group has its number."""
    if child.process is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
