"""Trails that earlier versions have written replay to the same states, and a bad one is refused."""

from pathlib import Path
from typing import Any

import pytest

from contracts.lifecycle import TABLE, Entry, Event, IllegalMove, fold
from contracts.vocabulary import TaskState
from tests.histories.record import LIFE, STORIES, VERSION, histories, moves_of

FOLDER = Path(__file__).parents[2] / "histories"
RECORDED = {f"{path.parent.name}/{path.stem}": path for path in sorted(FOLDER.glob("[0-9]*/*.json"))}

NOT_RECORDED = {
    ("cancel_asked", "ready"),
    ("cancelled", "accepted"),
    ("change_asked", "running"),
    ("consulted", "running"),
    ("consulted", "verifying"),
    ("delegated", "verifying"),
    ("denied", "running"),
    ("denied", "verifying"),
    ("disproved", "verifying"),
    ("fanned_out", "running"),
    ("item_done", "running"),
    ("item_left", "running"),
    ("item_left", "verifying"),
    ("parked", "verifying"),
    ("put_off", "running"),
    ("request_changed", "ready"),
    ("request_changed", "running"),
    ("sent_back", "running"),
    ("undoing", "ready"),
    ("undoing", "running"),
    ("undoing", "verifying"),
    ("undoing", "waiting"),
}
"""Moves that no story and no life of this version has taken: the tests of their own show them."""


def replayed(history: dict[str, Any]) -> tuple[TaskState, int]:
    return fold(
        Entry(Event(one["event"]), TaskState(one["source"]), TaskState(one["target"]), one["version"])
        for one in history["entries"]
    )


def test_every_recorded_history_replays_to_the_state_that_its_task_had() -> None:
    found = [(name, history) for folder in FOLDER.glob("[0-9]*") for name, history in histories(folder)]

    assert len(found) >= len(STORIES)
    for name, history in found:
        assert replayed(history) == (history["state"], history["version"]), name


def test_this_version_has_recorded_every_story() -> None:
    names = {name for name, _ in histories(FOLDER / VERSION)}

    assert {name for name in names if not name.startswith(LIFE)} == set(STORIES)


def test_the_recorded_histories_take_every_move_but_a_few() -> None:
    taken = set[tuple[str, str]]().union(*(moves_of(found) for _, found in histories(FOLDER / VERSION)))
    known = {(str(move.event), str(source)) for move in TABLE for source in move.sources}

    assert taken <= known
    assert known - taken == NOT_RECORDED


def test_the_recorded_histories_end_in_every_way_that_a_task_can_end() -> None:
    ends = {history["state"] for _, history in histories(FOLDER / VERSION)}

    assert {"done", "refused", "failed", "cancelled"} <= ends


def test_a_history_of_a_task_that_was_done_without_being_verified_is_refused() -> None:
    ((_, bad),) = histories(FOLDER / "bad")

    with pytest.raises(IllegalMove, match="can't be completed"):
        replayed(bad)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_history_with_one_entry_taken_out_is_refused(name: str) -> None:
    (history,) = [found for path, found in histories(RECORDED[name].parent) if path == RECORDED[name].stem]
    entries = history["entries"]

    for place in range(len(entries) - 1):
        with pytest.raises(IllegalMove):
            replayed({"entries": entries[:place] + entries[place + 1 :]})
