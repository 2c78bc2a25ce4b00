"""Puts people's words into Slack's text objects so that they stay words: never markup, a mention or a link."""

from typing import Any

from notifications.slack.mrkdwn import line


def cut(text: str, longest: int) -> str:
    """The text, at most `longest` characters of it."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plain(text: str, longest: int = 3000) -> dict[str, Any]:
    """A plain_text object: Slack shows it as it is."""
    return {"type": "plain_text", "text": cut(text, longest) or "–", "emoji": False}


def section(text: str) -> dict[str, Any]:
    """A block of plain text."""
    return {"type": "section", "text": plain(text)}


def with_link(text: str, label: str, address: str) -> dict[str, Any]:
    """The `text` and `blocks` of a message with a link of ours below it; lock screens show no address."""
    written = f"{line(text, 2000)}\n<{address}|{label}>"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": written, "verbatim": True}}
    return {"text": line(text, 3000), "blocks": [block], "unfurl_links": False}


def message(text: str) -> dict[str, Any]:
    """The `text` and `blocks` of a message that says one plain thing."""
    return {"text": line(text, 3000), "blocks": [section(text)]}
