"""A death at the doors of every lane of the example, from the form that is sent in to the result that is told."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import pytest

from tests.faults.doors import LifeInSlack
from tests.faults.grounds import Grounds
from tests.faults.journeys import JOURNEYS, Journey
from tests.faults.outcomes import Outcome
from tests.faults.places import places_at_the_doors
from tests.integration.engine.dying import Reaper

each_late_journey = pytest.mark.parametrize(
    "journey", [one for one in JOURNEYS.values() if one.late], ids=lambda one: one.lane
)

SENT = "courier.after_send"


def chosen(place: str, last: int) -> Collection[int]:
    """The form and the press, else the first pass; what a courier has just sent is chosen by message below."""
    if place == SENT:
        return ()
    return {1, last} if place.startswith("gateway.") else {1}


@each_late_journey
def test_a_death_at_a_door_changes_nothing_of_what_comes_of_it(
    journey: Journey, grounds: Grounds, reaper: Reaper, acceptance: bool
) -> None:
    doors, every, life = places_at_the_doors(journey), reaper.kill_at(0), grounds.life_in_slack(journey)
    undisturbed, copies = life.live(), life.copies()
    passes = Counter(place for place in every.passed if place in doors)
    assert (copies["task", "the channel"], copies["result", "the channel"]) == (1, 1)

    for place, last in passes.items():
        for nth in range(1, last + 1) if acceptance else chosen(place, last):
            died, life = reaper.kill_in(place, passes=[nth]), grounds.life_in_slack(journey)
            outcome = life.live()

            assert died or nth > 1
            if place.startswith("courier."):
                assert untold(outcome) == untold(undisturbed), f"after a death at {place}:{nth}"
                assert_told_once(life, copies)
            else:
                assert (outcome, life.copies()) == (undisturbed, copies), f"after a death at {place}:{nth}"
    assert set(passes) == doors


@each_late_journey
def test_a_courier_that_dies_with_a_message_just_sent_leaves_one_that_is_told_once(
    journey: Journey, grounds: Grounds, reaper: Reaper
) -> None:
    reaper.kill_at(0)
    life = grounds.life_in_slack(journey)
    undisturbed, copies = life.live(), life.copies()

    for message in sorted({message for message, _ in copies}):
        life = grounds.life_in_slack(journey)
        died = reaper.kill_when(SENT, partial(life.has_in_hand, message))
        outcome = life.live()

        assert died, message
        assert untold(outcome) == untold(undisturbed), f"after a death with a {message}"
        assert_told_once(life, copies)


def untold(outcome: Outcome) -> Outcome:
    """All but what was told."""
    return replace(outcome, record={name: rows for name, rows in outcome.record.items() if name != "messages"})


def assert_told_once(life: LifeInSlack, copies: Counter[tuple[str, str]]) -> None:
    """Everything stands where it would without the death. But a post to a channel of which nobody knows whether it came
    is told elsewhere, the result then follows it there, and it may stand twice if it had come.
    """
    told, doubts = life.copies(), life.doubts()
    elsewhere, missing = by_message(told - copies), by_message(copies - told)
    assert max(told.values()) == 1
    assert missing <= elsewhere <= missing + doubts, (told, copies)
    assert set(elsewhere) <= ({"task", "result"} if doubts else set()), (told, copies)


def by_message(copies: Counter[tuple[str, str]]) -> Counter[str]:
    """How often each message is there, wherever."""
    return Counter(message for message, _ in copies.elements())
