"""Mistakes in kill switches: names twice, stages that change nothing, words that nobody knows."""

import pytest

from contracts.switch import Switch
from tests.unit.contracts.small_business import LANE, told

GOOD = "counts: complaints, trips_at: 3, within: 7d, because: Too many"


def with_switches(*said: str) -> list[str]:
    switches = ", ".join(f"{{{one}}}" for one in said)
    return told(lane=LANE.replace("owner: olu\n", f"owner: olu\nswitches: [{switches}]\n", 1))


@pytest.mark.parametrize("then", ["stage 1", "stage 2", "pause"])
def test_a_good_switch_is_no_mistake(then: str) -> None:
    assert with_switches(f"name: S, then: {then}, {GOOD}") == []


def test_two_of_one_name_are_told() -> None:
    one = f"name: S, then: pause, {GOOD}"

    assert with_switches(one, one) == [
        "lane.yaml:6:107 switches › S › name | there are two of the switch S. Give each a name of its own."
    ]


def test_a_stage_that_the_lane_has_anyway_is_told() -> None:
    lane = LANE.replace("owner: olu\n", f"owner: olu\nswitches: [{{name: S, then: stage 2, {GOOD}}}]\n", 1)

    found = told(lane=lane.replace("\nmay_ask", "\nstage: 2\nmay_ask", 1))

    assert [line.partition(" | ")[2] for line in found] == [
        "it would leave the lane stage 2, and the lane declares stage 2. Name a lower stage, or pause."
    ]


@pytest.mark.parametrize(
    "spoilt", ["counts: moods", "trips_at: 0", "within: soon", "then: stage 3", "then: stop", "surprise: 1"]
)
def test_what_a_switch_can_not_be_is_told_where_it_stands(spoilt: str) -> None:
    key = spoilt.partition(":")[0]
    words = {name: value for name, _, value in (part.partition(": ") for part in GOOD.split(", "))}
    words |= {"name": "S", "then": "pause", key: spoilt.partition(": ")[2]}

    (mistake,) = with_switches(", ".join(f"{name}: {value}" for name, value in words.items()))

    assert mistake.startswith("lane.yaml:6:")
    assert "switches › S" in mistake


def test_what_it_leaves_a_lane_follows_from_its_words() -> None:
    def leaves(then: str) -> int | None:
        said = {"name": "S", "counts": "complaints", "trips_at": 1, "within": "7d", "then": then, "because": "x"}
        return Switch.model_validate(said).stage

    assert [leaves(then) for then in ("stage 1", "stage 2", "pause")] == [1, 2, None]
