"""Makes text from people and data stand literally in Slack's mrkdwn, within Slack's limits.

https://docs.slack.dev/messaging/formatting-message-text#escaping: Slack decodes three entities and has no way to
escape its formatting marks. A mark that could format is therefore written as its twin (`*` as ∗), and only in front
of Slack: the record keeps what was written.
"""

import re
import unicodedata

CUT = "… (more on the Why page)"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_TWINS = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
# A mark formats only where it touches an edge of a word; inside one (order_check.json, 5*3) it is harmless.
_MARK = re.compile(r"(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])")
_EMOJI = re.compile(r":(?=(?:[a-z0-9_+'-]*[a-z+-][a-z0-9_+'-]*|100|1234)(?:::[a-z0-9-]+)?:)")
# Both become a quotation at the start of a line.
_QUOTE = re.compile(r"^(\s*)[>＞]+")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")


def line(text: str, limit: int) -> str:
    """`text` on one line, literally, in at most `limit` characters as Slack counts them."""
    return cut(_literal(" ".join(_visible(_start(text, limit)).split())), limit)


def quoted(text: str, limit: int) -> str:
    """What somebody said, as a quotation of as many lines as they wrote (empty ones left out)."""
    lines = [" ".join(part.split()) for part in _visible(_start(text, limit)).splitlines()]
    shown = "\n".join(f"> {_literal(part)}" for part in lines if part)
    return cut(shown or "> …", limit)


def lines(text: str) -> str:
    """`text` literally, on as many lines as it has; the caller says how much is too much."""
    return "\n".join(_literal(part) for part in _visible(text).splitlines())


def bold(text: str, limit: int) -> str:
    """A line in bold."""
    inner = line(text, limit - 2)
    return f"*{inner}*" if inner else ""


def cut(written: str, limit: int, *, sign: str = CUT) -> str:
    """Text that is already literal, shortened with a sign of it; never in the middle of an entity."""
    if len(written) <= limit:
        return written
    if limit <= 2 * len(sign):
        sign = "…"
    return _HALF_ENTITY.sub("", written[: limit - len(sign)]).rstrip() + sign


def _start(text: str, limit: int) -> str:
    """As much as can be shown at all: the rest of a very long text costs nothing."""
    return text if len(text) <= 4 * limit else text[: 4 * limit] + CUT


def _visible(text: str) -> str:
    """Without control characters and those that turn the direction of reading around."""
    kept = (c for c in text if c in "\n\t\r" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _OVERRIDES))
    return "".join(kept)


def _literal(text: str) -> str:
    unmarked = _MARK.sub(lambda found: "".join(_TWINS[mark] for mark in found[0]), text)
    unquoted = _QUOTE.sub(lambda found: found[1] + "›", unmarked)
    return _EMOJI.sub("∶", unquoted).translate(_ENTITIES)
