"""Trails that earlier versions have written replay to the same states, and a bad one is refused."""

from pathlib import Path
from typing import Any

import pytest

from contracts.lifecycle import Entry, Event, IllegalMove, fold
from contracts.vocabulary import TaskState
from tests.histories.record import STORIES, VERSION, histories

FOLDER = Path(__file__).parents[2] / "histories"
RECORDED = {f"{path.parent.name}/{path.stem}": path for path in sorted(FOLDER.glob("[0-9]*/*.json"))}


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
    assert {name for name, _ in histories(FOLDER / VERSION)} == set(STORIES)


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
