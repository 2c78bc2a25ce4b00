"""Mistakes in the settings of systems: a tool is made with what its constructor says it takes, or not at all."""

import pytest

from tests.unit.contracts.small_business import COMPANY, TILL, told

# How the constructor annotates `path`, which setting it is given, and everything that is told of it.
SETTINGS = [
    pytest.param(
        "str",
        "3",
        "company.yaml:22:72 systems › till › settings › path | expected text, found a number.",
        id="a number for text",
    ),
    pytest.param(
        "str",
        '"{hom}/till"',
        "company.yaml:22:73 systems › till › settings › path | {hom} stands for nothing. Only {home} is filled in, with the folder of CHARGEHAND_HOME.",
        id="a placeholder that nothing fills",
    ),
    pytest.param(
        "int",
        '"3"',
        "company.yaml:22:73 systems › till › settings › path | expected a whole number, found text. Write 3 without quotes.",
        id="a number in quotes",
    ),
    pytest.param(
        "int",
        "true",
        "company.yaml:22:72 systems › till › settings › path | expected a whole number, found true or false.",
        id="true for a number",
    ),
    pytest.param(
        "list[str]",
        "[here, 3]",
        "company.yaml:22:79 systems › till › settings › path › #2 | expected text, found a number.",
        id="a list of other things",
    ),
    pytest.param(
        "list[str]",
        '["{home}/till"]',
        "company.yaml:22:72 systems › till › settings › path | {home} is filled in only where a setting is text itself. Give it a setting of its own.",
        id="a placeholder within a list",
    ),
    pytest.param(
        "str | int",
        "[here]",
        "company.yaml:22:72 systems › till › settings › path | expected str | int, found a list.",
        id="none of several types",
    ),
    pytest.param(
        "Path",
        "here",
        "company.yaml:22:72 systems › till › settings › path | expected Path, found text. Files give text, numbers, true, false, lists and mappings.",
        id="what no file can give",
    ),
]


@pytest.mark.parametrize(("annotation", "setting", "expected"), SETTINGS)
def test_a_setting_is_what_the_constructor_takes(annotation: str, setting: str, expected: str) -> None:
    company = COMPANY.replace('{path: "{home}/till"}', f"{{path: {setting}}}")
    till = f"from pathlib import Path\n{TILL}".replace("path: str", f"path: {annotation}")

    assert told(company=company, till=till) == [expected]


@pytest.mark.parametrize("annotation", ["str | None", "object", "'Later'", "Annotated[str, 'where']"])
def test_a_setting_that_fits_is_taken(annotation: str) -> None:
    assert told(till=TILL.replace("path: str", f"path: {annotation}")) == []


def test_a_list_may_stand_for_a_tuple() -> None:
    company = COMPANY.replace('{path: "{home}/till"}', "{path: [here, there]}")

    assert told(company=company, till=TILL.replace("path: str", "path: tuple[str, ...]")) == []
