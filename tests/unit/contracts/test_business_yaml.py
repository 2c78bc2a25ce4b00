"""YAML is read as JSON would be, with places; whatever else it may hold is told and never raised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from yaml import CSafeLoader, YAMLError, parse

from contracts.loading.hidden import hides
from contracts.loading.pages import Page, read_page
from contracts.loading.plain_yaml import NotPlain, data_of
from contracts.mistakes import BusinessMistakes, source_of

EXACT = 2**53 - 1
TEXT = (
    some.text(
        some.characters(
            codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
        )
    )
    .filter(lambda text: not hides(text))
    .filter(lambda text: not hides(text))
)
SCALARS = some.none() | some.booleans() | some.integers(-EXACT, EXACT) | TEXT
DOCUMENTS = some.recursive(SCALARS, lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner), max_leaves=20)


@given(DOCUMENTS)
@settings(max_examples=150)
def test_json_is_read_as_what_it_says(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False)

    assert read_page("a.yaml", text.encode()).data == document


@given(some.text(max_size=60) | some.text("{}[]:,-&*!|>'\"#%@` \n\tab01?", max_size=60))
@settings(max_examples=400)
def test_any_text_is_a_page_or_told_of(text: str) -> None:
    try:
        page = read_page("a.yaml", text.encode("utf-8", errors="surrogatepass"))
    except BusinessMistakes as found:
        seen = [*found.mistakes]
    else:
        seen = [page.mistake((), "read", json.dumps(page.data, allow_nan=False))]
    assert all(mistake.line >= 1 and mistake.column >= 1 for mistake in seen)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfe", "not UTF-8 text"),
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"a: &x [1]\nb: *x\n", "an alias"),
        (b"[" * 5000, "nested too deeply"),
        (b"a: " + b"[" * 60 + b"]" * 60, "nested too deeply"),
        (b"<<: {a: 1}\na: 2\n<<: 3\n", "stands here twice"),
        (b'a: "\\UFFFFFFFF"\n', "not YAML"),
        (b'a: "\\ud800"\n', "invalid Unicode character"),
        (b"a: True\n", "has capital letters"),
        (b"a: 0x1F\n", "may be a hexadecimal number"),
        (b"a: 1e99\n", "too large to be kept exactly"),
        (b"a: +5\n", "has a plus sign"),
        (b"a: b\rc: d\n", "a control character"),
    ],
)
def test_what_yaml_may_hold_beyond_json_is_told(text: bytes, said: str) -> None:
    with pytest.raises(BusinessMistakes, match=said):
        read_page("a.yaml", text)


def test_words_numbers_and_text_are_told_apart_by_their_look() -> None:
    page = read_page("a.yaml", b"a: 12\nb: '12'\nc: 1.5\nd: true\ne: null\nf: 4h\ng: 12:30 Uhr\nh: ~\ni: -3\nj: 1.\n")

    assert page.data == {
        "a": 12, "b": "12", "c": 1.5, "d": True, "e": None, "f": "4h", "g": "12:30 Uhr", "h": None, "i": -3, "j": "1.",
    }  # fmt: skip


def test_every_value_and_key_knows_its_place() -> None:
    page = read_page("a.yaml", b"steps:\n  - name: check\n    run: 'x'\n")

    assert _place(page, ("steps", 0, "name")) == (2, 11, 5)
    assert _place(page, ("steps", 0, "run")) == (3, 11, 1)
    assert page.mistake(("steps", 0, "run"), "wrong", key=True).column == 5
    assert page.mistake(("steps", 0, "run", "deeper"), "wrong").line == 3
    assert page.words(("steps", 0, "run")) == "steps › check › run"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    page = read_page("a.yaml", "\ufeffa: 1\r\nb: 2\r\n".encode())

    assert page.data == {"a": 1, "b": 2}
    assert page.mistake(("b",), "wrong").excerpt == "b: 2"


def _place(page: Page, at: tuple[str | int, ...]) -> tuple[int, int, int]:
    mistake = page.mistake(at, "wrong")
    return mistake.line, mistake.column, mistake.length


pieces = some.sampled_from(
    [
        "a",
        "b",
        ": ",
        "\n",
        "  ",
        "- ",
        "1",
        "0x1",
        "yes",
        "'x'",
        '"',
        "{",
        "}",
        "[",
        "]",
        ", ",
        "&a ",
        "*a",
        "!t ",
        "~",
        "# ",
        "1.5",
        "\n---\n",
    ]
)


@given(some.lists(pieces, max_size=14).map("".join))
def test_a_file_is_read_alike_with_and_without_its_places(text: str) -> None:
    source = source_of("a.yaml", text)
    try:
        quick = [data_of(parse(text, Loader=CSafeLoader))]
    except (NotPlain, YAMLError):
        quick = []

    if quick:
        page = Page(source, quick[0])
        assert repr(quick[0]) == repr(read_page("a.yaml", text.encode()).data)
        assert () in page.places.values
    else:
        with pytest.raises(BusinessMistakes):
            read_page("a.yaml", text.encode())
