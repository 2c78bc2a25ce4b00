"""Reads what a reply decides: its first line, against a table of phrases; whatever is in doubt decides nothing. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.letter import Letter
from gateway.mail.wording import own_words

LONGEST_REASON = 500


class Meaning(StrEnum):
    """What a reply says."""

    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply means; `words` are its reason, or the question, or all that it says."""

    meaning: Meaning
    words: str


WHAT_TO_WRITE = (
    "I could not tell what you decided, so nothing was decided. Answer the card's mail once more, with a first line "
    "that is one of these:\n\napprove\nreject, because …\na question, ending with a question mark"
)

_PHRASES = {
    Meaning.APPROVE: (
        "approve", "approved", "i approve", "i approve this", "i approve it", "approving", "ok", "okay", "yes",
        "yes please", "yes approved", "yes approve", "ok approved", "sure", "go ahead", "yes go ahead", "please go ahead",
        "looks good", "looks good to me", "lgtm", "fine", "fine with me", "fine by me", "agreed", "please proceed",
        "proceed", "please approve", "+1",
    ),
    Meaning.REJECT: (
        "reject", "rejected", "i reject", "i reject this", "i reject it", "rejecting", "no", "nope", "no thanks",
        "no thank you", "decline", "declined", "i decline", "denied", "deny", "refuse", "refused", "-1",
    ),
}  # fmt: skip
_MEANS = {phrase: meaning for meaning, phrases in _PHRASES.items() for phrase in phrases}
_OTHER_WAY = {
    Meaning.APPROVE: re.compile(
        r"\b(reject\w*|no|nope|not|never|n't|\w+n['’]t|cannot|don['’]?t|dont|declin\w*|den(?:y|ied)|refus\w*|but|unless|"
        r"except|if|only|however|wait|until|instead|after|once|provided|maybe|hold|stop|almost|nearly|under|condition\w*|"
        r"joking|kidding|\d+)\b",
        re.IGNORECASE,
    ),
    Meaning.REJECT: re.compile(
        r"\b(approv\w*|yes|ok|okay|go ahead|looks good|lgtm|agreed|proceed|problem|worries|objections?|doubt|but|wait|"
        r"unless|if|maybe)\b",
        re.IGNORECASE,
    ),
}
_LATER = {
    Meaning.APPROVE: re.compile(
        r"\b(?:reject\w*|declin\w*|second thoughts?|(?:not|n['’]t|dont) approve\w*)\b", re.IGNORECASE
    ),
    Meaning.REJECT: re.compile(r"\b(?:approv\w*|second thoughts?|go ahead)\b", re.IGNORECASE),
}
"""What takes the first line back wherever it stands; more would find itself in the small print below letters."""

_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[\w .'’-]{0,40}[,!:.–—-]\s*", re.IGNORECASE
)
_THANKS = re.compile(r"\b(?:thanks?(?: you)?|thx|please|many thanks)\b[!. ]*", re.IGNORECASE)
_HEAD = re.compile(
    r"^(?P<head>[^,.;:!?\n–—]+?)(?:\s*(?:[,.;:!–—]+|\s-\s|\bbecause\b|\bsince\b|\bas\b)\s*(?P<rest>.*))?$"
)
_BECAUSE = re.compile(r"^(?:because|since|as|reason:)\s+", re.IGNORECASE)


def read_reply(letter: Letter) -> Reply:
    """What a letter decides; when its two parts say different things, nothing."""
    said = meaning_of(letter.text)
    if letter.html_text is None:
        return said
    shown = meaning_of(letter.html_text)
    return said if shown.meaning is said.meaning else Reply(Meaning.NOTHING, said.words)


def meaning_of(text: str) -> Reply:
    """What a text decides, quotes and signature left out."""
    words = own_words(text)
    first = _first_line(words)
    paragraph = words.partition("\n\n")[0].strip()[:LONGEST_REASON]
    if "?" in first:
        return Reply(Meaning.ASK, paragraph)
    found = _HEAD.match(first)
    meaning = _MEANS.get(_plain(found["head"])) if found else None
    if found is None or meaning is None:
        return Reply(Meaning.NOTHING, paragraph)
    said_after = _THANKS.sub("", f"{found['rest'] or ''}\n{_after(words)}").strip()
    if _OTHER_WAY[meaning].search(said_after) or _LATER[meaning].search(words):
        return Reply(Meaning.NOTHING, paragraph)
    return Reply(meaning, _BECAUSE.sub("", said_after)[:LONGEST_REASON].strip())


def _first_line(words: str) -> str:
    """The first line that says something: a greeting that stands alone is passed over."""
    for line in words.splitlines():
        said = _GREETING.sub("", f"{line.strip()} ").strip() if line.strip() else ""
        if said:
            return said
    return ""


def _after(words: str) -> str:
    """What the first paragraph says after its first line; a later one is no part of the answer."""
    first = _first_line(words)
    return words.partition(first)[2].partition("\n\n")[0].strip() if first else ""


def _plain(head: str) -> str:
    return " ".join(_THANKS.sub(" ", head).casefold().strip(" \"'“”*_`").split()) or head.casefold().strip()
