"""The table of moves: closed, walkable to an end from everywhere, and the same when it is replayed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.lifecycle import TABLE, Entry, Event, IllegalMove, Move, Mover, diagram, fold, move_for
from contracts.vocabulary import ENDED, TaskState


def moves_from(state: TaskState) -> list[Move]:
    """The lines of the table that lead away from a state."""
    return [move for move in TABLE if state in move.sources]


@st.composite
def walks(draw: st.DrawFn) -> list[Entry]:
    """A random life of a task, as its trail would hold it."""
    state, entries = TaskState.DRAFTED, list[Entry]()
    for version in range(1, draw(st.integers(0, 40)) + 1):
        if state in ENDED:
            break
        move = draw(st.sampled_from(moves_from(state)))
        entries.append(Entry(move.event, state, move.target, version))
        state = move.target
    return entries


@given(walks())
def test_any_walk_through_the_table_folds_to_where_it_ended(entries: list[Entry]) -> None:
    last = entries[-1].target if entries else TaskState.DRAFTED

    assert fold(entries) == (last, len(entries))


@given(walks().filter(lambda entries: len(entries) > 1), st.data())
def test_a_trail_with_an_entry_cut_out_of_its_middle_does_not_fold(entries: list[Entry], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(entries) - 2))

    with pytest.raises(IllegalMove):
        fold(entries[:cut] + entries[cut + 1 :])


@given(walks().filter(lambda entries: len(entries) > 1), st.data())
def test_a_trail_with_two_entries_swapped_does_not_fold(entries: list[Entry], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(entries) - 2))
    swapped = list(entries)
    swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]

    with pytest.raises(IllegalMove):
        fold(swapped)


@pytest.mark.parametrize("state", sorted(set(TaskState) - ENDED))
def test_from_every_state_that_is_no_end_some_end_can_be_reached(state: TaskState) -> None:
    reached, edge = {state}, {state}
    while edge:
        edge = {move.target for one in edge for move in moves_from(one)} - reached
        reached |= edge

    assert reached & ENDED
    assert TaskState.DONE in reached


@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_leads_out_of_an_end(state: TaskState) -> None:
    assert moves_from(state) == []
    with pytest.raises(IllegalMove, match=str(state)):
        move_for(state, Event.CLAIMED)


def test_each_event_leads_from_a_state_to_one_place_only() -> None:
    lines = [(source, move.event) for move in TABLE for source in move.sources]

    assert len(lines) == len(set(lines))


def test_only_a_decision_approves_and_only_a_runner_says_that_something_was_done() -> None:
    movers = {event: {m for move in TABLE if move.event is event for m in move.movers} for event in Event}

    assert movers[Event.APPROVED] == movers[Event.REJECTED] == {Mover.DECISION}
    for event in (Event.PERFORMED, Event.VERIFIED, Event.COMPLETED, Event.INTENDED):
        assert movers[event] == {Mover.RUNNER}


def test_a_task_is_done_only_over_running_so_never_with_an_effect_under_way() -> None:
    assert {source for move in TABLE if move.target is TaskState.DONE for source in move.sources} == {TaskState.RUNNING}


def test_the_diagram_draws_every_line_of_the_table_once() -> None:
    drawn = [line.strip() for line in diagram().splitlines()]

    for move in TABLE:
        for source in move.sources:
            assert drawn.count(f"{source} --> {move.target}: {move.event.replace('_', ' ')}") == 1
    assert len(drawn) == 2 + sum(len(move.sources) for move in TABLE) + len(ENDED)
