"""A browser without a screen: it keeps cookies, says from where its forms come, and sends what a page's form holds."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx2

from gateway.pages.signing_in import make_link
from notifications.page_address import Link, PageAddress
from storage.directory import person
from tests.integration.gateway.world import PAGE, SECRET, World

ADDRESS = PageAddress(PAGE, SECRET)
_FORM = re.compile(r'name="form" value="([^"]*)"')
_SAW = re.compile(r'name="saw" value="([^"]*)"')


def link(world: World, who: str, onward: str = "/", *, company: str = "morning") -> str:
    """The path of a fresh link that signs somebody in."""
    with world.deployment.database.transaction(company) as unit:
        found = person(unit, who)
        assert found is not None
        made = make_link(unit, found, via="slack", by=f"person:{who}")
    return path_of(ADDRESS.sign_in(Link(company, made), onward))


def path_of(address: str) -> str:
    """Path and query of an address of the page."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == PAGE
    return parts.path + (f"?{parts.query}" if parts.query else "")


def signed_in(world: World, who: str, *, company: str = "morning") -> "Browsing":
    """A browser in which somebody has signed in."""
    browser = Browsing(world)
    answer = browser.send(link(world, who, company=company))
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
    return browser


@dataclass(slots=True)
class Browsing:
    """One browser; nothing is followed, so that a test sees each answer."""

    world: World
    cookies: dict[str, str] = field(default_factory=dict)
    form: str = ""

    def look(self, path: str, **headers: str) -> httpx2.Response:
        """Open a page, and keep what its forms carry."""
        answer = self._ask("GET", path, headers=headers)
        found = _FORM.search(answer.text)
        self.form = found[1] if found else self.form
        return answer

    def send(self, path: str, origin: str | None = PAGE, **fields: Any) -> httpx2.Response:
        """Send a form, as from a page of this origin."""
        headers = {"Origin": origin} if origin is not None else {}
        return self._ask("POST", path, headers=headers, data={"form": self.form, **fields})

    def raw(self, path: str, body: bytes, content_type: str) -> httpx2.Response:
        """Post bytes."""
        return self._ask("POST", path, headers={"Origin": PAGE, "Content-Type": content_type}, content=body)

    def saw(self, decision: int) -> str:
        """Open a decision's page; the digest that its forms are bound to."""
        found = _SAW.search(self.look(f"/decisions/{decision}").text)
        assert found is not None
        return found[1]

    def say(self, decision: int, word: str, *, saw: str | None = None, **fields: Any) -> httpx2.Response:
        """Look at a decision and answer it."""
        seen = self.saw(decision) if saw is None else saw
        return self.send(f"/decisions/{decision}", say=word, saw=seen, **fields)

    def _ask(self, method: str, path: str, *, headers: dict[str, str], **given: Any) -> httpx2.Response:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        answer = httpx2.request(method, f"{self.world.gateway}{path}", headers={**sent, **headers}, timeout=60, **given)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for header in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in header:
                self.cookies.pop(header.partition("=")[0], None)
        return answer


def text_of(answer: httpx2.Response) -> str:
    """What stands on a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
