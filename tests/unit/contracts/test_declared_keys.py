"""How declared systems list what they have done, and how old their answers are: what is told of a declaration that can't be."""

import pytest

from contracts.authoring import Reading, lists_of
from tests.unit.contracts.small_business import small_business, told
from tests.unit.contracts.test_declared_letters import TEAM
from tests.unit.contracts.test_declared_systems import API, TILL, declared

LISTED = API + (
    "          keys:\n"
    "            get: /discounts\n"
    "            query: {limit: '100'}\n"
    "            list: items\n"
    "            at: {key: metadata.key}\n"
    "            pages: {query: cursor, next: meta.next}\n"
)
PAGES = (
    TILL
    + '  pages:\n    title: The pages\n    files: {root: "{home}/pages", blast: public, keys: "{home}/pages.keys"}\n'
)
DATED = TILL.replace(
    "gives: {total: money USD,", "as_of: read_at\n          gives: {read_at: instant, total: money USD,"
)


def test_each_kind_lists_what_it_has_done_where_that_can_be_known() -> None:
    assert lists_of(small_business(company=declared(till=LISTED)).tools["till"]) == {"discount": "discount_keys"}
    assert lists_of(small_business(company=declared(till=API)).tools["till"]) == {}
    assert lists_of(small_business(company=declared(till=PAGES)).tools["pages"]) == {"write": "write_keys"}
    assert lists_of(small_business(company=declared(till=TEAM)).tools["team"]) == {"note": "note_keys"}


def test_a_folder_without_a_file_of_keys_can_not_list_them() -> None:
    bare = PAGES.replace(', keys: "{home}/pages.keys"', "")

    assert lists_of(small_business(company=declared(till=bare)).tools["pages"]) == {}


MISTAKES = [
    pytest.param(
        "            get: /discounts\n            query: {limit",
        "            get: discounts\n            query: {limit",
        "keys › get | a path begins with / and leads down",
        id="no slash",
    ),
    pytest.param("'100'", "'{sale}'", "keys › query | {sale} is not taken", id="a place of nothing"),
    pytest.param("{key: metadata.key}", "{ky: metadata.key}", "there is no ky. Did you mean key?", id="another field"),
    pytest.param(
        ", next: meta.next", "", "pages go on by nothing. Give one of next, last and counts.", id="pages without a way"
    ),
    pytest.param(
        "next: meta.next",
        "next: meta.next, last: id",
        "pages go on by next and last. Give one of next, last and counts.",
        id="two ways",
    ),
    pytest.param(
        "next: meta.next", "next: meta.next, first: 0", "no pages are counted. Leave `first` out.", id="no first page"
    ),
    pytest.param(
        "query: cursor", "query: limit", "pages ask with limit. Leave limit out of the query.", id="asked for twice"
    ),
    pytest.param("query: cursor, ", "", "query", id="pages without a question"),
    pytest.param("next: meta.next", "counts: lines", "lines is not one of pages or records", id="a count of what"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES)
def test_a_list_that_can_not_be_as_it_is_declared_is_told_at_its_place(old: str, new: str, expected: str) -> None:
    found = told(company=declared(old, new, till=LISTED))

    assert len(found) == 1, found
    assert expected in found[0]


def test_a_list_of_a_call_that_sends_no_key_can_show_none() -> None:
    silent = LISTED.replace("class: keyed", "class: readable\n          key_header: null")

    (found,) = told(company=declared(till=silent))

    assert "discount › keys | the call sends no {key}, so no list can show it. Send it, such as body:" in found
    assert told(company=declared('{amount: "{amount}"}', '{amount: "{amount}", of: "{key}"}', till=silent)) == []


FILES_MISTAKES = [
    ("{home}/pages.keys", "{home}/pages/.keys", "the keys would lie in {home}/pages, with what is written"),
    ("{home}/pages.keys", "{home}/keys/../pages/keys", "the keys would lie in {home}/pages, with what is written"),
    ("{home}/pages.keys", "{home}/pages", "the keys would lie in {home}/pages, with what is written"),
    ("{home}/pages.keys", "{home}/keys/", "this is a folder. Name a file, such as {home}/pages.keys."),
]


@pytest.mark.parametrize(("old", "new", "expected"), FILES_MISTAKES)
def test_keys_of_a_folder_lie_in_a_file_outside_of_it(old: str, new: str, expected: str) -> None:
    (found,) = told(company=declared(old, new, till=PAGES))

    assert "systems › pages › files › keys | " in found
    assert expected in found


class Answering:
    """A carrier that gives one answer."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def read(self, *_: object) -> object:
        """The answer."""
        return self.answer


@pytest.mark.parametrize(
    ("answer", "as_of"),
    [
        ({"read_at": 1700, "total": 1}, 1700),
        (None, None),
        ([{"read_at": 1700}, {"read_at": 1600}, {"read_at": 1800}], 1600),
        ([], None),
    ],
    ids=["a record", "nothing", "the oldest of a list", "an empty list"],
)
def test_an_answer_is_as_old_as_its_field_says(answer: object, as_of: int | None) -> None:
    till = small_business(company=declared(till=DATED)).tools["till"]

    assert till(Answering(answer)).sale(number="1") == Reading(answer, as_of=as_of)


def test_an_answer_whose_age_is_not_declared_is_the_answer_itself() -> None:
    till = small_business(company=declared()).tools["till"]

    assert till(Answering({"total": 1})).sale(number="1") == {"total": 1}


AGES = [
    ("as_of: read_at", "as_of: red_at", "sale › as_of | it gives no red_at. Did you mean read_at?"),
    ("read_at: instant", "read_at: instant?", "read_at does not always say how old it is. Type it so: instant."),
    ("read_at: instant", "read_at: text", "read_at does not always say how old it is. Type it so: instant."),
]


@pytest.mark.parametrize(("old", "new", "expected"), AGES)
@pytest.mark.parametrize("kind", ["sql", "http"])
def test_an_age_is_an_instant_that_is_always_given(kind: str, old: str, new: str, expected: str) -> None:
    dated = (
        DATED
        if kind == "sql"
        else API.replace("gives: {total", "as_of: read_at\n          gives: {read_at: instant, total")
    )

    (found,) = told(company=declared(old, new, till=dated))

    assert expected in found
