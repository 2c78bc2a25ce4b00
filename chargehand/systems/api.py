"""Speaks to a declared API: bounded in time and size, never by way of a redirect, and refused calls told from doubtful ones."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from chargehand.systems.answers import accepted, field_of, records_in, seen_in, taken, unfit
from chargehand.systems.key_lists import keys_listed
from contracts.authoring import Changed, Seen, Transient
from contracts.known_failures import TABLE
from contracts.systems.api import HttpSystem, asks_by_key
from contracts.systems.operations import KEY
from contracts.systems.templates import as_text, filled
from contracts.vocabulary import FailureCase

_OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_TO_CONNECT = 0.8
"""The share after which a line that does not come about is given up: later nobody could tell whether something was sent."""
_NOT_FOUND, _MOVED_ON = 404, 412
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoAddress(ValueError):
    """An address that can't be used for an API; the message shows nothing of it."""


class HttpCarrier:
    """An API by its address and secret. Raises NoAddress; nothing is called before it is asked for.

    What the API refuses for good raises Deterministic or Governance, what somebody was faster with Changed; other statuses
    raise httpx2.HTTPStatusError, and what breaks on the way whatever httpx2 raises, or TimeoutError. Of an effect nothing
    counts as refused that may have been taken, and what was never sent raises a Transient that says so.
    """

    def __init__(self, system: str, declared: HttpSystem, address: str, secret: str = "") -> None:
        self._system = system
        self._declared = declared
        self._base = _base(address, has_secret=bool(secret))
        self._secret = {declared.header: f"{declared.scheme} {secret}".strip()} if secret else {}
        self._trust = httpx2.create_ssl_context(trust_env=False)

    def read(self, name: str, args: Mapping[str, Any]) -> Any:
        """One record or None, or a list of records, with the types that `gives` declares."""
        declared = self._declared.reads[name]
        response = self._call(name, "GET", declared.get, args, query=declared.query, timeout_s=declared.timeout_s)
        if response.status_code == _NOT_FOUND and declared.rows == "one":
            return None
        accepted(response, name)
        found = records_in(response, declared, name)
        most = 1 if declared.rows == "one" else declared.at_most
        if len(found) > most:
            raise unfit(name, f"gives more than {most} records")
        records = [
            {field: field_of(one, field, declared, word, name) for field, word in declared.gives.items()}
            for one in found
        ]
        if declared.rows == "many":
            return records
        return records[0] if records else None

    def perform(self, name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Make a call under a key; what it answered, beside its status, is left to a look."""
        declared = self._declared.effects[name]
        known = {**args, KEY: key}
        headers = {header: as_text(filled(value, known)) for header, value in declared.headers.items()}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise unfit(name, "has no header for such an argument", nothing_done=True)
        headers |= {declared.key_header: key} if declared.key_header is not None else {}
        asked = {"query": declared.query, "headers": headers, "body": filled(declared.body, known), "is_effect": True}
        try:
            response = self._call(name, declared.method, declared.path, known, timeout_s=declared.timeout_s, **asked)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as unreached:
            told = TABLE[FailureCase.NETWORK].sentence
            raise Transient(told, cause=self._system, case=FailureCase.NETWORK, nothing_done=True) from unreached
        if response.status_code == _MOVED_ON and declared.version is not None:
            raise Changed(f"What {name} would change is not what was read any more.", cause=name)
        taken(response, name, self._system)
        return {}

    def look(self, name: str, args: Mapping[str, Any], key: str) -> Seen | None:
        """The first record that carries the key; of a PUT that leaves none, the record if it is as it was put."""
        declared = self._declared.effects[name]
        look = declared.look
        if look is None:
            raise LookupError(f"{name} can't be looked for")
        known = {**args, KEY: key}
        response = self._call(name, "GET", look.get, known, query=look.query, timeout_s=declared.timeout_s)
        if response.status_code == _NOT_FOUND:
            return None
        accepted(response, name)
        found = records_in(response, look, name)
        if KEY in look.at:
            found = [one for one in found if field_of(one, KEY, look, "text?", name) == key]
        seen = seen_in(found[0], declared, look, name) if found else None
        return None if seen is None or (not asks_by_key(look) and seen.args != dict(args)) else seen

    def keys(self, name: str) -> list[str]:
        """The keys of all that an effect has ever done, as `keys` declares; raises LookupError where it does not.

        A list that is not whole, or carries no keys where they are declared, raises Deterministic.
        """
        declared = self._declared.effects[name]
        keys = declared.keys
        if keys is None:
            raise LookupError(f"{name} does not say how its keys are listed")

        def page(query: Mapping[str, str], args: Mapping[str, Any]) -> httpx2.Response:
            return self._call(name, "GET", keys.get, args, query=query, timeout_s=declared.timeout_s)

        return keys_listed(name, keys, page)

    def _call(self, name: str, method: str, path: str, args: Mapping[str, Any], **more: Any) -> httpx2.Response:
        address = self._base.copy_with(raw_path=(self._base.path.rstrip("/") + _path(path, args, name)).encode())
        asked = {part: filled(text, args) for part, text in more.pop("query").items()}
        query = {part: as_text(value) for part, value in asked.items() if value is not None}
        return asyncio.run(self._answer(name, method, address.copy_merge_params(query) if query else address, **more))

    async def _answer(
        self,
        name: str,
        method: str,
        address: httpx2.URL,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        is_effect: bool = False,
    ) -> httpx2.Response:
        """The answer, read within its time and its size."""
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {}), **self._secret}
        given = {} if body is None else {"json": body}
        async with (
            asyncio.timeout(timeout_s * _OF_TIME),
            httpx2.AsyncClient(
                verify=self._trust,
                trust_env=False,
                follow_redirects=False,
                timeout=httpx2.Timeout(timeout_s, connect=timeout_s * _TO_CONNECT),
            ) as client,
            client.stream(method, address, headers=sent, **given) as response,
        ):
            content = await (self._passed_by(response) if is_effect else self._content(response, name))
            status, told = response.status_code, response.headers
        told.pop("Content-Encoding", None)  # a read has none, and of an effect nothing is decoded
        return httpx2.Response(status, headers=told, content=content, request=response.request)

    async def _content(self, response: httpx2.Response, name: str) -> bytes:
        """What a read is answered with, whole; raises Deterministic for what is too long or was coded unasked."""
        content = bytearray()
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise unfit(name, "is answered in a coding that was not asked for")
        async for part in response.aiter_bytes():
            content += part
            if len(content) > self._declared.longest:
                raise unfit(name, f"is answered with more than {self._declared.longest:,} bytes")
        return bytes(content)

    async def _passed_by(self, response: httpx2.Response) -> bytes:
        """Hear an effect's answer out, as far as an answer may go: whatever it holds, its status has said what it can."""
        heard = 0
        async for part in response.aiter_raw():
            heard += len(part)
            if heard > self._declared.longest:
                break
        return b""


def _base(address: str, *, has_secret: bool) -> httpx2.URL:
    try:
        url = httpx2.URL(address.strip())
    except httpx2.InvalidURL as error:  # its text holds the address
        raise NoAddress("it is no address, such as https://api.shop.example/v1") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise NoAddress("it is no address, such as https://api.shop.example/v1, without a password or a question")
    if has_secret and url.scheme == "http" and url.host not in _LOOPBACK:
        raise NoAddress("a secret would be sent in the clear; begin it with https")
    return url


def _path(template: str, args: Mapping[str, Any], name: str) -> str:
    """The path with each argument in one step of it: what would lead elsewhere is refused, the rest is escaped."""
    steps = {part: as_text(value) for part, value in args.items()}
    if any(steps[part] in ("", ".", "..") for part in steps if f"{{{part}}}" in template):
        raise unfit(name, "has no path for such an argument", nothing_done=True)
    return str(filled(template, {part: quote(text, safe="") for part, text in steps.items()}))
