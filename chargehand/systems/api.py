"""Speaks to a declared API: bounded in time and size, never by way of a redirect, and refused calls told from doubtful ones."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from chargehand.systems.answers import accepted, field_of, records_in, seen_in, unfit
from chargehand.systems.key_lists import keys_listed
from contracts.authoring import Changed, Seen
from contracts.systems.api import HttpSystem, asks_by_key
from contracts.systems.operations import KEY
from contracts.systems.templates import as_text, filled

_OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_NOT_FOUND, _MOVED_ON = 404, 412
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoAddress(ValueError):
    """An address that can't be used for an API; the message shows nothing of it."""


class HttpCarrier:
    """An API by its address and secret. Raises NoAddress; nothing is called before it is asked for.

    What the API refuses for good raises Deterministic or Governance, what somebody was faster with Changed; other statuses
    raise httpx2.HTTPStatusError, and what breaks on the way whatever httpx2 raises, or TimeoutError.
    """

    def __init__(self, declared: HttpSystem, address: str, secret: str = "") -> None:
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
        """Make a call under a key; what it answered is left to a look."""
        declared = self._declared.effects[name]
        known = {**args, KEY: key}
        headers = {header: as_text(filled(value, known)) for header, value in declared.headers.items()}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise unfit(name, "has no header for such an argument")
        headers |= {declared.key_header: key} if declared.key_header is not None else {}
        response = self._call(
            name,
            declared.method,
            declared.path,
            known,
            query=declared.query,
            headers=headers,
            body=filled(declared.body, known),
            timeout_s=declared.timeout_s,
        )
        if response.status_code == _MOVED_ON and declared.version is not None:
            raise Changed(f"What {name} would change is not what was read any more.", cause=name)
        accepted(response, name)
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
    ) -> httpx2.Response:
        """The whole answer, read within its time and its size."""
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {}), **self._secret}
        given = {} if body is None else {"json": body}
        async with (
            asyncio.timeout(timeout_s * _OF_TIME),
            httpx2.AsyncClient(
                verify=self._trust, trust_env=False, follow_redirects=False, timeout=timeout_s
            ) as client,
            client.stream(method, address, headers=sent, **given) as response,
        ):
            content = bytearray()
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise unfit(name, "is answered in a coding that was not asked for")
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._declared.longest:
                    raise unfit(name, f"is answered with more than {self._declared.longest:,} bytes")
        return httpx2.Response(
            response.status_code, headers=response.headers, content=bytes(content), request=response.request
        )


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
        raise unfit(name, "has no path for such an argument")
    return str(filled(template, {part: quote(text, safe="") for part, text in steps.items()}))
