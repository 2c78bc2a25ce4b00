"""Who comes alone goes through alone, who come at the same time go together, and nobody is left waiting."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, get_ident

import pytest

from engine import door as doors
from engine.door import MOST, Door, Passed

LATEST_S = 60.0
NEVER_S = 1e6


class Rounds:
    """Serves by doubling, and notes who were served by whom; the first round stands still until it is told to go on."""

    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.leaders: list[int] = []
        self.stands = Event()
        self.go_on = Event()

    def __call__(self, given: Sequence[int]) -> Sequence[int | None]:
        self.served.append(list(given))
        self.leaders.append(get_ident())
        if len(self.served) == 1:
            self.stands.set()
            assert self.go_on.wait(LATEST_S)
        return [2 * one for one in given]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2 * MOST) as found:
        yield found


@pytest.fixture
def rounds() -> Iterator[Rounds]:
    """Goes on at the end, whatever the test has done."""
    found = Rounds()
    yield found
    found.go_on.set()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still makes nobody impatient."""
    monkeypatch.setattr(doors, "PATIENCE_S", NEVER_S)


def until(holds: Callable[[], object]) -> None:
    latest = time.monotonic() + LATEST_S
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.001)


Serve = Callable[[Sequence[int]], Sequence[int | None]]
Entered = list[Future[Passed[int, int]]]


def enter_behind(threads: ThreadPoolExecutor, door: Door, rounds: Rounds, numbers: Sequence[int]) -> Entered:
    """While a first round, of 0, stands still these come, one behind the other, each under its own key."""
    entered: Entered = [threads.submit(door.enter, "0", 0, rounds)]
    assert rounds.stands.wait(LATEST_S)
    for number in numbers:
        arrive(threads, door, rounds, number, entered)
    return entered


def arrive(
    threads: ThreadPoolExecutor, door: Door, serve: Serve, number: int, entered: Entered, *, key: str = ""
) -> None:
    waiting = len(door._waiting)
    entered.append(threads.submit(door.enter, key or str(number), number, serve))
    until(lambda: len(door._waiting) == waiting + 1)


def outcomes(entered: Entered) -> list[int | None]:
    return [one.result(LATEST_S).outcome for one in entered]


def test_whoever_finds_nobody_goes_through_at_once_and_alone(rounds: Rounds) -> None:
    rounds.go_on.set()
    door = Door()

    first, second = (door.enter(str(number), number, rounds) for number in (1, 2))

    assert rounds.served == [[1], [2]]
    assert (first, second) == (Passed(2, [(1, 2)]), Passed(4, [(2, 4)]))


def test_who_come_meanwhile_go_together_and_each_hears_its_own(threads: ThreadPoolExecutor, rounds: Rounds) -> None:
    entered = enter_behind(threads, Door(), rounds, range(1, 17))

    rounds.go_on.set()

    assert outcomes(entered) == [2 * number for number in range(17)]
    assert rounds.served == [[0], list(range(1, 17))]
    led = [one.result().led for one in entered]
    assert led[1] == [(number, 2 * number) for number in range(1, 17)]
    assert not any(led[2:])


def test_no_more_than_a_round_holds_go_together_and_each_leads_one_round(
    threads: ThreadPoolExecutor, rounds: Rounds
) -> None:
    entered = enter_behind(threads, Door(), rounds, range(1, MOST + 4))

    rounds.go_on.set()

    assert outcomes(entered) == [2 * number for number in range(MOST + 4)]
    assert [len(one) for one in rounds.served] == [1, MOST, 3]
    assert len(set(rounds.leaders)) == 3


def test_two_of_one_key_are_never_in_one_round(threads: ThreadPoolExecutor, rounds: Rounds) -> None:
    door = Door()
    entered = enter_behind(threads, door, rounds, ())
    for number in (1, 2, 3):
        arrive(threads, door, rounds, number, entered, key="same")
    arrive(threads, door, rounds, 4, entered)

    rounds.go_on.set()

    assert outcomes(entered) == [0, 2, 4, 6, 8]
    assert rounds.served == [[0], [1, 4], [2], [3]]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_leader_that_fails_leaves_nobody_waiting(
    threads: ThreadPoolExecutor, rounds: Rounds, error: type[BaseException]
) -> None:
    door = Door()
    entered = enter_behind(threads, door, rounds, ())

    def fails(given: Sequence[int]) -> Sequence[int | None]:
        raise error

    for number in (1, 2, 3):
        arrive(threads, door, fails, number, entered)
    rounds.go_on.set()

    with pytest.raises(error):
        entered[1].result(LATEST_S)
    assert [one.result(LATEST_S) for one in entered[2:]] == [Passed(None)] * 2
    assert door.enter("9", 9, rounds).outcome == 18


def test_whoever_is_told_nothing_goes_alone(threads: ThreadPoolExecutor, rounds: Rounds) -> None:
    door = Door()
    entered = enter_behind(threads, door, rounds, ())
    for number in (1, 2):
        arrive(threads, door, lambda given: [None] * len(given), number, entered)

    rounds.go_on.set()

    assert outcomes(entered[1:]) == [None, None]


def test_a_round_that_stands_still_holds_nobody_up_who_came_after_it(
    threads: ThreadPoolExecutor, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "PATIENCE_S", 0.05)
    door = Door()
    first = threads.submit(door.enter, "0", 0, rounds)
    assert rounds.stands.wait(LATEST_S)

    others = [threads.submit(door.enter, str(number), number, rounds) for number in range(1, 6)]

    assert outcomes(others) == [2, 4, 6, 8, 10]
    assert door.enter("6", 6, rounds).outcome == 12  # and who comes now finds nobody at the door
    assert not first.done()
    rounds.go_on.set()
    assert first.result(LATEST_S).outcome == 0
    assert door.enter("7", 7, rounds) == Passed(14, [(7, 14)])


def test_whoever_is_interrupted_while_it_waits_keeps_nobody_from_the_door(
    threads: ThreadPoolExecutor, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door()
    entered = enter_behind(threads, door, rounds, ())

    def interrupted(self: Door, place: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Door, "_wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            door.enter("1", 1, rounds)
    rounds.go_on.set()

    assert outcomes(entered) == [0]
    assert door.enter("2", 2, rounds).outcome == 4
    assert rounds.served == [[0], [2]]


def test_a_storm_at_the_door_serves_each_once(threads: ThreadPoolExecutor, rounds: Rounds) -> None:
    rounds.go_on.set()
    door = Door()

    entered = [threads.submit(door.enter, str(number), number, rounds) for number in range(2000)]

    assert outcomes(entered) == [2 * number for number in range(2000)]
    assert sorted(one for served in rounds.served for one in served) == list(range(2000))
