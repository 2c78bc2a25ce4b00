"""What a runner says of its step in shared memory."""

from array import array

import pytest
import time_machine

from engine.watch import Watch


def test_a_step_is_overdue_only_past_its_deadline_and_never_after_its_end() -> None:
    watch = Watch(array("d", [0.0, 0.0]))

    with watch.over(1001, seconds=1000):
        before = watch.overdue()
        watch.slot[0] -= 2000
        past = watch.overdue()

    assert (before, past, watch.overdue()) == (False, True, False)
    assert watch.slot[1] == 1001


def test_a_step_that_raises_takes_its_deadline_back() -> None:
    watch = Watch(array("d", [0.0, 0.0]))

    with pytest.raises(ZeroDivisionError), watch.over(1001, seconds=-1):
        _ = 1 / 0

    assert not watch.overdue()


def test_the_wall_clock_has_no_say() -> None:
    watch = Watch(array("d", [0.0, 0.0]))

    with watch.over(1, seconds=60), time_machine.travel("2030-01-01", tick=True):
        assert not watch.overdue()
