"""Every step of every lane of the example done twice, and everything that comes in delivered twice: one outcome."""

from collections.abc import Callable

import pytest

from contracts.contract import Step
from engine import steps
from engine.course import Course
from tests.faults.grounds import Grounds
from tests.faults.journeys import JOURNEYS, Journey
from tests.integration.engine.dying import Died

Tripwire = Callable[[int, Callable[[], None]], list[str]]

LONGEST = {name: one for name, one in JOURNEYS.items() if one.late or "amended" in name}
"""On which every step of a lane is done, and some once more: after an approval, or because a rule did not hold."""

each_journey = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())
each_longest = pytest.mark.parametrize("journey", LONGEST.values(), ids=LONGEST.keys())


@pytest.fixture
def tripwire(monkeypatch: pytest.MonkeyPatch) -> Tripwire:
    """Does something just after the nth run of a step's code, before anything of it is kept; gives the steps that run."""
    run = steps.run

    def set_up(nth: int, act: Callable[[], None]) -> list[str]:
        ran: list[str] = []

        def watched(course: Course, step: Step) -> steps.Tried:
            tried = run(course, step)
            ran.append(step.name)
            if len(ran) == nth:
                act()
            return tried

        monkeypatch.setattr(steps, "run", watched)
        return ran

    return set_up


def die() -> None:
    """Die with what the step gave in the hand."""
    raise Died("after a step")


def is_done_again(ran: list[str], nth: int) -> bool:
    """Whether the step of the nth run was run after it; a slow machine fails once more while the world is away, or once
    less, so the last may be missing.
    """
    return ran[nth - 1] in ran[nth:] if len(ran) >= nth else nth > 1


@each_journey
def test_whatever_comes_in_twice_has_one_outcome(journey: Journey, grounds: Grounds) -> None:
    once = grounds.life(journey).live()

    assert grounds.life(journey, times=2).live() == once


@each_longest
def test_a_step_that_is_done_again_after_a_death_has_one_outcome(
    journey: Journey, grounds: Grounds, tripwire: Tripwire
) -> None:
    once, life = tripwire(0, die), grounds.life(journey)
    undisturbed = life.live()
    lane = life.office.deployment.businesses[life.office.company].lanes[journey.lane].lane
    assert set(once) == {step.name for step in lane.steps}

    for nth in range(1, len(once) + 1):
        ran = tripwire(nth, die)

        assert grounds.life(journey).live() == undisturbed, f"{nth}: {ran}"
        assert is_done_again(ran, nth)


@each_longest
def test_a_step_that_two_runners_do_at_once_has_one_outcome(
    journey: Journey, grounds: Grounds, tripwire: Tripwire
) -> None:
    once = tripwire(0, die)
    undisturbed = grounds.life(journey).live()

    for nth in range(1, len(once) + 1):
        life = grounds.life(journey)
        ran = tripwire(nth, life.overtake)

        assert life.live() == undisturbed, f"{nth}: {ran}"
        assert is_done_again(ran, nth)
