"""Makes of a file with slips of the pen the one that was plainly meant, so that it can be checked further."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from annotated_types import MaxLen
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from contracts.declared import LONGEST_LINE
from contracts.loading.fields import field_at, names_at
from contracts.mistakes import Pointer

_ANY_SENTENCE = "…"
_LEFT_AWAY = frozenset(
    {
        *("deadline", "peer_within", "recheck", "fresh", "accepts_suspect", "overwrites", "needs", "counted", "enough"),
        *(
            "undo",
            "amend",
            "otherwise",
            "quorum",
            "unanimous",
            "four_eyes",
            "break_glass",
            "limits",
            "changeable",
            "at_last",
        ),
        *("mail", "alternatives", "state", "moves", "remind", "patience", "retries", "within", "needed_by", "switches"),
        *("model", "version", "begins", "joins", "prerequisites", "budget", "prices", "attention", "quiet", "digest"),
    }
)
"""Optional fields that can be left away without anything else becoming wrong by that."""


def meant(model: type[BaseModel], finding: ErrorDetails) -> Pointer:
    """The place of the field that an unknown one stands for; its own place without a name when nothing is near."""
    *above, name = finding["loc"]
    near = get_close_matches(str(name), names_at(model, tuple(above)), n=1, cutoff=0.6)
    return (*above, *near)


@dataclass(slots=True)
class Mended:
    """Data that is to be checked and never to be used; `written` says where what it holds at a place really stands."""

    data: Any
    written: dict[Pointer, Pointer] = field(default_factory=dict)


def mend(data: object, model: type[BaseModel], found: Iterable[ErrorDetails]) -> Mended | None:
    """A copy of the data with everything that was found put right; None if it can't be."""
    mended = Mended(deepcopy(data))
    return mended if all(_mend(mended, model, one) for one in found) else None


def _mend(mended: Mended, model: type[BaseModel], finding: ErrorDetails) -> bool:
    at = finding["loc"]
    if _leave_away(mended.data, model, at):
        return True
    inside = _inside(mended.data, at[:-1])
    if not at or not isinstance(inside, dict):
        return False
    if finding["type"] == "extra_forbidden":
        near, value = meant(model, finding), inside.pop(str(at[-1]), None)
        if len(near) == len(at) and near[-1] not in inside:
            inside[str(near[-1])], mended.written[near] = value, at
        return True
    if not _is_sentence(model, at):
        return False
    inside[str(at[-1])] = _ANY_SENTENCE
    return True


def _leave_away(data: Any, model: type[BaseModel], at: Pointer) -> bool:
    """Leave an optional field away, if what is wrong lies in one that nothing else needs."""
    for end in range(1, len(at) + 1):
        info = field_at(model, at[:end]) if at[end - 1] in _LEFT_AWAY else None
        if info is not None and not info.is_required():
            inside = _inside(data, at[: end - 1])
            if isinstance(inside, dict):
                inside.pop(str(at[end - 1]), None)
            return True
    return False


def _inside(data: Any, at: Iterable[str | int]) -> Any:
    for step in at:
        is_there = isinstance(data, list) if isinstance(step, int) else isinstance(data, dict) and step in data
        if not is_there:
            return None
        data = data[step]
    return data


def _is_sentence(model: type[BaseModel], at: Pointer) -> bool:
    """Whether a field is a sentence for people, which nothing else depends on."""
    info = field_at(model, at) if at else None
    return info is not None and info.annotation is str and MaxLen(LONGEST_LINE) in info.metadata
