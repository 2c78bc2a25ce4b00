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

each_journey = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())


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


@each_journey
def test_whatever_comes_in_twice_has_one_outcome(journey: Journey, grounds: Grounds) -> None:
    once = grounds.life(journey).live()

    assert grounds.life(journey, times=2).live() == once


@each_journey
def test_every_step_of_the_lane_is_done_in_one_journey_at_least(
    journey: Journey, grounds: Grounds, tripwire: Tripwire
) -> None:
    ran, life = tripwire(0, die), grounds.life(journey)

    life.live()

    declared = life.office.deployment.businesses[life.office.company].lanes[journey.lane].lane.steps
    assert set(ran) == {step.name for step in declared}


@each_journey
def test_a_step_that_is_done_again_after_a_death_has_one_outcome(
    journey: Journey, grounds: Grounds, tripwire: Tripwire
) -> None:
    once = tripwire(0, die)
    undisturbed = grounds.life(journey).live()

    for nth in range(1, len(once) + 1):
        ran = tripwire(nth, die)

        assert grounds.life(journey).live() == undisturbed, f"{nth}: {ran}"
        assert ran[nth - 1] in ran[nth:]


@each_journey
def test_a_step_that_two_runners_do_at_once_has_one_outcome(
    journey: Journey, grounds: Grounds, tripwire: Tripwire
) -> None:
    once = tripwire(0, die)
    undisturbed = grounds.life(journey).live()

    for nth in range(1, len(once) + 1):
        life = grounds.life(journey)
        ran = tripwire(nth, life.overtake)

        assert life.live() == undisturbed, f"{nth}: {ran}"
        assert ran[nth - 1] in ran[nth:]
