"""The list of keys that a declared API gives: read page by page from a real server, and a part of it never taken for the whole."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from chargehand.systems import key_lists
from chargehand.systems.api import HttpCarrier
from contracts.authoring import Deterministic
from contracts.systems.api import HttpSystem
from engine.failures import classify
from sandbox.serving import served

KEYS = [f"yard/T-{number}/place/1/1" for number in range(1, 6)]
RECORDS = [{"id": number, "meta": {"key": key}} for number, key in enumerate(KEYS, 1)]
AT = {"key": "meta.key"}
PAGE = 2


@dataclass(slots=True)
class Books:
    """The API: what it lists, what it was asked, and the limits that it puts before its next answers."""

    address: str = ""
    records: list[dict[str, Any]] = field(default_factory=lambda: list(RECORDS))
    asked: list[dict[str, str]] = field(default_factory=list)
    limits: list[dict[str, str]] = field(default_factory=list)

    def after(self, start: int) -> list[dict[str, Any]]:
        """A page."""
        return self.records[start : start + PAGE]


def app_of(books: Books) -> FastAPI:
    """The API's ways to list."""
    app = FastAPI()

    @app.get("/{how}")
    async def listed(how: str, request: Request) -> Response:
        query = dict(request.query_params)
        books.asked.append(query)
        if books.limits:
            return JSONResponse({}, 429, headers=books.limits.pop(0))
        return ANSWERS[how](books, query)

    return app


def cursor_of(start: int) -> str:
    """What a page is asked for with; it looks like a place for an argument, and has to be sent as it is."""
    return f"{{key}}&=é {start}"


def by_cursor(books: Books, query: Mapping[str, str]) -> Response:
    """Says what is next until nothing is."""
    start = int(query.get("cursor", " 0").rpartition(" ")[2])
    assert query.get("cursor") in (None, cursor_of(start))
    more = cursor_of(start + PAGE) if start + PAGE < len(books.records) else None
    return JSONResponse({"data": {"items": books.after(start)}, "meta": {"next": more}})


def by_last(books: Books, query: Mapping[str, str]) -> Response:
    """Lists what comes after a record, which has its place as its id."""
    return JSONResponse(books.after(int(query.get("after", "0"))))


def by_page(books: Books, query: Mapping[str, str]) -> Response:
    """Lists pages by number, and knows nothing of those behind the last."""
    found = books.after((int(query["page"]) - 1) * PAGE)
    return JSONResponse(found) if found else JSONResponse({"detail": "Invalid page."}, 404)


ANSWERS: Mapping[str, Callable[[Books, Mapping[str, str]], Response]] = {
    "cursor": by_cursor,
    "last": by_last,
    "page": by_page,
    "skip": lambda books, query: JSONResponse(books.after(int(query["skip"]))),
    "whole": lambda books, _: JSONResponse(books.records),
    "linked": lambda books, _: JSONResponse(
        books.after(0), headers={"Link": '<https://api.yard.example/keys?page=2>; rel="next"'}
    ),
    "stuck": lambda books, _: JSONResponse({"items": books.after(0), "next": "again"}),
    "odd": lambda *_: JSONResponse({"items": [{"meta": {"key": KEYS[0]}}], "next": {"page": 2}}),
    "alone": lambda books, _: JSONResponse({"items": books.after(0)}),
    "html": lambda *_: Response("<html>", media_type="text/html"),
    "gone": lambda *_: JSONResponse({}, 404),
    "away": lambda *_: JSONResponse({}, 503),
}


@pytest.fixture
def books() -> Iterator[Books]:
    """The API on loopback."""
    found = Books()
    with served(app_of(found)) as found.address:
        yield found


def keys_of(books: Books, how: str, **declared: Any) -> list[str]:
    """The keys that a declaration lists."""
    place = {
        "class": "keyed",
        "blast": "record",
        "timeout": "30s",
        "takes": {"what": "text"},
        "path": "/{what}",
        "look": {"get": "/{what}", "query": {"key": "{key}"}, "at": {"reference": "id"}},
        "keys": {"get": f"/{how}", "at": AT, **declared},
    }
    system = HttpSystem.model_validate({"url": "YARD_API", "effects": {"place": place}}, strict=False)
    return HttpCarrier("books", system, books.address).keys("place")


CURSOR = {"list": "data.items", "pages": {"query": "cursor", "next": "meta.next"}}
WAYS = [
    pytest.param("cursor", CURSOR, id="by what is next"),
    pytest.param("last", {"pages": {"query": "after", "last": "id"}}, id="by the last record"),
    pytest.param("page", {"pages": {"query": "page", "counts": "pages"}}, id="by counting pages"),
    pytest.param("skip", {"pages": {"query": "skip", "counts": "records"}}, id="by counting records"),
    pytest.param("whole", {}, id="in one answer"),
]


@pytest.mark.parametrize(("how", "declared"), WAYS)
def test_every_key_is_listed_however_the_list_goes_on(books: Books, how: str, declared: dict[str, Any]) -> None:
    assert keys_of(books, how, **declared) == KEYS


@pytest.mark.parametrize(("how", "declared"), WAYS)
@pytest.mark.parametrize("many", [1, 2, 4])
def test_a_list_that_ends_with_a_full_page_or_its_first_is_whole(
    books: Books, how: str, declared: dict[str, Any], many: int
) -> None:
    books.records = RECORDS[:many]

    assert keys_of(books, how, **declared) == KEYS[:many]


@pytest.mark.parametrize(("how", "declared"), [one for one in WAYS if one.values[0] != "page"])
def test_an_empty_list_is_one(books: Books, how: str, declared: dict[str, Any]) -> None:
    books.records = []

    assert keys_of(books, how, **declared) == []


def test_pages_may_be_counted_from_nought_and_are_asked_for_with_the_query(books: Books) -> None:
    with pytest.raises(Deterministic):
        keys_of(books, "page", query={"kind": "placing"}, pages={"query": "page", "counts": "pages", "first": 0})

    assert books.asked[0] == {"kind": "placing", "page": "0"}


def test_records_that_carry_no_key_are_not_ours(books: Books) -> None:
    books.records = [{"id": 1}, {"id": 2, "meta": None}, {"id": 3, "meta": {"key": ""}}, *RECORDS]

    assert keys_of(books, "whole") == KEYS


NOT_WHOLE = [
    pytest.param("linked", {}, "on more than one page, and `pages` does not say how it goes on", id="a link"),
    pytest.param(
        "stuck", {"list": "items", "pages": {"query": "at", "next": "next"}}, "by the same page again", id="one answer"
    ),
    pytest.param("whole", {"pages": {"query": "p", "counts": "pages"}}, "by the same page again", id="no paging"),
    pytest.param("whole", {"pages": {"query": "p", "last": "id"}}, "by the same page again", id="no order"),
    pytest.param("last", {"pages": {"query": "after", "last": "no"}}, "a last record that has nothing at no", id="no"),
    pytest.param(
        "odd", {"list": "items", "pages": {"query": "p", "next": "next"}}, "at next that asks for no page", id="what"
    ),
    pytest.param("whole", {"at": {"key": "meta.ky"}}, "by 5 records, and none has its key at meta.ky", id="a misspelt"),
    pytest.param("whole", {"at": {"key": "id"}}, "with something at id that is no text", id="a number"),
    pytest.param("alone", {}, "is not answered by a list", id="no list"),
    pytest.param("alone", {"list": "itms"}, "is not answered by a list at itms", id="a misspelt list"),
    pytest.param("html", {}, "is not answered in JSON", id="a page for people"),
    pytest.param("gone", {}, r"does not have it \(404\)", id="no such call"),
    pytest.param("gone", {"pages": {"query": "p", "counts": "pages"}}, r"\(404\)", id="no first page"),
]


@pytest.mark.parametrize(("how", "declared", "told"), NOT_WHOLE)
def test_a_list_that_is_not_whole_is_told_and_not_taken_for_one(
    books: Books, how: str, declared: dict[str, Any], told: str
) -> None:
    with pytest.raises(Deterministic, match=told):
        keys_of(books, how, **declared)


def test_a_list_without_an_end_is_left(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_lists, "MOST_PAGES", 2)

    with pytest.raises(Deterministic, match="on more than 2 pages"):
        keys_of(books, "cursor", **CURSOR)


def test_a_limit_is_waited_for_and_the_list_goes_on(books: Books, pauses: list[float]) -> None:
    books.limits = [{"Retry-After": "7"}, {"Retry-After": "1"}]

    assert keys_of(books, "cursor", **CURSOR) == KEYS
    assert pauses == [7, 1]


@pytest.mark.parametrize(
    ("limits", "waited"),
    [([{"Retry-After": "3600"}], 0), ([{}], 0), ([{"Retry-After": "2"}] * 6, 5)],
    ids=["too long", "unsaid", "too often"],
)
def test_a_limit_that_does_not_pass_is_no_empty_list(
    books: Books, pauses: list[float], limits: list[dict[str, str]], waited: int
) -> None:
    books.limits = list(limits)

    with pytest.raises(Exception, match="429") as limited:
        keys_of(books, "whole")

    assert classify(limited.value).case == "rate_limit"
    assert len(pauses) == waited


def test_an_api_that_is_down_is_no_empty_list(books: Books, pauses: list[float]) -> None:
    with pytest.raises(Exception, match="503"):
        keys_of(books, "away")

    assert pauses == []
