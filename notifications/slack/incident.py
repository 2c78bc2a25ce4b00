"""An incident as whoever answers for the worker sees it in Slack; closed, the same message says how."""

from engine.incident_view import IncidentView
from notifications.slack import actions
from notifications.slack.layout import SEPARATOR, Button, Rendered, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line, quoted

_NAME, _WORDS, _SHORT = 120, 1000, 300


def render_incident(view: IncidentView) -> Rendered:
    """Who says so and what they said; below it which result is meant."""
    headline = f"{view.said_by} says that this is wrong"
    spoken = f"{line(headline, _NAME)} ({line(view.name, _NAME)})"
    first = SEPARATOR.join((bold(headline, _NAME), line(view.name, _NAME)))
    said = quoted(view.words, _WORDS)
    about = (line(view.result, _SHORT), line(view.worker, _NAME), line(_number(view), _NAME))
    buttons = [] if view.outcome else [Button("Close it", actions.CLOSE, actions.of_incident(view.number), "primary")]
    buttons.append(Button("Why", actions.WHY, actions.of_task(view.task)))
    ending = paragraph(line(view.outcome or "", _SHORT))
    return message(spoken, [paragraph(first, said), small(*about), ending, row(buttons)])


def _number(view: IncidentView) -> str:
    return f"incident {view.number}" + (f", {view.earlier} before it" if view.earlier else "")
