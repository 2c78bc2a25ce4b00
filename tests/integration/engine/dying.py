"""Lets processes die at named places, or at one pass after another, inside this process; others go on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count

import pytest

from storage import failpoints
from tests.builders import House
from tests.integration.engine.worlds import next_runner


class Died(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


class NthPass(str):
    """A failpoint's name that is met at the `nth` place that is passed, whatever its name; `passed` are all of them."""

    nth: int
    passed: list[str]
    __slots__ = ("nth", "passed")

    def __eq__(self, other: object) -> bool:
        self.passed.append(str(other))
        return len(self.passed) == self.nth

    __hash__ = str.__hash__


@dataclass(slots=True)
class Reaper:
    """Kills at a pass of any place, or at the first passes of one place."""

    monkeypatch: pytest.MonkeyPatch

    def kill_at(self, nth: int) -> NthPass:
        """Arm the `nth` pass from now on; with 0 it is only noted what is passed."""
        armed = NthPass("")
        armed.nth, armed.passed = nth, []

        def die() -> None:
            raise Died(armed.passed[-1])

        self._arm(armed, die)
        return armed

    def kill_in(self, place: str, *, passes: Collection[int] = (1,)) -> list[str]:
        """Arm these passes of a place, counted from 1; the list tells how often somebody has died there."""
        numbers = count(1)
        return self.kill_when(place, lambda: next(numbers) in passes)

    def kill_when(self, place: str, is_time: Callable[[], bool]) -> list[str]:
        """Arm each pass of a place at which it is time; the list tells how often somebody has died there."""
        died: list[str] = []

        def die() -> None:
            if is_time():
                died.append(place)
                raise Died(place)

        self._arm(place, die)
        return died

    def _arm(self, name: str, die: Callable[[], None]) -> None:
        self.monkeypatch.setattr(failpoints, "_count_and_kill", die)
        self.monkeypatch.setattr(failpoints._armed, "name", name)


def survive(act: Callable[[], object]) -> bool:
    """Do something that may die; whether it lived."""
    try:
        act()
    except Died:
        return False
    return True


def live_on(office: House, *, act: Callable[[], object] = lambda: None, rounds: int = 5, seconds: float = 11) -> None:
    """Work until nothing is left, with another runner after each death; `act` is what people do in the time between."""
    for turn in range(rounds):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
        survive(act)
        office.wait(seconds)


def live_until_ended(office: House, task: int, *, rounds: int = 20) -> None:
    """Work on one task whenever something is due, with another runner after each death, until it has ended."""
    for turn in range(rounds):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
        if office.task(task).ended_at is not None:
            return
        office.wait(5)


def survived(ask: Callable[[], int]) -> int:
    """What asking gives, asked again after a death."""
    while True:
        try:
            return ask()
        except Died:
            continue
