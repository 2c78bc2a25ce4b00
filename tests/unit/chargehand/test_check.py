"""`chargehand check` shows each mistake with its line, and says in one line when there is none."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chargehand.commands.check import check

MORNING = Path(__file__).parents[3] / "examples/morning"
LANE = "lanes/refunds/lane.yaml"
IDLE = """\
  - name: smiles
    title: Smiles
    unit: smiles
    target: 9
    direction: up
    objective: Keep customers after something went wrong
"""


@pytest.fixture
def morning(tmp_path: Path) -> Path:
    """A copy of the example to spoil."""
    return Path(shutil.copytree(MORNING, tmp_path / "morning"))


def test_a_good_business_is_one_line() -> None:
    status, shown = _check(MORNING)

    assert (status, shown) == (0, "The morning company: 5 lanes, 21 workers, 7 people. Nothing to mend.\n")


def test_a_mistake_is_shown_with_place_sentence_line_and_carets(morning: Path) -> None:
    line = _replace(morning / LANE, '"effect.args.amount"}, 50000', '"effect.args.ammount"}, 50000')

    status, shown = _check(morning)

    assert status == 1
    assert shown.splitlines() == [
        f"lanes/refunds/lane.yaml:{line}:27  approve › large refund › when",
        "  unknown fact effect.args.ammount. Did you mean effect.args.amount? (integer, minor units of USD)",
        f'  {line} |     when: {{">": [{{"var": "effect.args.ammount"}}, 50000]}}',
        " " * (len(f"  {line} | ") + 26) + "^" * 19,
        "1 mistake in 1 of 5 lanes. Nothing was loaded.",
    ]


def test_code_that_would_end_the_check_is_told_with_its_line(morning: Path) -> None:
    line = _replace(morning / "lanes/refunds/models.py", "\n\n\nclass ", "\n\nimport os\n\nos._exit(0)\n\n\nclass ") + 4

    status, shown = _check(morning)

    assert status == 1
    assert shown.splitlines()[:2] == [
        f"lanes/refunds/models.py:{line}:1",
        "  fails when loaded: SystemExit: it would end whoever loads it, with status 0.",
    ]


def test_mistakes_are_counted_by_lanes_and_other_files(morning: Path) -> None:
    _replace(morning / LANE, "owner: ruth", "owner: rut")
    _replace(morning / LANE, "serves: refunds-within-a-day", "serves: refunds-within-a-dy")
    _replace(morning / "company.yaml", "last_resort: jonas", "last_resort: jona")
    shutil.copytree(morning / "lanes/refunds", morning / "lanes/returns")
    _replace(morning / "lanes/returns/lane.yaml", "lane: refunds", "lane: returns")

    status, shown = _check(morning)

    assert status == 1
    assert shown.splitlines()[-1] == "5 mistakes in company.yaml and 2 of 6 lanes. Nothing was loaded."


def test_a_long_line_is_cut_around_the_words_that_are_meant(morning: Path) -> None:
    _replace(morning / LANE, "promise: It checks", f"promise: {'It checks. ' * 20}{{request.oder}} It checks")

    _, shown = _check(morning)

    lines = shown.splitlines()
    caret = next(index for index, line in enumerate(lines) if line.strip() == "^" * len("request.oder"))
    column = lines[caret].index("^")
    assert lines[caret - 1][column:].startswith("request.oder")
    assert max(len(line) for line in lines) < 130


def test_json_holds_every_part_of_a_mistake(morning: Path) -> None:
    line = _replace(morning / LANE, "owner: ruth", "owner: rut")

    status, shown = _check(morning, "--json")

    (folder,) = json.loads(shown)
    assert status == 1
    assert folder["good"] is False
    assert folder["mistakes"] == [
        {
            "file": LANE,
            "line": line,
            "column": 8,
            "path": "owner",
            "message": "unknown person rut",
            "hint": "Did you mean ruth?",
            "excerpt": "owner: rut",
            "length": 3,
            "sentence": "unknown person rut. Did you mean ruth?",
        }
    ]


def test_json_of_a_good_business_holds_the_hashes() -> None:
    status, shown = _check(MORNING, "--json")

    (folder,) = json.loads(shown)
    assert status == 0
    assert folder["good"] is True
    assert len(folder["lanes"]["refunds"]["hash"]) == 64


def test_the_folder_of_the_settings_is_checked_when_none_is_named(
    morning: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHARGEHAND_BUSINESS", f"{morning}:{tmp_path / 'nowhere'}")
    monkeypatch.setenv("CHARGEHAND_HOME", str(tmp_path / "home"))

    status, shown = _check()

    assert status == 1
    assert shown.splitlines()[:2] == [
        str(morning),
        "The morning company: 5 lanes, 21 workers, 7 people. Nothing to mend.",
    ]
    assert (
        "there is no such folder. Name a folder with a company.yaml, on the command line or in CHARGEHAND_BUSINESS."
        in shown
    )


def _check(*arguments: Path | str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout


def _replace(path: Path, old: str, new: str) -> int:
    """Replace the first `old`; returns its line's number."""
    before, found, after = path.read_text(encoding="utf-8").partition(old)
    assert found
    path.write_text(f"{before}{new}{after}", encoding="utf-8")
    return before.count("\n") + 1


def test_a_warning_is_told_and_fails_only_when_strict(morning: Path) -> None:
    line = _replace(morning / "company.yaml", "\nkpis:\n", f"\nkpis:\n{IDLE}") + 2

    status, shown = _check(morning)

    assert status == 0
    assert shown.splitlines()[0] == f"company.yaml:{line}:11  kpis › smiles › name"
    assert "  nobody moves smiles. Let a lane serve it or a worker have it, or delete it." in shown.splitlines()
    assert shown.splitlines()[-1].endswith("Nothing to mend. 2 things to think about.")
    assert _check(morning, "--strict")[0] == 1
    assert _check(MORNING, "--strict")[0] == 0


def test_json_holds_warnings_and_reports(morning: Path) -> None:
    _replace(morning / "company.yaml", "\nkpis:\n", f"\nkpis:\n{IDLE}")

    status, shown = _check(morning, "--json", "--blast-radius", "--explain", "refunds")

    (folder,) = json.loads(shown)
    assert status == 0
    assert [one["message"] for one in folder["warnings"]] == ["nobody moves smiles", "smiles shows no key result"]
    assert {one["worker"] for one in folder["blast_radius"] if one["lane"] == "refunds"} == {
        *("order-checker", "refund-payer", "night-checker", "night-payer")
    }
    assert {"what": "owner", "value": "ruth", "place": "lanes/refunds/lane.yaml:5", "note": ""} in (
        folder["explained"]["lines"]
    )


def test_the_most_damage_of_each_worker_is_told() -> None:
    status, shown = _check(MORNING, "--blast-radius")

    assert status == 0
    assert "refund-payer – Refund worker, tier 3, decides (lane refunds, stage 3)" in shown.splitlines()
    assert "  May cause shop.refund (The shop's order database), which spends money." in shown.splitlines()


def test_the_strategy_is_walked_down() -> None:
    status, shown = _check(MORNING, "--strategy")

    assert status == 0
    assert shown.splitlines()[2] == "Keep the customers we have"
    assert "        lane refunds serves it: order-checker and night-checker" in shown.splitlines()


def test_a_lane_is_explained_and_an_unknown_one_is_refused() -> None:
    status, shown = _check(MORNING, "--explain", "refunds")

    assert status == 0
    assert "The morning company › Customers › Customer care › Refund an order" in shown.splitlines()
    assert _check(MORNING, "--explain", "refund")[0] != 0
