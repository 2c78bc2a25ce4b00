"""Finds characters that nobody sees, or that change the order in which people see the others."""

import re
import unicodedata
from collections.abc import Iterator

from contracts.mistakes import Mistake, Source, Span

DELETE = "Delete it."
# Line separators too: editors and YAML disagree on whether they end a line.
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff"
_BIDIRECTIONAL = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
# Scripts and emoji join with these; after a character of ASCII they join nothing.
_JOINERS = r"\u200c\u200d\U000e0100-\U000e01ef"
_SUSPECT = re.compile(f"[{_CONTROL}{_BIDIRECTIONAL}{_INVISIBLE}{_JOINERS}]")
_HIDDEN = re.compile(f"[{_CONTROL}{_BIDIRECTIONAL}{_INVISIBLE}]|(?<![^\\x00-\\x7f])[{_JOINERS}]")
_CONTROL_OF_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BEYOND_ASCII = re.compile(r"[\x80-\U0010ffff]+")
_IS_CONTROL = re.compile(f"[{_CONTROL}]")
_IS_BIDIRECTIONAL = re.compile(f"[{_BIDIRECTIONAL}]")


def hides(text: str) -> bool:
    """Whether a text has any such character; joiners of scripts and emoji are none."""
    # In two looks, for a class of this size is slow, and most text is mostly ASCII.
    beyond = "" if text.isascii() else "".join(_BEYOND_ASCII.findall(text))
    is_suspect = _CONTROL_OF_ASCII.search(text) is not None or (beyond and _SUSPECT.search(beyond) is not None)
    return bool(is_suspect) and _HIDDEN.search(text) is not None


def hidden_in(text: str) -> Iterator[tuple[int, str]]:
    """Each such character of a text: its index and what it is, in words."""
    yield from ((found.start(), _words(found[0])) for found in _HIDDEN.finditer(text))


def made_visible(text: str) -> str:
    """The text with a mark in place of each such character, so that quoting it turns nothing round."""
    return _HIDDEN.sub("\ufffd", text)


def hidden_mistakes(source: Source) -> Iterator[Mistake]:
    """A mistake for each such character of a file as it stands."""
    visible = Source(source.file, tuple(map(made_visible, source.lines)))
    for number, line in enumerate(source.lines, 1):
        yield from (visible.mistake(Span(number, index + 1), what, DELETE) for index, what in hidden_in(line))


def _words(character: str) -> str:
    if _IS_CONTROL.match(character):
        return f"a control character, {character!a}"
    kind = (
        "a character that turns the direction of text"
        if _IS_BIDIRECTIONAL.match(character)
        else "an invisible character"
    )
    return f"{kind}, U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
