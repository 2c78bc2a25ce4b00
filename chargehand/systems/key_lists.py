"""Reads the list of keys that a declared API gives, page by page, and never takes a part of it for the whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx2

from chargehand.systems.answers import accepted, answer_in, list_in, unfit, value_at
from chargehand.systems.patience import patiently
from contracts.systems.api import HttpKeys, HttpPages
from contracts.systems.operations import KEY

MOST_PAGES = 10_000
_PAGE = "page"
"""The argument that a page is asked for with: what an answer says is next is filled in as it is, and is no template."""
_NOT_FOUND, _LIMITED = 404, 429

Records = Sequence[Mapping[str, Any]]
Ask = Callable[[Mapping[str, str], Mapping[str, Any]], httpx2.Response]
"""Makes the call for a page, by its query and the arguments of that."""


def keys_listed(name: str, declared: HttpKeys, ask: Ask) -> list[str]:
    """The keys in all records of a list; records without one are not ours, and a list of only such raises Deterministic."""
    place = declared.at.get(KEY, KEY)
    found = [value_at(record, place) for records in _pages(name, declared, ask) for record in records]
    if any(key is not None and not isinstance(key, str) for key in found):
        raise unfit(name, f"is listed with something at {place} that is no text")
    if found and not any(found):
        raise unfit(name, f"is listed by {len(found):,} records, and none has its key at {place}")
    return [key for key in found if key]


def _pages(name: str, declared: HttpKeys, ask: Ask) -> Iterator[Records]:
    asked: str | int | None = _first(declared.pages)
    before: Records = ()
    counted = 0
    for number in range(1, MOST_PAGES + 1):
        response = _answer(name, declared, ask, asked)
        if number > 1 and response.status_code == _NOT_FOUND and _is_counted(declared.pages):
            return
        accepted(response, name)
        records = list_in(response, declared, name)
        counted += len(records)
        following = _next(name, declared, response, records, number=number, counted=counted)
        if (records and records == before) or (following is not None and following == asked):
            raise unfit(name, "is listed by the same page again")
        yield records
        if following is None:
            return
        asked, before = following, records
    raise unfit(name, f"is listed on more than {MOST_PAGES:,} pages")


def _answer(name: str, declared: HttpKeys, ask: Ask, asked: str | int | None) -> httpx2.Response:
    """One page; a limit is waited for."""
    more = {} if declared.pages is None else {declared.pages.query: f"{{{_PAGE}}}"}

    def page() -> httpx2.Response:
        response = ask({**declared.query, **more}, {_PAGE: asked})
        if response.status_code == _LIMITED:
            accepted(response, name)
        return response

    return patiently(page)


def _first(pages: HttpPages | None) -> int | None:
    """What the first page is asked for with: nothing but a number where pages or records are counted."""
    if pages is None or pages.counts is None:
        return None
    return 0 if pages.counts == "records" else (1 if pages.first is None else pages.first)


def _is_counted(pages: HttpPages | None) -> bool:
    """Whether a page can be asked for that is not there any more."""
    return pages is not None and pages.counts is not None


def _next(
    name: str, declared: HttpKeys, response: httpx2.Response, records: Records, *, number: int, counted: int
) -> str | int | None:
    """What the page after this one is asked for with, None where the list ends; `counted` are the records so far."""
    pages = declared.pages
    if pages is None:
        if "next" in response.links:
            raise unfit(name, "is listed on more than one page, and `pages` does not say how it goes on")
        return None
    if pages.next is not None:
        return _mark(name, value_at(answer_in(response, name), pages.next) or None, pages.next)
    if not records:
        return None
    if pages.last is not None:
        last = _mark(name, value_at(records[-1], pages.last), pages.last)
        if last is None:
            raise unfit(name, f"is listed with a last record that has nothing at {pages.last}")
        return last
    return counted if pages.counts == "records" else (_first(pages) or 0) + number


def _mark(name: str, value: Any, place: str) -> str | int | None:
    if value is not None and (not isinstance(value, str | int) or isinstance(value, bool)):
        raise unfit(name, f"is listed with something at {place} that asks for no page")
    return value
