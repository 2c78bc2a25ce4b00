"""Random lives of tasks: wherever trouble, deaths and people have taken them, time and one person bring each to its end."""

import random

import pytest

from contracts.lifecycle import Event
from contracts.vocabulary import TaskState
from tests.builders import House
from tests.integration.engine.dying import Reaper
from tests.integration.engine.fate import TURNS, Fate
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop, stuck

LIVES, OF_ACCEPTANCE = 6, 300


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few lives on every change, many before a release."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(OF_ACCEPTANCE if metafunc.config.getoption("acceptance") else LIVES))


def test_wherever_chance_has_taken_tasks_time_and_people_bring_each_to_its_end(
    office: House, reaper: Reaper, seed: int
) -> None:
    shop = open_shop(office)
    fate = Fate(office, shop, reaper, random.Random(seed))

    for _ in range(TURNS):
        fate.turn()
        assert stuck(office) == []

    tasks = [office.task(number) for number in fate.tasks]
    assert fate.ends_well(), [(one.name, one.state, one.sentence) for one in tasks]
    done = {number for number in fate.tasks if office.task(number).state is TaskState.DONE}
    paid = [int(one.key.split("/")[1].removeprefix("T-")) for one in shop.refunds]
    assert len(set(paid)) == len(paid)
    events = {number: assert_trail_is_whole(office, number) for number in fate.tasks}
    vouched_for = {number for number in fate.tasks if Event.DOUBTED in events[number]}
    assert done - vouched_for <= set(paid)
