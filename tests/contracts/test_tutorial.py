"""docs/contracts.md is followed as a newcomer would: what it says is written is written, and what it shows is shown."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from chargehand.commands.check import check
from tests.architecture.sources import ROOT
from tests.architecture.tutorial import written_in

PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
LANE = "lanes/extensions/lane.yaml"


def _follow(folder: Path, *, until: str) -> None:
    """Write all that the page has written before a heading."""
    for file, text in written_in(PAGE.partition(until)[0]):
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        before = place.read_text(encoding="utf-8") if place.exists() else ""
        place.write_text(f"{before}\n{text}" if before else text, encoding="utf-8")


def _check(folder: Path, *options: str) -> tuple[int, list[str]]:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, [str(folder), *options])
    return result.exit_code, result.stdout.splitlines()


def test_the_lane_of_the_tutorial_is_good_as_the_page_says(tmp_path: Path) -> None:
    _follow(tmp_path, until="## 6. Check it")

    assert _check(tmp_path, "--strict") == (0, ["The library: 1 lane, 2 workers, 2 people. Nothing to mend."])
    assert "The library: 1 lane, 2 workers, 2 people. Nothing to mend." in PAGE


def test_the_mistake_of_the_tutorial_is_told_as_the_page_shows(tmp_path: Path) -> None:
    _follow(tmp_path, until="## 6. Check it")
    lane = tmp_path / LANE
    rule = '{"==": [{"var": "state.loan.is_wanted"}'
    lane.write_text(lane.read_text(encoding="utf-8").replace(rule, rule.replace("wanted", "wnted")), encoding="utf-8")

    status, lines = _check(tmp_path)

    assert status == 1
    assert "\n".join(lines) in PAGE


def test_the_decision_of_the_tutorial_gives_one_thought_and_can_be_explained(tmp_path: Path) -> None:
    _follow(tmp_path, until="## Completion in your editor")

    assert _check(tmp_path, "--blast-radius", "--explain", "extensions")[0] == 0
    status, lines = _check(tmp_path)

    assert status == 0
    assert "\n".join(lines) in PAGE
    assert _check(tmp_path, "--strict")[0] == 1
