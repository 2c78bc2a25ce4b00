"""An incident as whoever answers for the worker sees it in Slack; closed, the same message says how."""

from slack_sdk.models.blocks import Block

from engine.incident_view import IncidentView
from notifications.slack import actions
from notifications.slack.layout import SEPARATOR, Button, Rendered, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line, quoted

_NAME, _WORDS, _SHORT = 120, 1000, 300


def render_incident(view: IncidentView) -> Rendered:
    """Who says so and what they said; below it which result is meant."""
    return message(f"{line(view.headline, _NAME)} ({line(view.name, _NAME)})", incident_blocks(view))


def incident_blocks(view: IncidentView) -> list[Block | None]:
    """The same as a part of something larger."""
    first = SEPARATOR.join((bold(view.headline, _NAME), line(view.name, _NAME)))
    about = (line(view.result, _SHORT), line(view.worker, _NAME), line(view.numbered, _NAME))
    buttons = [] if view.outcome else [Button("Close it", actions.CLOSE, actions.of_incident(view.number), "primary")]
    buttons.append(Button("Why", actions.WHY, actions.of_task(view.task)))
    ending = paragraph(line(view.outcome or "", _SHORT))
    return [paragraph(first, quoted(view.words, _WORDS)), small(*about), ending, row(buttons)]
