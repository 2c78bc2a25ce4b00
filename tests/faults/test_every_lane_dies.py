"""A death at every pass of every lane of the example: others go on, and what comes of it is what comes without any."""

from collections import Counter

import pytest

from contracts.vocabulary import EffectClass, TaskState
from storage.failpoints import NAMES
from tests.faults.grounds import Grounds
from tests.faults.journeys import JOURNEYS, Journey
from tests.faults.outcomes import has_happened
from tests.integration.engine.dying import Reaper

ALWAYS = {
    *("intake.before_commit", "intake.after_commit", "wake.before_enqueue", "wake.after_enqueue", "claim.after_commit"),
    *("intend.before_commit", "intend.after_commit", "effect.before_call", "effect.after_call"),
    *("verify.before_commit", "verify.after_commit", "seal.before_commit", "seal.after_commit"),
}
LOOKED = {"verify.after_look"}
LATE = {"step.before_commit", "step.after_commit"}
ASKED = {"ask.before_commit", "ask.after_commit", "decide.before_commit", "timer.before_commit", "timer.after_commit"}
ELSEWHERE = {name for name in NAMES if name.partition(".")[0] in {"gateway", "courier", "digest"}} | {
    "decide.after_commit"
}
"""Passed by processes that know no lane; tests/faults kills them there."""

each_journey = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())


def places_of(journey: Journey) -> set[str]:
    """Where whoever is on this journey can die."""
    looked = LOOKED if journey.kind is not EffectClass.NEITHER else set()
    return ALWAYS | looked | (LATE if journey.late else set()) | (ASKED if journey.asks else set())


def test_every_place_is_on_some_journey_of_a_lane_or_known_to_be_elsewhere() -> None:
    assert set().union(*map(places_of, JOURNEYS.values())) | ELSEWHERE == set(NAMES)


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
        for nth in range(1, last + 1) if acceptance else {1, last}:
            died = reaper.kill_in(place, passes=[nth])

            assert grounds.life(journey).live() == undisturbed, f"after a death at {place}:{nth}"
            assert died or nth > 1
    assert set(passes) >= places_of(journey)
