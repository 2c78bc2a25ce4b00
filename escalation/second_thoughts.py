"""Tells whether words below a live request ask for something else, or for nothing any more. Pure; nothing is done by them."""

import re
from enum import StrEnum


class Thought(StrEnum):
    """What somebody seems to want of what they have asked for."""

    CHANGE = "change"
    CANCEL = "cancel"
    NOTHING = "nothing"


_CANCEL = re.compile(
    r"""\b(?: cancel | never\s?mind | call\s(?:it|this|that)\soff | withdraw | (?:forget|stop|drop)\s(?:it|this|that)
    | (?:do\snot|don'?t)\s(?:do|pay|send|publish|refund) | no\slonger\s(?:need|want)\w* )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CHANGE = re.compile(
    r"""\b(?: change | amend | correct | correction | update | edit | replace | instead | rather | make\s(?:it|that|this)
    | should\s(?:be|have\sbeen|read|say) | (?:i|we)\smeant | supposed\sto\sbe | wrong | typo | mistake | mistyped | mixed\sup
    | only\s[\W]?\d[\d.,]* | not\s[\W]?\w*\d\w* | (?:isn'?t|wasn'?t)\s[\W]?\w*\d\w* )\b""",
    re.IGNORECASE | re.VERBOSE,
)


def read(words: str) -> Thought:
    """What words seem to want; in doubt a change, which asks what is wanted instead."""
    plain = words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if _CHANGE.search(plain):
        return Thought.CHANGE
    return Thought.CANCEL if _CANCEL.search(plain) else Thought.NOTHING
