"""What follows when only parts of an effect stand: read off its class, its state and what was missing before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.parts import Partly
from contracts.vocabulary import EffectClass, EffectState
from engine.parts import Follows, what_follows
from engine.world import Effect, as_parts

FOUND = Partly(("text",), ("picture", "index"), reference="88")
EFFECT = Effect(
    key="yard/T-1/place/1/1",
    task=1,
    step="place",
    revision=1,
    tool="yard.place",
    effect_class=EffectClass.READABLE,
    args={},
    because="it is wanted",
    digest="",
    authority="",
    state=EffectState.INTENDED,
    performs=1,
    looks=0,
    intended_at=datetime(2026, 11, 1, tzinfo=UTC),
    answer=None,
)
PERFORMED = replace(EFFECT, state=EffectState.PERFORMED)
KEYED = replace(EFFECT, effect_class=EffectClass.KEYED)


def follows(
    effect: Effect, *, has_arrived: bool = True, stops: bool = False, failed: bool = False, found: Partly = FOUND
) -> Follows:
    """What follows, unless said otherwise of a call that must have arrived."""
    return what_follows(effect, found, has_arrived=has_arrived, stops=stops, failed=failed)


@pytest.mark.parametrize("effect", [EFFECT, PERFORMED, replace(KEYED, state=EffectState.PERFORMED)])
@pytest.mark.parametrize("failed", [True, False])
@pytest.mark.parametrize("stops", [True, False])
def test_nothing_is_done_before_the_rest_must_have_shown(effect: Effect, failed: bool, stops: bool) -> None:
    assert follows(effect, has_arrived=False, failed=failed, stops=stops) is Follows.WAITS


def test_a_keyed_effect_that_was_never_answered_is_completed_at_once_unless_it_is_not_wanted_any_more() -> None:
    assert follows(KEYED, has_arrived=False) is Follows.COMPLETES
    assert follows(KEYED, has_arrived=False, stops=True) is Follows.WAITS
    assert follows(KEYED, has_arrived=False, failed=True) is Follows.WAITS


def test_it_is_completed_as_long_as_that_changes_something() -> None:
    completed = replace(PERFORMED, seen=as_parts(FOUND))

    assert follows(PERFORMED) is Follows.COMPLETES
    assert follows(completed) is Follows.STUCK
    assert follows(completed, found=Partly(("text", "picture"), ("index",))) is Follows.COMPLETES
    assert follows(replace(completed, state=EffectState.INTENDED)) is Follows.COMPLETES


def test_what_no_repeat_mends_is_stuck_until_a_person_says_that_it_is_completed() -> None:
    assert follows(EFFECT, failed=True) is Follows.STUCK
    assert follows(replace(EFFECT, state=EffectState.DISPROVED), failed=True) is Follows.COMPLETES


def test_what_was_refused_and_got_on_all_the_same_is_completed_further() -> None:
    before = replace(EFFECT, seen=as_parts(FOUND))

    assert follows(before, failed=True) is Follows.STUCK
    assert follows(before, failed=True, found=Partly(("text", "picture"), ("index",))) is Follows.COMPLETES


def test_a_task_that_is_to_end_completes_nothing() -> None:
    assert follows(EFFECT, stops=True) is Follows.ENDS
    assert follows(replace(EFFECT, state=EffectState.DISPROVED), stops=True) is Follows.ENDS


def test_an_effect_of_which_nothing_is_missing_does_not_stand_in_part() -> None:
    with pytest.raises(ValueError, match="nothing is missing"):
        Partly(("text",), ())
