"""What the terminal says when everything is ready names somebody who has something to ask for."""

from pathlib import Path

import pytest

from chargehand.settings import Settings
from chargehand.up import welcome
from tests.unit.contracts.small_business import LANE, small_business


@pytest.mark.parametrize(
    ("may_ask", "name"),
    [
        ('[everyone, "group:staff", "person:ines"]', "Inês Prata"),
        ('["person:olu"]', "Olu Adeniyi"),
        ('["group:staff"]', "Inês Prata"),
        ('["person:olu"]\nstage: 1', "Inês Prata"),  # it only observes: nobody may ask, so it is the first of all
    ],
)
def test_somebody_who_may_ask_is_named(tmp_path: Path, may_ask: str, name: str) -> None:
    lane = LANE.replace('[everyone, "group:staff", "person:ines"]', may_ask)

    told = welcome(Settings.load(tmp_path), [small_business(lane=lane)], seconds=1.0)

    assert f"be {name}, type /chargehand." in told
