"""Speaks to a declared API: bounded in time and size, never by way of a redirect, and refused calls told from doubtful ones."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx2

from contracts.authoring import Changed, Deterministic, Governance, Seen
from contracts.known_failures import TABLE, WEB
from contracts.systems.api import Answered, HttpEffect, HttpSystem, asks_by_key
from contracts.systems.operations import AT, KEY, REFERENCE
from contracts.systems.templates import as_text, filled
from contracts.systems.words import bare
from contracts.vocabulary import FailureCase, FailureClass

_OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_DOUBTFUL = frozenset({408, 409, 423, 425, 429})
"""The 4xx after which the call may have been taken, or may be taken later."""
_GONE_BY, _NOT_FOUND, _MOVED_ON = 400, 404, 412
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
        _accepted(response, name)
        found = _records(response, declared, name)
        most = 1 if declared.rows == "one" else declared.at_most
        if len(found) > most:
            raise _unfit(name, f"gives more than {most} records")
        records = [
            {field: _field(one, field, declared, word, name) for field, word in declared.gives.items()} for one in found
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
            raise _unfit(name, "has no header for such an argument")
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
        _accepted(response, name)
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
        _accepted(response, name)
        found = _records(response, look, name)
        if KEY in look.at:
            found = [one for one in found if _field(one, KEY, look, "text?", name) == key]
        seen = _seen(found[0], declared, look, name) if found else None
        return None if seen is None or (not asks_by_key(look) and seen.args != dict(args)) else seen

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
                raise _unfit(name, "is answered in a coding that was not asked for")
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._declared.longest:
                    raise _unfit(name, f"is answered with more than {self._declared.longest:,} bytes")
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
        raise _unfit(name, "has no path for such an argument")
    return str(filled(template, {part: quote(text, safe="") for part, text in steps.items()}))


def _accepted(response: httpx2.Response, name: str) -> None:
    """Raise what a status other than 2xx means: refused for good, or in doubt, which the table of known failures tells."""
    status = response.status_code
    if response.is_success:
        return
    if status in _DOUBTFUL or status >= 500:
        raise httpx2.HTTPStatusError(f"{name}: {status}", request=response.request, response=response)
    case = WEB.case_of(str(status)) or FailureCase.REJECTED
    told = f"{TABLE[case].sentence.removesuffix('.')} ({status})."
    refusal = Governance if TABLE[case].kind is FailureClass.GOVERNANCE else Deterministic
    raise refusal(
        told if status >= _GONE_BY else f"{name} is answered by a redirect ({status}).", cause=name, case=case
    )


def _records(response: httpx2.Response, answered: Answered, name: str) -> Sequence[Mapping[str, Any]]:
    try:
        answer = json.loads(response.content, parse_constant=_no_number)
    except ValueError as error:
        raise _unfit(name, "is not answered in JSON") from error
    found = answer if answered.records is None else _at(answer, answered.records)
    records = found if isinstance(found, list) else [found]
    if any(not isinstance(one, dict) for one in records):
        raise _unfit(name, "is not answered by records" + (f" at {answered.records}" if answered.records else ""))
    return records


def _no_number(word: str) -> None:
    raise ValueError(word)


def _seen(record: Mapping[str, Any], declared: HttpEffect, look: Answered, name: str) -> Seen:
    args = {field: _field(record, field, look, word, name) for field, word in declared.takes.items()}
    at = _field(record, AT, look, "instant?", name) if AT in look.at else None
    reference = _at(record, look.at.get(REFERENCE, REFERENCE))
    if not isinstance(reference, str | int) or isinstance(reference, bool):
        raise _unfit(name, "is answered without its reference")
    return Seen(str(reference), args, at)


def _field(record: Mapping[str, Any], field: str, answered: Answered, word: str, name: str) -> Any:
    value = _at(record, answered.at.get(field, field))
    if value is None and word.endswith("?"):
        return None
    if bare(word) == "instant" and isinstance(value, str):
        value = _epoch(value)
    if (
        value is None
        or not isinstance(value, _TYPES[bare(word)])
        or (isinstance(value, bool) and bare(word) != "boolean")
    ):
        raise _unfit(name, f"is answered with no {word} for {field}")
    return float(value) if bare(word) == "number" else value


_TYPES: Mapping[str, Any] = {
    "text": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "instant": int,
    "seconds": int,
    "money": int,
}


def _epoch(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(at.timestamp()) if at.tzinfo is not None else None


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _unfit(name: str, told: str) -> Deterministic:
    return Deterministic(f"{name} {told}.", cause=name, case=FailureCase.CONTRACT)
