"""Turns Slack's rich text blocks into safe HTML.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Callable

from markupsafe import Markup, escape

from sandbox.page.mrkdwn import Reader
from sandbox.refusals import Json

_STYLES = {
    "bold": Markup("<strong>{}</strong>"),
    "italic": Markup("<em>{}</em>"),
    "strike": Markup("<s>{}</s>"),
    "code": Markup("<code>{}</code>"),
}
_WRAPPERS = {
    "rich_text_section": Markup("<p>{}</p>"),
    "rich_text_preformatted": Markup("<pre>{}</pre>"),
    "rich_text_quote": Markup("<blockquote>{}</blockquote>"),
}
_LISTS = {"ordered": Markup("<ol>{}</ol>"), "bullet": Markup("<ul>{}</ul>")}


def as_html(block: Json, reader: Reader) -> Markup:
    """The HTML of one rich_text block."""
    return Markup("").join(_part(part, reader) for part in block["elements"])


def _part(part: Json, reader: Reader) -> Markup:
    if part["type"] == "rich_text_list":
        items = Markup("").join(Markup("<li>{}</li>").format(_spans(item, reader)) for item in part["elements"])
        return _LISTS[part.get("style") or "bullet"].format(items)
    return _WRAPPERS[part["type"]].format(_spans(part, reader))


def _spans(part: Json, reader: Reader) -> Markup:
    return Markup("").join(_span(span, reader) for span in part.get("elements", []))


def _span(span: Json, reader: Reader) -> Markup:
    shown = _SHOWN.get(span.get("type", ""), _text)(span, reader)
    for style, tag in _STYLES.items():
        if (span.get("style") or {}).get(style):
            shown = tag.format(shown)
    return shown


def _text(span: Json, _: Reader) -> Markup:
    return Markup("<br>").join(escape(line) for line in str(span.get("text", "")).split("\n"))


def _link(span: Json, _: Reader) -> Markup:
    url = str(span.get("url", ""))
    if not url.startswith(("http://", "https://", "mailto:")):
        return escape(url)
    link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return link.format(url, span.get("text") or url)


def _user(span: Json, reader: Reader) -> Markup:
    user = str(span.get("user_id", ""))
    return Markup('<span class="mention">@{}</span>').format(reader.people.get(user, user))


def _channel(span: Json, reader: Reader) -> Markup:
    channel = str(span.get("channel_id", ""))
    return Markup('<span class="mention">#{}</span>').format(reader.channels.get(channel, channel))


def _emoji(span: Json, _: Reader) -> Markup:
    return escape(f":{span.get('name', '')}:")


_SHOWN: dict[str, Callable[[Json, Reader], Markup]] = {
    "text": _text,
    "link": _link,
    "user": _user,
    "channel": _channel,
    "emoji": _emoji,
}
