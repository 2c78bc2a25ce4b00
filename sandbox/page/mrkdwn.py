"""Turns Slack's mrkdwn, and nothing else, into safe HTML.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby

from markupsafe import Markup, escape

_FENCE = re.compile(r"```(.*?)```", re.DOTALL)
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
_TAGS = {"bold": Markup("<strong>{}</strong>"), "italic": Markup("<em>{}</em>"), "strike": Markup("<s>{}</s>")}
_QUOTE = re.compile(r"^(?:>|&gt;) ?")
_BULLET = re.compile(r"^\s*[•-] ")
_ADDRESS = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)
# https://docs.slack.dev/messaging/formatting-message-text#date-formatting
_DATE_PARTS = {
    "date_num": "%Y-%m-%d",
    "date": "%B %-d, %Y",
    "date_short": "%b %-d, %Y",
    "date_long": "%A, %B %-d, %Y",
    "date_pretty": "%B %-d, %Y",
    "date_short_pretty": "%b %-d, %Y",
    "date_long_pretty": "%A, %B %-d, %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is shown: names of people and channels by id, and the time zone."""

    people: dict[str, str]
    channels: dict[str, str]
    zone: tzinfo = UTC


def as_html(text: str, reader: Reader) -> Markup:
    """The HTML of a mrkdwn text; everything that is no mrkdwn is escaped."""
    pieces = _FENCE.split(text)
    shown = [
        Markup("<pre>{}</pre>").format(_plain(piece.strip("\n"))) if number % 2 else _lines(piece, reader)
        for number, piece in enumerate(pieces)
    ]
    return Markup("").join(shown)


def _lines(text: str, reader: Reader) -> Markup:
    if not text.strip("\n"):
        return Markup("")
    groups = groupby(text.strip("\n").split("\n"), key=_kind_of_line)
    return Markup("").join(_GROUPS[kind](list(lines), reader) for kind, lines in groups)


def _kind_of_line(line: str) -> str:
    if _QUOTE.match(line):
        return "quote"
    return "list" if _BULLET.match(line) else "text"


def _quoted(lines: list[str], reader: Reader) -> Markup:
    inner = Markup("<br>").join(_inline(_QUOTE.sub("", line), reader) for line in lines)
    return Markup("<blockquote>{}</blockquote>").format(inner)


def _listed(lines: list[str], reader: Reader) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(_inline(_BULLET.sub("", line), reader)) for line in lines)
    return Markup("<ul>{}</ul>").format(items)


def _spoken(lines: list[str], reader: Reader) -> Markup:
    inner = Markup("<br>").join(_inline(line, reader) for line in lines)
    return Markup("<p>{}</p>").format(inner)


_GROUPS: dict[str, Callable[[list[str], Reader], Markup]] = {"quote": _quoted, "list": _listed, "text": _spoken}


def _inline(text: str, reader: Reader) -> Markup:
    shown, end = Markup(""), 0
    for found in _INLINE.finditer(text):
        shown += _plain(text[end : found.start()]) + _marked(found, reader)
        end = found.end()
    return shown + _plain(text[end:])


def _marked(found: re.Match[str], reader: Reader) -> Markup:
    kind, inner = found.lastgroup or "", found.group(found.lastgroup or 0)
    if kind == "code":
        return Markup("<code>{}</code>").format(_plain(inner))
    if kind == "angle":
        return _angle(inner, reader)
    return _TAGS[kind].format(_inline(inner, reader))


def _angle(inner: str, reader: Reader) -> Markup:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return _mention("@" + (label or reader.people.get(target[1:], target[1:])))
    if target.startswith("#"):
        return _mention("#" + (label or reader.channels.get(target[1:], target[1:])))
    if target.startswith("!date^"):
        return escape(_date(target, label, reader))
    if target.startswith("!"):
        return _mention(label or "@" + target[1:].partition("^")[0])
    if not _ADDRESS.match(target):
        return _plain(f"<{inner}>")
    link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return link.format(_unescaped(target), _plain(label or target))


def _mention(name: str) -> Markup:
    return Markup('<span class="mention">{}</span>').format(_plain(name))


def _date(target: str, fallback: str, reader: Reader) -> str:
    """`!date^1392734382^{date} at {time}^link`; the fallback where that is not well formed."""
    _, _, rest = target.partition("^")
    seconds, _, form = rest.partition("^")
    try:
        moment = datetime.fromtimestamp(int(seconds), tz=reader.zone)
    except (ValueError, OverflowError, OSError):
        return fallback
    parts = {name: moment.strftime(pattern) for name, pattern in _DATE_PARTS.items()}
    return re.sub(r"\{(\w+)\}", lambda found: parts.get(found.group(1), found.group(0)), form.partition("^")[0])


def _plain(text: str) -> Markup:
    return escape(_unescaped(text))


def _unescaped(text: str) -> str:
    """Slack escapes three characters and no other."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
