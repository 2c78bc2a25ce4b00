"""A task as its requester sees it in Slack: one live message that is edited, and one result in its thread."""

from contracts.vocabulary import ENDED, TaskState
from engine.telling import TaskView
from notifications.slack import actions
from notifications.slack.layout import SEPARATOR, Button, Rendered, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line

_HEADLINE, _LINE, _NAME = 300, 500, 120
_LINES, _PIECES = 6, 10


def render_task(view: TaskView) -> Rendered:
    """The live message: what was accepted and what happens next, then how it ended; Change as long as nothing was done, Cancel
    until that is wanted, Why from then on, and at its end a way to say that the result is wrong.
    """
    headline = SEPARATOR.join((bold(view.headline, _HEADLINE), line(view.name, _NAME)))
    parts = [paragraph(headline, *_told(view)), row(_offered(view))]
    return message(_spoken(view), parts)


def render_result(view: TaskView, *, slack_user: str | None = None) -> Rendered:
    """The reply in the thread when it has ended, with its evidence; `slack_user` (an id of ours) is mentioned."""
    mention = f"<@{slack_user}> " if slack_user else ""
    headline = f"{mention}{bold(view.headline, _HEADLINE)}"
    proof = _evidence(view)
    parts = [paragraph(headline, *_told(view)), small(f"Evidence: {proof}" if proof else ""), row(_after(view))]
    return message(mention + _spoken(view), parts)


def _spoken(view: TaskView) -> str:
    return f"{line(view.headline, _HEADLINE)} ({line(view.name, _NAME)})"


def _told(view: TaskView) -> list[str]:
    return [line(told, _LINE) for told in view.lines[:_LINES]]


def _evidence(view: TaskView) -> str:
    shown = [line(piece, _NAME) for piece in view.evidence[:_PIECES]]
    left = len(view.evidence) - _PIECES
    return SEPARATOR.join([*shown, f"… {left} more on the Why page"] if left > 0 else shown)


def _change(view: TaskView) -> Button:
    return Button("Change", actions.CHANGE_REQUEST, actions.of_task(view.number))


def _cancel(view: TaskView) -> Button:
    return Button("Cancel", actions.CANCEL, actions.of_task(view.number))


def _offered(view: TaskView) -> list[Button]:
    if view.state in ENDED:
        return _after(view)
    if view.stopping:
        return [_why(view)]
    return [*([_change(view)] if view.changeable else []), _cancel(view)]


def _after(view: TaskView) -> list[Button]:
    """What was cancelled has no result that could be wrong."""
    if view.state is TaskState.CANCELLED:
        return [_why(view)]
    return [_why(view), Button("Something is wrong", actions.WRONG, actions.of_task(view.number))]


def _why(view: TaskView) -> Button:
    return Button("Why", actions.WHY, actions.of_task(view.number))
