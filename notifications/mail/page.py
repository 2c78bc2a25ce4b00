"""What a letter says, before it is text or HTML: the same few parts in the order in which they are read."""

import unicodedata
from dataclasses import dataclass

SUBJECT_LIMIT = 78
LINE_LIMIT = 400
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_REPLY = "Re: "


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with the lines that belong to it."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Something that a person wrote, in their own lines."""

    said_by: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """How a figure moves: a chart of block characters, empty where it would say nothing, and the same in words."""

    chart: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a section: what it is, how it stands ("behind"; `alarming` makes that stand out), what to know of it."""

    title: str
    lines: tuple[str, ...] = ()
    standing: str = ""
    alarming: bool = False
    trend: Trend | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one label."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """A link of ours: what it does, and its address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One of several that a letter asks, with the number by which it is answered; `lead` holds sentences, `small` what is seldom needed."""

    number: int
    title: str
    lead: tuple[str, ...]
    small: tuple[str, ...] = ()
    door: Door | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A letter's content; every text is plain, on one line, and without control characters.

    `door` leads to where it can be done in a browser. `invitation` says how to answer it, and is the last thing that
    stands there.
    """

    subject: str
    headline: str
    lead: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    quotes: tuple[Quote, ...] = ()
    sections: tuple[Section, ...] = ()
    listed: tuple[Listed, ...] = ()
    small: tuple[str, ...] = ()
    door: Door | None = None
    invitation: str = ""


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Text on one line, cut to `limit` characters; nothing in it can begin a header or turn the reading around."""
    shown = " ".join(_visible(text[: 4 * limit]).split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def written_lines(text: str, limit: int = 2000) -> tuple[str, ...]:
    """The lines that a person wrote, without the empty ones."""
    lines = (one_line(part) for part in text[:limit].splitlines())
    return tuple(line for line in lines if line) or ("…",)


def subject_of(text: str) -> str:
    """A subject of at most 78 characters (RFC 5322 2.1.1), "Re: " in front left out."""
    bare = one_line(text, 4 * SUBJECT_LIMIT)
    while bare[: len(_REPLY)].lower() == _REPLY.lower():
        bare = bare[len(_REPLY) :].lstrip()
    return one_line(bare, SUBJECT_LIMIT - len(_REPLY)) or "Chargehand"


def in_reply(subject: str) -> str:
    """The subject of an answer: mail programs keep a thread together by it."""
    return f"{_REPLY}{subject_of(subject)}"


def facts_of(*labelled: tuple[str, tuple[str, ...]]) -> tuple[Fact, ...]:
    """Facts that have something to say."""
    found = ((label, tuple(filter(None, (one_line(line) for line in lines)))) for label, lines in labelled)
    return tuple(Fact(label, lines) for label, lines in found if lines)


def _visible(text: str) -> str:
    kept = (c for c in text if c in "\n\t\r" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _OVERRIDES))
    return "".join(kept)
