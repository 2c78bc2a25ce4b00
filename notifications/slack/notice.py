"""A plain sentence to one person, with at most one thing to do."""

from collections.abc import Mapping

from notifications.slack import actions
from notifications.slack.layout import Button, Rendered, message, paragraph, row
from notifications.slack.mrkdwn import line

_SENTENCE = 1500
_LABELS = {"try_again": ("Try again", actions.TRY_AGAIN)}


def render_notice(
    sentence: str, *, action: str | None = None, task: int | None = None, button: Mapping[str, str] | None = None
) -> Rendered:
    """The sentence; `action` is a word of the outbox ("try_again") and needs the task that it is about.

    `button` is one that the gateway wants back as it is: {"label", "action", "value"}.
    """
    words = line(sentence, _SENTENCE)
    buttons = [Button(button["label"], button["action"], button["value"], "primary")] if button else []
    if action in _LABELS and task is not None:
        label, action_id = _LABELS[action]
        buttons = [Button(label, action_id, actions.of_task(task), "primary")]
    return message(words, [paragraph(words), row(buttons)])
