"""A copy of the example company whose limits no storm reaches: caps and budgets would hold most of it back."""

import shutil
from pathlib import Path

from tests.builders import MORNING


def busy_company(home: Path) -> Path:
    """The morning company without limits that a storm would reach."""
    folder = home / "company"
    shutil.copytree(MORNING, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    declared = folder / "company.yaml"
    said = declared.read_text()
    for cap in ("hour: {count: 60}", "day: {count: 300, amount: 500000}"):
        assert cap in said
        said = said.replace(cap, f"{cap.partition(':')[0]}: {{count: 1000000}}")
    for budget in ('budget: {run: "0.10", day: "20.00", month: "400.00"}', 'budget: {day: "10.00"}'):
        assert budget in said
        said = said.replace(budget, "")
    declared.write_text(said)
    return folder
