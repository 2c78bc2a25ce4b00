"""A business that is broken in many ways at once is told of all of them at once, each as well as if it stood alone."""

import itertools
import re
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from chargehand.commands.check import check
from tests.unit.contracts.small_business import FILES, LANE
from tests.unit.contracts.test_business_decision_mistakes import DECISIONS
from tests.unit.contracts.test_business_lane_mistakes import REFERENCES, RIGHTS
from tests.unit.contracts.test_business_rule_mistakes import EXAMPLES, RULES, SENTENCES
from tests.unit.contracts.test_business_worker_mistakes import WORKERS

LEAST = 75
# These messages name the folder that the lane lies in, which differs here.
_OF_THE_FOLDER = ("a lane in a folder of another name", "an unknown model")
CASES = [
    case
    for table in (REFERENCES, RIGHTS, DECISIONS, WORKERS, RULES, EXAMPLES, SENTENCES)
    for case in table
    if case.id not in _OF_THE_FOLDER
]


def test_every_mistake_of_every_lane_is_told_at_once(tmp_path: Path) -> None:
    expected = _write(tmp_path)
    app = typer.Typer()
    app.command()(check)

    shown = CliRunner().invoke(app, [str(tmp_path)])

    assert shown.exit_code == 1
    assert _told(shown.stdout.splitlines()) == expected
    assert len(expected) >= LEAST
    count = re.escape(f"{len(expected)} mistakes in {len(CASES)} of {len(CASES)} lanes. Nothing was loaded.")
    assert re.search(count, shown.stdout)


def _write(folder: Path) -> set[tuple[str, str]]:
    """A lane for each way to break one; gives what must be told: place and path, and the sentence."""
    expected: set[tuple[str, str]] = set()
    for name, text in FILES.items():
        if "lanes/" not in name:
            _put(folder / name, text)
    for number, case in enumerate(CASES):
        lane = f"broken-{number:03}"
        _put(folder / f"lanes/{lane}/lane.yaml", _broken(case.values).replace("lane: discounts\n", f"lane: {lane}\n"))
        for name in ("models.py", "workers.py"):
            _put(folder / f"lanes/{lane}/{name}", FILES[f"lanes/discounts/{name}"])
        expected |= {_expected(lane, told) for told in _texts(case.values)}
    return expected


def _texts(values: Any) -> list[str]:
    return list(values[2])


def _expected(lane: str, told: str) -> tuple[str, str]:
    place, _, sentence = told.partition(" | ")
    return f"lanes/{lane}/{place.replace(' ', '  ', 1)}", sentence


def _broken(values: Any) -> str:
    old, new, _ = values
    return LANE.replace(str(old), str(new), 1)


def _put(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _told(lines: list[str]) -> set[tuple[str, str]]:
    return {(line, after.strip()) for line, after in itertools.pairwise(lines) if line.startswith("lanes/")}
