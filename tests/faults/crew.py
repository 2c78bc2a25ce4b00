"""Chargehand's processes, each started by itself on shared parts, so that a test can kill or replace one in a moment."""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from chargehand.settings import Settings
from tests.faults.machine_clock import OBEYED, obey
from tests.unhurried import LIMITS, STOPPING, unhurry

NAMES = ("web", "runner", "clock", "courier")
OBEYS_WITHIN_S = 10.0
_GLANCE_S = 0.03
_PAUSE_S = 0.1
_PR_SET_PDEATHSIG = 1
# One server imports everything once; each process is forked from it, and starts in a tenth of the usual time.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [*(f"chargehand.processes.{name}" for name in NAMES), "tests.unhurried", *LIMITS, *STOPPING]
)


@dataclass(slots=True)
class _Hand:
    process: ForkServerProcess
    environment: dict[str, str]
    wanted: bool = True


@dataclass(slots=True)
class Crew:
    """The processes of one deployment; what dies is started again at once, as `up` does. `deaths` are their names.

    `ends` says how each process ended that was replaced so: its number → its exit code, or the signal, negative.
    """

    environment: Mapping[str, str]
    home: Path
    deaths: list[str] = field(default_factory=list)
    ends: dict[int, int | None] = field(default_factory=dict)
    _hands: dict[str, _Hand] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _tender: threading.Thread | None = None

    def begin(self) -> None:
        """Start everybody, and from now on whoever dies."""
        for name in NAMES:
            self.start(name)
        self._tender = threading.Thread(target=self._tend, name="tender", daemon=True)
        self._tender.start()

    def start(self, name: str, **changes: str) -> None:
        """Start a process with changes to its environment, in place of the one that runs; "runner.2" is a second one."""
        self.halt(name)
        with self._lock:
            environment = {**self.environment, **changes}
            self._hands[name] = _Hand(self._process(name, environment), environment)

    def halt(self, name: str) -> None:
        """Stop a process as `up` stops it; it is not started again."""
        with self._lock:
            hand = self._hands.pop(name, None)
        if hand is not None:
            hand.process.terminate()
            hand.process.join(OBEYS_WITHIN_S)
            _clear_group(hand.process)

    def kill(self, name: str) -> int:
        """Kill a process hard; its number."""
        number = self.number(name)
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        return number

    def ask_to_stop(self, name: str) -> int:
        """Send a process the signal that asks it to stop; its number. Nobody kills it, and it is started again."""
        number = self.number(name)
        os.kill(number, signal.SIGTERM)
        return number

    def number(self, name: str) -> int:
        """The process's number."""
        with self._lock:
            found = self._hands[name].process.pid
        assert found is not None
        return found

    @property
    def numbers(self) -> list[int]:
        """The numbers of all processes."""
        with self._lock:
            return [hand.process.pid for hand in self._hands.values() if hand.process.pid is not None]

    def arm(self, name: str, failpoint: str) -> None:
        """Have a process kill itself at `point[:n]`."""
        self.halt(name)  # who runs may be armed so already, and would count its passes among the new one's
        self.passes(failpoint).unlink(missing_ok=True)
        self.start(name, CHARGEHAND_FAILPOINT=failpoint)

    def passes(self, failpoint: str) -> Path:
        """Where the passes of a failpoint are counted, a byte for each."""
        return self.home / f"failpoint-{failpoint.partition(':')[0]}"

    def has_died_at(self, failpoint: str) -> bool:
        """Whether the armed pass has come."""
        counted, nth = self.passes(failpoint), int(failpoint.partition(":")[2] or 1)
        return counted.exists() and counted.stat().st_size >= nth

    def end(self) -> None:
        """Stop everybody."""
        self._over.set()
        if self._tender is not None:
            self._tender.join()
        for name in reversed(list(self._hands)):
            self.halt(name)

    def _tend(self) -> None:
        while not self._over.wait(_GLANCE_S):
            with self._lock:
                dead = [name for name, hand in self._hands.items() if not hand.process.is_alive()]
            for name in dead:
                self._start_again(name)

    def _start_again(self, name: str) -> None:
        time.sleep(_PAUSE_S)
        with self._lock:
            hand = self._hands.get(name)
            if hand is None or hand.process.is_alive():
                return
            _clear_group(hand.process)
            self.deaths.append(name)
            self.ends[hand.process.pid or 0] = hand.process.exitcode
            hand.process = self._process(name, hand.environment)

    def _process(self, name: str, environment: Mapping[str, str]) -> ForkServerProcess:
        log = str(self.home / f"{name}.log")
        process = _SERVER.Process(target=work, args=(name, dict(environment), log), name=name)
        process.start()
        return process


def work(name: str, environment: dict[str, str], log: str) -> None:
    """Be one of the Procfile's processes, in a session of its own that ends with the tests."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    if OBEYED in environment:
        obey(Path(environment[OBEYED]))
    unhurry(
        pytest.MonkeyPatch(), LIMITS, STOPPING
    )  # but wake-ups: how long those wait for Redis is what some tests are about
    importlib.import_module(f"chargehand.processes.{name.partition('.')[0]}").run(Settings.load())


def _clear_group(process: ForkServerProcess) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
