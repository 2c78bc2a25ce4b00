"""A plain sentence to one person, with at most one thing to do."""

from collections.abc import Mapping

from notifications.slack.layout import Button, Rendered, message, paragraph, row
from notifications.slack.mrkdwn import line

_SENTENCE = 1500


def render_notice(sentence: str, *, button: Mapping[str, str] | None = None) -> Rendered:
    """The sentence; `button` is one that the gateway wants back as it is: {"label", "action", "value"}."""
    words = line(sentence, _SENTENCE)
    buttons = [Button(button["label"], button["action"], button["value"], "primary")] if button else []
    return message(words, [paragraph(words), row(buttons)])
