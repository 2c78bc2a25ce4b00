"""A death at every place that a lane of the example passes: others go on, and what comes of it is what comes without."""

from collections import Counter

import pytest

from contracts.vocabulary import EffectClass, TaskState
from storage.failpoints import NAMES
from tests.faults.grounds import Grounds
from tests.faults.journeys import JOURNEYS, Journey
from tests.faults.outcomes import has_happened
from tests.faults.places import OF_NO_LANE, places_at_the_doors, places_inside
from tests.integration.engine.dying import Reaper

each_journey = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())


def test_every_place_is_on_some_journey_or_of_no_lane() -> None:
    passed = [places_inside(one) | places_at_the_doors(one) for one in JOURNEYS.values()]

    assert set().union(*passed) | OF_NO_LANE == set(NAMES)


def test_every_lane_has_a_journey_and_one_on_which_somebody_is_asked_where_it_asks(grounds: Grounds) -> None:
    life = grounds.life(JOURNEYS["refunds"])
    lanes = life.office.deployment.businesses[life.office.company].lanes

    assert {one.lane for one in JOURNEYS.values() if one.late} == set(lanes)
    assert {one.lane for one in JOURNEYS.values() if one.asks} == {
        name for name, one in lanes.items() if one.lane.approve
    }


def test_every_kind_of_effect_is_on_some_journey() -> None:
    assert {one.kind for one in JOURNEYS.values()} == set(EffectClass)


@each_journey
def test_undisturbed_it_is_done_by_one_effect_and_asks_whom_it_should(journey: Journey, grounds: Grounds) -> None:
    life = grounds.life(journey)

    outcome = life.live()

    assert outcome.state is TaskState.DONE
    assert has_happened(life.office, life.office.rows("select number from task")[0].number) == 1
    assert [one.effect_class for one in life.office.rows("select effect_class from effect")] == [journey.kind]
    assert len(life.office.rows("select 1 from decision where kind = 'approval'")) == journey.asks


@each_journey
def test_a_death_at_any_place_changes_nothing_of_what_comes_of_it(
    journey: Journey, grounds: Grounds, reaper: Reaper, acceptance: bool
) -> None:
    every = reaper.kill_at(0)
    undisturbed = grounds.life(journey).live()
    passes = Counter(every.passed)

    for place, last in passes.items():
        # A lane's plain journey has the first passes, its late one the last; all of them are an acceptance's.
        for nth in range(1, last + 1) if acceptance else [last if journey.late else 1]:
            died = reaper.kill_in(place, passes=[nth])

            assert grounds.life(journey).live() == undisturbed, f"after a death at {place}:{nth}"
            assert died or nth > 1
    assert set(passes) >= places_inside(journey)
