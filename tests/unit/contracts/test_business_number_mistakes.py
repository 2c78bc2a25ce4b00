"""Mistakes in numbers, days and durations: only what can be reckoned with is taken, and nothing passes for a number."""

import pytest

from tests.unit.contracts.small_business import told_after

# In which file, what stood there, what stands there now, and everything that is told of it.
NUMBERS = [
    pytest.param(
        "company",
        "target: 99",
        'target: "nan"',
        [
            "company.yaml:24:65 kpis › fair-prices › target | expected a number, found text.",
        ],
        id="a target that is no number",
    ),
    pytest.param(
        "company",
        "target: 99",
        'target: "inf"',
        [
            "company.yaml:24:65 kpis › fair-prices › target | expected a number, found text.",
        ],
        id="a target without end",
    ),
    pytest.param(
        "company",
        "target: 99",
        "target: true",
        [
            "company.yaml:24:64 kpis › fair-prices › target | expected a number, found true or false.",
        ],
        id="a target that is true",
    ),
    pytest.param(
        "company",
        "target: 99",
        'target: "99"',
        [
            "company.yaml:24:65 kpis › fair-prices › target | expected a number, found text. Write 99 without quotes.",
        ],
        id="a target in quotes",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: "NaN", at_most: "0.02"',
        [
            'lane.yaml:16:339 workers › looker › cost › usual | NaN is no number that can be added up. Write an amount like "0.25".',
        ],
        id="a cost that is no number",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: "0.01", at_most: Infinity',
        [
            'lane.yaml:16:355 workers › looker › cost › at_most | Infinity is no number that can be added up. Write an amount like "0.25".',
        ],
        id="a cost without end",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: abc, at_most: "0.02"',
        [
            'lane.yaml:16:338 workers › looker › cost › usual | abc is no number. Write an amount like "0.25".',
        ],
        id="a word for a cost",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: true, at_most: "0.02"',
        [
            "lane.yaml:16:338 workers › looker › cost › usual | expected a number, found true or false.",
        ],
        id="a cost that is true",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: "0.01", at_most: "1e999999"',
        [
            "lane.yaml:16:356 workers › looker › cost › at_most | 1e999999 has too many digits. At most 12 stand before the point, and 12 after it.",
        ],
        id="a cost of a million digits",
    ),
    pytest.param(
        "lane",
        'usual: "0.01", at_most: "0.02"',
        'usual: "0.01", at_most: "0.02", minutes: "nan"',
        [
            "lane.yaml:16:373 workers › looker › cost › minutes | expected a number, found text.",
        ],
        id="minutes that are no number",
    ),
    pytest.param(
        "lane",
        "steps:\n",
        'retries: {first_s: "-inf", factor: true}\nsteps:\n',
        [
            "lane.yaml:36:21 retries › first_s | expected a number, found text.",
            "lane.yaml:36:36 retries › factor | expected a number, found true or false.",
        ],
        id="waits that are no numbers",
    ),
]

LEVELS = [
    pytest.param(
        "lane",
        "may_ask:",
        "stage: true\nmay_ask:",
        [
            "lane.yaml:6:8 stage | true is not one of 1, 2, 3 or 4.",
        ],
        id="a stage that is true",
    ),
    pytest.param(
        "lane",
        "may_ask:",
        "stage: 3.0\nmay_ask:",
        [
            "lane.yaml:6:8 stage | 3.0 is not one of 1, 2, 3 or 4. Write 3.",
        ],
        id="a stage with a decimal point",
    ),
    pytest.param(
        "lane",
        "may_ask:",
        'stage: "3"\nmay_ask:',
        [
            'lane.yaml:6:9 stage | "3" is text, and not one of 1, 2, 3 or 4. Write 3 without quotes.',
        ],
        id="a stage in quotes",
    ),
    pytest.param(
        "lane",
        "may_ask:",
        "stage: 5\nmay_ask:",
        [
            "lane.yaml:6:8 stage | 5 is not one of 1, 2, 3 or 4.",
        ],
        id="a stage that there is not",
    ),
    pytest.param(
        "lane",
        "may_ask:",
        "stage: [3]\nmay_ask:",
        [
            "lane.yaml:6:8 stage | expected 1, 2, 3 or 4, found a list.",
        ],
        id="a list for a stage",
    ),
    pytest.param(
        "lane",
        "tier: 3",
        "tier: true",
        [
            "lane.yaml:22:11 workers › giver › tier | true is not one of 1, 2, 3 or 4.",
        ],
        id="a tier that is true",
    ),
    pytest.param(
        "lane",
        "tier: 3",
        "tier: 3.0",
        [
            "lane.yaml:22:11 workers › giver › tier | 3.0 is not one of 1, 2, 3 or 4. Write 3.",
        ],
        id="a tier with a decimal point",
    ),
    pytest.param(
        "lane",
        "tier: 3",
        "tier: three",
        [
            "lane.yaml:22:11 workers › giver › tier | three is not one of 1, 2, 3 or 4.",
        ],
        id="a word for a tier",
    ),
]

WRITTEN = [
    pytest.param(
        "lane",
        "steps:\n",
        "retries: {tries: 1.5}\nsteps:\n",
        [
            "lane.yaml:36:18 retries › tries | expected a whole number, found 1.5.",
        ],
        id="part of a try",
    ),
    pytest.param(
        "lane",
        "steps:\n",
        'retries: {tries: "3"}\nsteps:\n',
        [
            "lane.yaml:36:19 retries › tries | expected a whole number, found text. Write 3 without quotes.",
        ],
        id="tries in quotes",
    ),
    pytest.param(
        "company",
        "target: 99",
        "target: 0x1F",
        [
            'company.yaml:24:64 kpis › #1 › target | 0x1F may be a hexadecimal number. Write it in digits from 0 to 9, or "0x1F" in quotes if it is text.',
        ],
        id="a hexadecimal number",
    ),
    pytest.param(
        "company",
        "target: 99",
        "target: 0b11",
        [
            'company.yaml:24:64 kpis › #1 › target | 0b11 may be a binary number. Write it in digits from 0 to 9, or "0b11" in quotes if it is text.',
        ],
        id="a binary number",
    ),
    pytest.param(
        "company",
        "target: 99",
        "target: 0o17",
        [
            'company.yaml:24:64 kpis › #1 › target | 0o17 may be an octal number. Write "0o17" in quotes if it is text.',
        ],
        id="an octal number",
    ),
    pytest.param(
        "lane",
        "}, 1000]}",
        "}, 9007199254740993]}",
        [
            'lane.yaml:62:49 approve › #1 › when › > › #2 | 9007199254740993 is too large to be kept exactly. Numbers go up to 9007199254740991. Write "9007199254740993" in quotes only if it is text, such as an id.',
        ],
        id="a number of a rule that is not kept exactly",
    ),
]

DURATIONS = [
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: -4h, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | -4h is no duration. Write 4h, without a sign.",
        ],
        id="a duration with a sign",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: 4, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | 4 is no duration. Write a whole number and s, m, h or d, such as 4h.",
        ],
        id="a number alone",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: 4 hours, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | 4 hours is no duration. Write 4h.",
        ],
        id="a unit in words",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: 1.5h, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | 1.5h is no duration. Write a whole number of a smaller unit, such as 90m for 1.5h.",
        ],
        id="part of an hour",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: 99999999999999d, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | 99999999999999d is no duration. It has at most 5 digits, with s, m, h or d after them.",
        ],
        id="a duration of a universe",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: soon, remind",
        [
            "lane.yaml:67:35 approve › large discount › steps › #1 › for | soon is no duration. Write a whole number and s, m, h or d, such as 4h.",
        ],
        id="a word for a duration",
    ),
    pytest.param(
        "lane",
        "for: 1h, remind",
        "for: , remind",
        [
            "lane.yaml:67:30 approve › large discount › steps › #1 › for | nothing is no duration. Write a whole number and s, m, h or d, such as 4h.",
        ],
        id="no duration",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), NUMBERS)
def test_a_number_is_finite_and_written_as_one(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected


@pytest.mark.parametrize(("file", "old", "new", "expected"), LEVELS)
def test_a_stage_and_a_tier_are_whole_numbers(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected


@pytest.mark.parametrize(("file", "old", "new", "expected"), WRITTEN)
def test_a_number_is_told_as_it_was_written(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected


@pytest.mark.parametrize(("file", "old", "new", "expected"), DURATIONS)
def test_a_duration_is_told_with_the_right_one(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected
