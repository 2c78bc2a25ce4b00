"""Refuses what no record can keep of what workers ask for and systems give, before anything rests on it."""

from collections.abc import Mapping
from typing import Any

from rfc8785 import CanonicalizationError

from contracts.authoring import Deterministic
from contracts.canonical import digest
from contracts.keepable import unkeepable, unkeepable_text
from contracts.vocabulary import FailureCase
from engine.failures import plain


def refuse_unkept_proposal(job: str, effect: str, args: Mapping[str, Any]) -> None:
    """Raise Deterministic unless all of what an effect is proposed with can be kept and hashed."""
    _refuse(f"{job} proposed {effect} with arguments", unkeepable(args))


def refuse_unkept_question(read: str, args: Mapping[str, Any]) -> None:
    """Raise Deterministic unless all of what a system is asked with can be kept."""
    _refuse(f"{read} was asked with arguments", unkeepable_text(args))


def refuse_unkept_sight(effect: str, shown: Mapping[str, Any]) -> None:
    """Raise Deterministic unless all of what a look shows of an effect can be kept."""
    _refuse(f"A look at {effect} shows something", unkeepable_text(shown))


def digest_of_read(read: str, answer: Any) -> str:
    """The digest of what was read, which is all that is kept of it; raises Deterministic where it has none."""
    try:
        return digest(answer)
    except CanonicalizationError:
        _refuse(f"{read} gave an answer", unkeepable(answer))
        raise


def as_answered(answer: Any) -> dict[str, Any] | None:
    """What the record keeps of what a tool answered to an effect: all of it, or why not and its text."""
    if not isinstance(answer, dict):
        return None
    unkept = unkeepable_text(answer)
    return answer if unkept is None else {"not_kept": plain(unkept), "text": plain(answer)}


def _refuse(told: str, unkept: str | None) -> None:
    if unkept is not None:
        raise Deterministic(f"{told} in which {plain(unkept)}.", cause="contract", case=FailureCase.CONTRACT)
