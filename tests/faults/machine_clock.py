"""A machine whose clock somebody sets while processes run on it: they read another time, and nothing else changes."""

import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil
import time_machine

from tests.stories.stack import until

OBEYED = "TESTS_MACHINE_CLOCK"
"""The variable that names the folder in which the clock is set, and each process notes how it reads it."""

_SET = "set"
_GLANCE_S = 0.02
_AWAY = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}


@dataclass(slots=True)
class MachineClock:
    """The clock of the machine that the processes of a deployment share; `ahead_s` is how far it is set ahead."""

    folder: Path
    ahead_s: float = 0.0

    def jump(self, seconds: float, processes: Iterable[int]) -> None:
        """Set it by so much, and see that these processes and their children read it so; not those that stand still."""
        self.ahead_s += seconds
        set_to(self.folder / _SET, self.ahead_s)
        running = list(processes)
        until(lambda: all(self._is_read_by(one) for one in _families(running)), f"a jump of {seconds} s read by all")

    def _is_read_by(self, process: int) -> bool:
        noted = self.folder / str(process)
        return noted.exists() and noted.read_text() == str(self.ahead_s)


def set_to(place: Path, ahead_s: float) -> None:
    """Write it so that nobody reads half of it."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}.new")
    fresh.write_text(str(ahead_s))
    fresh.replace(place)


def _families(processes: Iterable[int]) -> list[int]:
    found: list[int] = []
    for number in processes:
        try:
            parent = psutil.Process(number)
            family = [parent, *parent.children(recursive=True)]
            found += [one.pid for one in family if one.status() not in _AWAY]
        except psutil.NoSuchProcess:
            continue  # it was replaced meanwhile: its successor is looked at in the next round
    return found


def obey(folder: Path) -> None:
    """From now on this process, and whatever it forks, reads the clock as it is set in the folder."""
    travelling = time_machine.travel(time.time(), tick=True).start()
    read = 0.0

    def follow() -> None:
        nonlocal read
        while True:
            ahead_s = float((folder / _SET).read_text())
            travelling.shift(ahead_s - read)
            read = ahead_s
            set_to(folder / str(os.getpid()), ahead_s)
            _NEVER.wait(_GLANCE_S)

    def begin() -> None:
        threading.Thread(target=follow, name="machine-clock", daemon=True).start()

    os.register_at_fork(after_in_child=begin)
    begin()


_NEVER = threading.Event()
