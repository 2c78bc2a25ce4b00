"""Derived facts: what plain JSONLogic can't say is computed of typed fields, and is absent or null where they are."""

from typing import Any

import pytest

from contracts.deriving import TAKINGS, derive, host
from contracts.facts import FactType
from contracts.observing import Derived

FACTS: dict[str, Any] = {
    "state": {
        "post": {"title": "Refunds in a day", "image": "https://Img.Example/a.png", "links": ["a", "b"], "none": None}
    },
    "asked_at": 1000,
}
TITLE, IMAGE, LINKS = "state.post.title", "state.post.image", "state.post.links"


@pytest.mark.parametrize(
    ("take", "of", "value"),
    [
        ("length", TITLE, 16),
        ("words", TITLE, 4),
        ("count", LINKS, 2),
        ("host", IMAGE, "img.example"),
        ("address", IMAGE, True),
        ("address", TITLE, False),
        ("age", "asked_at", 500),
        ("length", "state.post.none", None),
    ],
)
def test_a_fact_is_derived(take: str, of: str, value: object) -> None:
    assert derive({"it": Derived.model_validate({"take": take, "of": of})}, FACTS, now=1500) == {"it": value}


@pytest.mark.parametrize("path", ["state.post.text", "state.page.title", "state.post.title.more", "nothing"])
def test_what_is_derived_of_nothing_is_not_there(path: str) -> None:
    assert derive({"it": Derived.model_validate({"take": "length", "of": path})}, FACTS, now=0) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://example.com", "example.com"),
        ("http://EXAMPLE.com:8080/a?b#c", "example.com"),
        ("https://user:secret@example.com/", "example.com"),
        ("https://[::1]/", "[::1]"),
        ("ftp://example.com", ""),
        ("javascript:alert(1)", ""),
        ("//example.com", ""),
        ("example.com", ""),
        ("https://", ""),
        ("", ""),
        ("https://exa mple.com", ""),
        ("\ud800", ""),
    ],
)
def test_the_host_of_an_address(text: str, found: str) -> None:
    assert host(text) == found


@pytest.mark.parametrize("take", TAKINGS)
def test_every_way_to_derive_is_taken_of_one_kind_of_fact(take: str) -> None:
    kinds = {
        "text": FactType("text"),
        "a list": FactType("list", item=FactType("text")),
        "an instant": FactType("integer", unit="instant"),
        "a number": FactType("integer"),
    }

    assert [words for words, kind in kinds.items() if TAKINGS[take].takes(kind)] == [TAKINGS[take].words()]
