"""Mistakes in company.yaml: each is told with its place, a sentence and the nearest right name."""

import time

import pytest

from tests.unit.contracts.small_business import COMPANY, small_business, told_after

# What stood there, what stands there now, and everything that is told of it.
YAML = [
    pytest.param(
        "name: The corner shop\n",
        "name: The corner shop\nname: Twice\n",
        ["company.yaml:3:1 name | name stands here twice, first in line 2. Keep one of them."],
        id="a key that stands twice",
    ),
    pytest.param(
        "strategy: Be fair",
        "strategy: yes",
        ['company.yaml:9:11 strategy | yes may mean text or true and false. Write true or false, or "yes" in quotes.'],
        id="a yes that may be true",
    ),
    pytest.param(
        "strategy: Be fair",
        "strategy: 2026-11-22",
        ['company.yaml:9:11 strategy | 2026-11-22 may be a date. Write "2026-11-22" in quotes.'],
        id="a date",
    ),
    pytest.param(
        "target: 99",
        "target: 099",
        ['company.yaml:24:64 kpis › #1 › target | 099 may be an octal number. Write "099" in quotes if it is text.'],
        id="an octal number",
    ),
    pytest.param(
        "target: 99",
        "target: .inf",
        [
            'company.yaml:24:64 kpis › #1 › target | .inf is no number that can be compared. Write ".inf" in quotes if it is text.'
        ],
        id="a number without end",
    ),
    pytest.param(
        "target: 99",
        "target: 12:30",
        ['company.yaml:24:64 kpis › #1 › target | 12:30 may be a time of day or a number. Write "12:30" in quotes.'],
        id="a time of day",
    ),
    pytest.param(
        "target: 99",
        "target: 1_000",
        ["company.yaml:24:64 kpis › #1 › target | 1_000 has underscores. Write the number in digits only."],
        id="a number with underscores",
    ),
    pytest.param(
        "target: 99",
        "target: 99999999999999999999",
        [
            'company.yaml:24:64 kpis › #1 › target | 99999999999999999999 is too large to be kept exactly. Numbers go up to 9007199254740991. Write "99999999999999999999" in quotes only if it is text, such as an id.'
        ],
        id="a number that is not kept exactly",
    ),
    pytest.param(
        "groups:\n",
        "groups: &g\n",
        ["company.yaml:19:9 groups | an anchor, &g. Delete it; anchors are not read here."],
        id="an anchor",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: *g",
        ["company.yaml:20:10 groups › staff | an alias, *g. Write the value out; aliases are not read here."],
        id="an alias",
    ),
    pytest.param(
        "strategy: Be fair",
        "strategy: !!python/object:os.system Be fair",
        ["company.yaml:9:11 strategy | a tag, !!python/object:os.system. Delete it; the value's look tells its type."],
        id="a tag",
    ),
    pytest.param(
        "kpis:",
        "1: 2\nkpis:",
        ["company.yaml:23:1  | a key that is not text. Put it in quotes."],
        id="a key that is not text",
    ),
    pytest.param(
        "strategy: Be fair\n",
        "strategy: Be fair\n---\n",
        ["company.yaml:10:1  | a second document in one file. Keep one document per file."],
        id="a second document",
    ),
    pytest.param(
        "strategy: Be fair",
        "strategy: Be \u0007 fair",
        ["company.yaml:9:14  | a control character, '\\x07'. Delete it."],
        id="a control character",
    ),
]

SYNTAX = [
    pytest.param(
        "strategy: Be fair",
        "strategy: Be: fair",
        [
            "company.yaml:9:13  | not YAML: mapping values are not allowed in this context. Put text that holds a colon in quotes."
        ],
        id="a colon within text",
    ),
    pytest.param(
        "strategy: Be fair",
        "\tstrategy: Be fair",
        ["company.yaml:9:1  | not YAML: found a tab character that violates indentation. Indent with spaces."],
        id="a tab",
    ),
    pytest.param(
        "strategy: Be fair",
        'strategy: "Be \\q fair"',
        ["company.yaml:9:15  | not YAML: found unknown escape character. Use single quotes for text with backslashes."],
        id="an unknown escape",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: [ines, olu",
        [
            "company.yaml:21:8  | not YAML: did not find expected ',' or ']'. A bracket or a comma is missing before this place."
        ],
        id="an open bracket",
    ),
]

FIELDS = [
    pytest.param(
        "strategy:",
        "strategi:",
        ["company.yaml:9:1 strategi | unknown field strategi. Did you mean strategy?"],
        id="an unknown field",
    ),
    pytest.param("strategy: Be fair\n", "", ["company.yaml:1:1  | strategy is missing."], id="a missing field"),
    pytest.param(
        "currency: USD",
        "currency: dollars",
        ["company.yaml:3:11 currency | dollars is not a currency of three capitals, such as USD."],
        id="a wrong shape",
    ),
    pytest.param(
        "company: corner",
        "company: The Corner",
        [
            "company.yaml:1:10 company | The Corner is not a name of small letters, digits and hyphens, such as finance-approvers. Write the-corner."
        ],
        id="a name with capitals",
    ),
    pytest.param(
        "company: corner",
        "company: 12",
        ["company.yaml:1:10 company | expected text, found a number."],
        id="a number for text",
    ),
    pytest.param(
        "strategy: Be fair",
        "strategy:",
        ["company.yaml:9:1 strategy | expected text, found nothing."],
        id="nothing for text",
    ),
    pytest.param(
        "direction: up",
        "direction: upp",
        ["company.yaml:24:79 kpis › fair-prices › direction | upp is not one of up or down. Did you mean up?"],
        id="a word that is none of the choices",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: {ines: olu}",
        ["company.yaml:20:10 groups › staff | expected a list, found a mapping."],
        id="a mapping for a list",
    ),
]

NAMES = [
    pytest.param(
        "timezone: Europe/Lisbon",
        "timezone: Europe/Lisbo",
        ["company.yaml:4:11 timezone | unknown time zone Europe/Lisbo. Did you mean Europe/Lisbon?"],
        id="an unknown time zone",
    ),
    pytest.param(
        "role: Seller, manager: olu",
        "role: Seller, manager: ulu",
        ["company.yaml:16:85 people › Inês Prata › manager | unknown person ulu. Did you mean olu?"],
        id="an unknown manager",
    ),
    pytest.param(
        "role: Seller, manager: olu",
        "role: Seller, manager: gil",
        ["company.yaml:16:85 people › Inês Prata › manager | Gil Sá is not active. Name somebody who is."],
        id="a manager who has left",
    ),
    pytest.param(
        "role: Owner}",
        "role: Owner, manager: ines}",
        [
            "company.yaml:16:85 people › Inês Prata › manager | Inês Prata would be their own manager, in the end. Somebody at the top has none.",
            "company.yaml:17:83 people › Olu Adeniyi › manager | Olu Adeniyi would be their own manager, in the end. Somebody at the top has none.",
        ],
        id="managers in a circle",
    ),
    pytest.param(
        "{id: gil,",
        "{id: ines,",
        ["company.yaml:18:10 people › Gil Sá › id | there are two of the person ines. Give each a name of its own."],
        id="a person twice",
    ),
    pytest.param(
        "gil@corner",
        "Olu@corner",
        [
            "company.yaml:18:36 people › Gil Sá › email | there are two of the address olu@corner.example. Give each a name of its own."
        ],
        id="an address twice",
    ),
    pytest.param(
        "last_resort: olu",
        "last_resort: oluf",
        ["company.yaml:8:14 last_resort | unknown person oluf. Did you mean olu?"],
        id="an unknown last resort",
    ),
    pytest.param(
        "manager: olu}\npeople",
        "manager: odu}\npeople",
        [
            "company.yaml:14:47 workspaces › Shop › portfolios › Counter › manager | unknown person odu. Did you mean olu?"
        ],
        id="an unknown portfolio manager",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: []",
        ["company.yaml:20:3 groups › staff | nobody is in the group staff. Name a member, or delete it."],
        id="an empty group",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: [ines, nobody]",
        ["company.yaml:20:17 groups › staff › #2 | unknown person nobody. Known: ines, olu and gil."],
        id="an unknown member",
    ),
    pytest.param(
        "staff: [ines, olu]",
        "staff: [ines, olu]\n  ines: [olu]",
        ["company.yaml:21:3 groups › ines | ines is a person and a group. Give the group another name."],
        id="a group named like a person",
    ),
    pytest.param(
        "counter: [staff]",
        "counter: [staf]",
        ["company.yaml:7:13 slack_channels › counter › #1 | unknown person or group staf. Did you mean staff?"],
        id="an unknown member of a channel",
    ),
]

SYSTEMS = [
    pytest.param(
        "till.py:Till",
        "tilt.py:Till",
        ["company.yaml:22:17 systems › till › tool | no file tools/tilt.py. Did you mean tools/till.py?"],
        id="an unknown tool file",
    ),
    pytest.param(
        "till.py:Till",
        "till.py:Tell",
        ["company.yaml:22:17 systems › till › tool | tools/till.py has no class Tell. Did you mean Till?"],
        id="an unknown class",
    ),
    pytest.param(
        "settings: {path: ",
        "settings: {pat: ",
        ["company.yaml:22:66 systems › till › settings › pat | unknown setting pat. Did you mean path?"],
        id="an unknown setting",
    ),
    pytest.param(
        'settings: {path: "{home}/till"}',
        "settings: {}",
        ["company.yaml:22:55 systems › till › settings | the setting path of Till is missing."],
        id="a missing setting",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), YAML)
def test_text_that_yaml_readers_take_differently_is_a_mistake(old: str, new: str, expected: list[str]) -> None:
    assert told_after("company", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), SYNTAX)
def test_what_is_no_yaml_is_told_with_a_way_out(old: str, new: str, expected: list[str]) -> None:
    assert told_after("company", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), FIELDS)
def test_a_field_of_the_wrong_shape_is_a_mistake(old: str, new: str, expected: list[str]) -> None:
    assert told_after("company", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), NAMES)
def test_whoever_is_named_exists_once(old: str, new: str, expected: list[str]) -> None:
    assert told_after("company", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), SYSTEMS)
def test_a_system_has_a_tool_that_takes_its_settings(old: str, new: str, expected: list[str]) -> None:
    assert told_after("company", old, new) == expected


def _company_of(count: int, *, top: str) -> str:
    """The company with a chain of so many more people, each the manager of the next, the first below `top`."""
    managers = [top, *(f"p{number}" for number in range(count - 1))]
    people = "".join(
        f"  - {{id: p{number}, name: P {number}, email: p{number}@corner.example, role: Seller, manager: {manager}}}\n"
        for number, manager in enumerate(managers)
    )
    return COMPANY.replace("people:\n", f"people:\n{people}", 1)


def test_a_long_chain_of_people_takes_as_long_as_its_people() -> None:
    short, long = _company_of(500, top="olu"), _company_of(5_000, top="olu")

    assert small_business(company=long).company.person("p4999") is not None
    assert _spent_s(long) < 40 * _spent_s(short)


def _spent_s(company: str) -> float:
    """This thread's time for loading it, the best of three: what else the machine does only ever adds to it."""

    def once() -> float:
        began = time.thread_time()
        small_business(company=company)
        return time.thread_time() - began

    return min(once() for _ in range(3))


def test_a_long_circle_is_told_at_each_of_it_and_at_nobody_below() -> None:
    company = _company_of(4, top="p2")

    told = told_after("company", "people:\n", company[company.index("people:\n") : company.index("  - {id: ines")])

    assert [one.partition(" | ")[2] for one in told] == [
        f"P {number} would be their own manager, in the end. Somebody at the top has none." for number in range(3)
    ]


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("oli", "systems › till › owner | unknown person oli. Did you mean olu?"),
        ("gil", "systems › till › owner | Gil Sá is not active. Name somebody who is."),
    ],
)
def test_a_systems_owner_is_somebody_who_is_there(owner: str, expected: str) -> None:
    (found,) = told_after("company", "title: The till,", f"title: The till, owner: {owner},")

    assert found.partition(" ")[2] == expected


def test_a_system_may_have_an_owner() -> None:
    company = COMPANY.replace("title: The till,", "title: The till, owner: olu,")

    assert small_business(company=company).company.systems["till"].owner == "olu"
