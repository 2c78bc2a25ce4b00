"""Mistakes in text: sentences that YAML takes apart, and characters that nobody sees."""

import pytest

from contracts.loading.pages import read_page
from contracts.mistakes import BusinessMistakes
from tests.unit.contracts.small_business import MODELS, told, told_after

# What stood there, what stands there now, and everything that is told of it.
BRACES = [
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: {request.sale} is closed.",
        [
            "lane.yaml:55:14  | {request.sale} is read as a whole mapping, and no sentence goes on after one. A sentence that begins with { belongs in quotes.",
        ],
        id="a sentence that begins with a fact",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: {request.sale}",
        [
            "lane.yaml:55:14 require › sale is open › because | expected text, found a mapping. A sentence that begins with { belongs in quotes.",
        ],
        id="a sentence that is a fact",
    ),
    pytest.param(
        'state: ["total {state.sale.total}"]',
        "state: [{state.sale.total} in all]",
        [
            "lane.yaml:65:13  | {state.sale.total} is read as a whole mapping, and no sentence goes on after one. A sentence that begins with { belongs in quotes.",
        ],
        id="one within a list",
    ),
    pytest.param(
        'state: ["total {state.sale.total}"]',
        "state:\n      - {state.sale.total} in all",
        [
            "lane.yaml:66:9  | {state.sale.total} is read as a whole mapping, and no sentence goes on after one. A sentence that begins with { belongs in quotes.",
        ],
        id="one as an item",
    ),
]

HIDDEN = [
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "Sale \u202e{request.sale}"',
        [
            "lane.yaml:55:20  | a character that turns the direction of text, U+202E RIGHT-TO-LEFT OVERRIDE. Delete it.",
        ],
        id="text that turns round",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: Sale\u200b {request.sale}",
        [
            "lane.yaml:55:18  | an invisible character, U+200B ZERO WIDTH SPACE. Delete it.",
        ],
        id="a blank without width",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: So\xadld",
        [
            "lane.yaml:55:16  | an invisible character, U+00AD SOFT HYPHEN. Delete it.",
        ],
        id="a hyphen that hides",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "a\u200db"',
        [
            "lane.yaml:55:16  | an invisible character, U+200D ZERO WIDTH JOINER. Delete it.",
        ],
        id="a joiner that joins nothing",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "Sale \\u202E"',
        [
            "lane.yaml:55:14 require › #1 › because | a character that turns the direction of text, U+202E RIGHT-TO-LEFT OVERRIDE, by an escape. Delete it.",
        ],
        id="an escape that turns text round",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "Sale \\x00"',
        [
            "lane.yaml:55:14 require › #1 › because | a control character, '\\x00', by an escape. Delete it.",
        ],
        id="an escape for nothing",
    ),
    pytest.param(
        "title: Give",
        "title: \u2066Give",
        [
            "lane.yaml:2:8  | a character that turns the direction of text, U+2066 LEFT-TO-RIGHT ISOLATE. Delete it.",
        ],
        id="a title that is set apart",
    ),
    pytest.param(
        "- name: sale is open",
        '- name: "sale \u061c is open"',
        [
            "lane.yaml:52:17  | a character that turns the direction of text, U+061C ARABIC LETTER MARK. Delete it.",
        ],
        id="the name of a rule",
    ),
    pytest.param(
        "    because: Sale",
        "    \u200bbecause: Sale",
        [
            "lane.yaml:55:5  | an invisible character, U+200B ZERO WIDTH SPACE. Delete it.",
        ],
        id="a key that begins with nothing",
    ),
    pytest.param(
        "require:",
        "# said \u202e\nrequire:",
        [
            "lane.yaml:51:8  | a character that turns the direction of text, U+202E RIGHT-TO-LEFT OVERRIDE. Delete it.",
        ],
        id="a comment",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), BRACES)
def test_a_sentence_that_begins_with_a_fact_belongs_in_quotes(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), HIDDEN)
def test_a_character_that_nobody_sees_is_told_by_its_name(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(
    ("text", "place", "how"),
    [("a\u202eb", "13:7", ""), ("a\\u202eb", "13:5", ", by an escape")],
    ids=["as it stands", "by an escape"],
)
def test_what_people_read_of_a_model_hides_nothing(text: str, place: str, how: str) -> None:
    models = MODELS.replace("    amount: USD\n", f'    amount: USD\n    """{text}"""\n', 1).replace('"""', '"')

    assert told(models=models) == [
        f"models.py:{place}  | a character that turns the direction of text, U+202E RIGHT-TO-LEFT OVERRIDE{how}. Delete it."
    ]


def test_what_is_quoted_of_a_line_shows_the_character_and_turns_nothing_round() -> None:
    with pytest.raises(BusinessMistakes) as found:
        read_page("a.yaml", "title: \u202eLend\n".encode())

    assert [mistake.excerpt for mistake in found.value.mistakes] == ["title: \ufffdLend"]


@pytest.mark.parametrize(
    "text", ["\U0001f468\u200d\U0001f469", "\u0645\u06cc\u200c\u062e", "1\ufe0f\u20e3", "caf\u00e9\u00a0?"]
)
def test_what_scripts_and_emoji_join_with_is_text(text: str) -> None:
    assert read_page("a.yaml", f"name: '{text}'\n".encode()).data == {"name": text}
