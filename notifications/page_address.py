"""Addresses of the signed-in page as we write them to people: a decision's, and a link that signs in once.

The address of a decision says nothing that signs in: whoever has a forwarded letter has a number. A link is signed and
names a row of the record, which says for whom it is, since when, and whether it was used.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadSignature, Signer

HOME = "/"
_PURPOSE = b"chargehand page link 1"
_OURS = re.compile(r"/(?:(?:decisions|incidents)/[1-9][0-9]{0,17})?")


@dataclass(frozen=True, slots=True)
class Link:
    """A row of `sign_in`: its company and id; rights are looked up when it is used."""

    company: str
    id: str


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where people's browsers find the page (no slash at the end), and what signs its links."""

    url: str
    secret: str

    def decision(self, number: int) -> str:
        """The page of a decision."""
        return f"{self.url}{decision_path(number)}"

    def sign_in(self, link: Link, onward: str = HOME) -> str:
        """The address that signs in once and leads `onward`, a path of ours."""
        token = _signer(self.secret).sign(f"{link.company}.{link.id}").decode()
        asked = f"?{urlencode({'next': onward})}" if onward != HOME else ""
        return f"{self.url}/sign-in/{token}{asked}"

    def read(self, token: str) -> Link | None:
        """The link of such an address; None when we did not make it."""
        try:
            company, link = _signer(self.secret).unsign(token).decode().split(".")
        except (BadSignature, ValueError):
            return None
        return Link(company, link)


def decision_path(number: int) -> str:
    """The path of a decision's page."""
    return f"/decisions/{number}"


def incident_path(number: int) -> str:
    """The path of an incident's page."""
    return f"/incidents/{number}"


def onward_path(given: object) -> str:
    """Where to go after signing in: only the list, a decision's or an incident's page, whatever was given."""
    return given if isinstance(given, str) and _OURS.fullmatch(given) else HOME


def _signer(secret: str) -> Signer:
    digest: Any = hashlib.sha256
    return Signer(secret, salt=_PURPOSE, key_derivation="hmac", digest_method=digest)
