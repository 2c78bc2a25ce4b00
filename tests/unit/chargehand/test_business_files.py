"""A business's folder is read within limits, and only what belongs to a business."""

from pathlib import Path

import pytest

from chargehand import business_files
from chargehand.business_files import lanes_in, load_folder, load_folders, read
from contracts.business import BusinessMistakes
from tests.unit.contracts.small_business import COMPANY, FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small business on the disk."""
    return _written(tmp_path / "corner", dict(FILES))


def test_only_what_belongs_to_a_business_is_read(folder: Path) -> None:
    (folder / "README.md").write_text("About us")
    (folder / "world.py").write_text("raise SystemExit")
    (folder / "lanes/discounts/__pycache__").mkdir()
    (folder / "lanes/discounts/__pycache__/models.py").write_text("raise SystemExit")

    assert set(read(folder)) == set(FILES)
    assert lanes_in(folder) == 1


def test_a_folder_is_loaded_with_the_time_zones_of_this_machine(folder: Path) -> None:
    assert load_folder(folder).company.company == "corner"

    (folder / "company.yaml").write_text(COMPANY.replace("Europe/Lisbon", "Europe/Atlantis"))

    with pytest.raises(BusinessMistakes, match="unknown time zone Europe/Atlantis"):
        load_folder(folder)


HOW_TO_NAME_ONE = "Name a folder with a company.yaml, on the command line or in CHARGEHAND_BUSINESS."


def test_a_missing_folder_is_told_with_both_ways_to_name_one(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    assert _told(nowhere) == f"{nowhere}:1:1\n  there is no such folder. {HOW_TO_NAME_ONE}"


def test_a_file_in_place_of_a_folder_is_told_as_one(folder: Path) -> None:
    company, other = folder / "company.yaml", folder / "tools/till.py"

    assert _told(company) == (
        f"{company}:1:1\n  this is a file, and a business is a folder. Name the folder that it lies in, {folder}."
    )
    assert _told(other) == f"{other}:1:1\n  this is a file, and a business is a folder. {HOW_TO_NAME_ONE}"


def _told(folder: Path) -> str:
    with pytest.raises(BusinessMistakes) as found:
        load_folder(folder)
    return str(found.value)


def test_a_file_above_the_limit_is_not_read(folder: Path) -> None:
    (folder / "lanes/discounts/lane.yaml").write_bytes(b"#" * (business_files.LARGEST_FILE + 1))

    with pytest.raises(BusinessMistakes, match=r"lane\.yaml:1:1\n  262,145 bytes are more than 262,144\. Split it\."):
        read(folder)


def test_a_company_may_be_larger_than_a_lane(folder: Path) -> None:
    company = folder / "company.yaml"
    company.write_text(f"{COMPANY}#{'x' * business_files.LARGEST_FILE}", encoding="utf-8")

    assert load_folder(folder).company.company == "corner"

    company.write_text(f"{COMPANY}#{'x' * business_files.LARGEST_COMPANY}", encoding="utf-8")

    assert _told(folder) == f"company.yaml:1:1\n  {company.stat().st_size:,} bytes are more than 1,048,576."


def test_more_files_than_the_limit_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business_files, "MOST_FILES", 4)

    with pytest.raises(BusinessMistakes, match="5 files are more than 4"):
        read(folder)


def test_several_companies_are_loaded_by_their_names(folder: Path, tmp_path: Path) -> None:
    other = COMPANY.replace("company: corner", "company: market").replace("T0CORNER", "T0MARKET")
    second = _written(tmp_path / "market", {**FILES, "company.yaml": other})

    assert set(load_folders([folder, second])) == {"corner", "market"}


@pytest.mark.parametrize("change", [("company: corner", "company: market"), ("T0CORNER", "T0MARKET")])
def test_two_companies_share_neither_name_nor_slack_team(folder: Path, tmp_path: Path, change: tuple[str, str]) -> None:
    second = _written(tmp_path / "market", {**FILES, "company.yaml": COMPANY.replace(*change)})

    with pytest.raises(BusinessMistakes, match="has id or Slack team in common with corner"):
        load_folders([folder, second])


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
