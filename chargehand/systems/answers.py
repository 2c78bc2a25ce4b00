"""Reads the answers of a declared API: what a status means, where records lie in it, and the types of their fields."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx2

from contracts.authoring import Deterministic, Governance, Seen, Transient
from contracts.known_failures import TABLE, WEB
from contracts.systems.api import Answered, HttpEffect
from contracts.systems.operations import AT, REFERENCE
from contracts.systems.words import bare
from contracts.vocabulary import FailureCase, FailureClass

_DOUBTFUL = frozenset({408, 409, 423, 425, 429})
"""The 4xx after which the call may have been taken, or may be taken later."""
_GONE_BY = 400
_REDIRECTS = 3
"""The hundreds of their statuses."""


def accepted(response: httpx2.Response, name: str) -> None:
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


def taken(response: httpx2.Response, name: str, system: str) -> None:
    """Raise what a status other than 2xx means for an effect: as above, but that who redirects may have taken the call."""
    if response.status_code // 100 == _REDIRECTS:
        told = f"{name} is answered by a redirect ({response.status_code}): nobody knows whether it was taken."
        raise Transient(told, cause=system)
    accepted(response, name)


def records_in(response: httpx2.Response, answered: Answered, name: str) -> Sequence[Mapping[str, Any]]:
    """The records of an answer, of which there may be one alone; raises Deterministic for anything else."""
    found = _content(response, answered, name)
    return _all_records(found if isinstance(found, list) else [found], answered, name)


def list_in(response: httpx2.Response, answered: Answered, name: str) -> Sequence[Mapping[str, Any]]:
    """The records of an answer that has to be a list; raises Deterministic for anything else."""
    found = _content(response, answered, name)
    if not isinstance(found, list):
        raise unfit(name, "is not answered by a list" + (f" at {answered.records}" if answered.records else ""))
    return _all_records(found, answered, name)


def answer_in(response: httpx2.Response, name: str) -> Any:
    """The JSON of an answer; raises Deterministic for what is none."""
    try:
        return json.loads(response.content, parse_constant=_no_number)
    except ValueError as error:
        raise unfit(name, "is not answered in JSON") from error


def _content(response: httpx2.Response, answered: Answered, name: str) -> Any:
    answer = answer_in(response, name)
    return answer if answered.records is None else value_at(answer, answered.records)


def _all_records(records: list[Any], answered: Answered, name: str) -> Sequence[Mapping[str, Any]]:
    if any(not isinstance(one, dict) for one in records):
        raise unfit(name, "is not answered by records" + (f" at {answered.records}" if answered.records else ""))
    return records


def _no_number(word: str) -> None:
    raise ValueError(word)


def seen_in(record: Mapping[str, Any], declared: HttpEffect, look: Answered, name: str) -> Seen:
    """What a record shows of an effect."""
    args = {field: field_of(record, field, look, word, name) for field, word in declared.takes.items()}
    at = field_of(record, AT, look, "instant?", name) if AT in look.at else None
    reference = value_at(record, look.at.get(REFERENCE, REFERENCE))
    if not isinstance(reference, str | int) or isinstance(reference, bool):
        raise unfit(name, "is answered without its reference")
    return Seen(str(reference), args, at)


def field_of(record: Mapping[str, Any], field: str, answered: Answered, word: str, name: str) -> Any:
    """A field of a record as the type that its word stands for; raises Deterministic where it is none."""
    value = value_at(record, answered.at.get(field, field))
    if value is None and word.endswith("?"):
        return None
    if bare(word) == "instant" and isinstance(value, str):
        value = _epoch(value)
    if (
        value is None
        or not isinstance(value, _TYPES[bare(word)])
        or (isinstance(value, bool) and bare(word) != "boolean")
    ):
        raise unfit(name, f"is answered with no {word} for {field}")
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


def value_at(value: Any, path: str) -> Any:
    """What lies at a dotted path of an answer, None where nothing does."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def unfit(name: str, told: str, *, nothing_done: bool = False) -> Deterministic:
    """The failure of an operation whose answer is not as it is declared, or of whose argument nothing was sent."""
    return Deterministic(f"{name} {told}.", cause=name, case=FailureCase.CONTRACT, nothing_done=nothing_done)
