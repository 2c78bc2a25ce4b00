"""Longer pages that open in a modal: why something happened, and the whole of a card.

https://docs.slack.dev/reference/views/modal-views: a title has at most 24 characters, a view 100 blocks.
"""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block, PlainTextObject
from slack_sdk.models.views import View

from contracts.answers import WORD
from contracts.vocabulary import Answer
from engine.whys.page import Why
from escalation.card import CardView
from notifications.slack import actions
from notifications.slack.layout import Button, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line

_TITLE, _HEADLINE, _LABEL, _LINE = 24, 300, 60, 400
_ROWS, _LINES = 14, 30
# All rows together: a message has room for 12,000 characters, a modal for 250 kB (12 bytes for some characters).
_IN_MESSAGE, _IN_MODAL = 720, 1200


def render_why(why: Why) -> dict[str, Any]:
    """The Why page as a modal view, to be handed to views.open."""
    return _modal(f"Why {line(why.name, _TITLE - 4)}", _page(why, _IN_MODAL))


def why_blocks(why: Why) -> tuple[dict[str, Any], ...]:
    """The same page as the blocks of a message, shorter."""
    return _page(why, _IN_MESSAGE)


def _page(why: Why, limit: int) -> tuple[dict[str, Any], ...]:
    sign = f"… (all of it: chargehand why {line(why.name, _TITLE)})"
    rows = [_row(label, told, limit, sign) for label, told in why.rows[:_ROWS]]
    return message("", [paragraph(bold(why.headline, _HEADLINE)), small(line(why.state, _LINE)), *rows]).blocks


def _row(label: str, told: Sequence[str], limit: int, sign: str) -> Block | None:
    shown = [line(one, _LINE) for one in told[:_LINES]]
    rest = [sign] if len(told) > _LINES else []
    return paragraph(bold(label, _LABEL), *shown, *rest, limit=limit, sign=sign)


def render_more(view: CardView, note: str = "") -> dict[str, Any]:
    """All that stands behind a card, as a modal view: what was read, which rules were evaluated, what is proven.

    `note` is what its buttons bring back of where the card stands.
    """
    told = (
        ("Changed", view.changed),
        ("State", view.facts),
        ("Rules", view.verdicts),
        ("Evidence", view.evidence),
        ("Tried", (view.tried,)),
        ("Also possible", view.alternatives),
        ("If you do nothing", (view.silence,)),
        ("Exact proposal", (f"sha256 {view.proposal_digest[:16]}…",)),
    )
    sign = f"… (all of it: chargehand why {line(view.task, _TITLE)})"
    rows = [_row(label, lines, _IN_MODAL, sign) for label, lines in told if any(lines)]
    parts = [paragraph(bold(view.question, _HEADLINE)), row(_more_buttons(view)), *rows]
    return {**_modal(f"More on {line(view.task, _TITLE - 8)}", message("", parts).blocks), "private_metadata": note}


def _more_buttons(view: CardView) -> list[Button]:
    """The answers that have no room on the card."""
    value = actions.of_decision(view.number, view.proposal_digest)
    return [Button(WORD[one].label, action, value) for one, action in _IN_MORE if one in view.answers]


_IN_MORE = (
    (Answer.REVISE, actions.REVISE),
    (Answer.HAND_OVER, actions.HAND_OVER),
    (Answer.SNOOZE, actions.SNOOZE),
)


def _modal(title: str, blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    heading, close = PlainTextObject(text=title, emoji=False), PlainTextObject(text="Close", emoji=False)
    return dict(View(type="modal", title=heading, close=close, blocks=list(blocks)).to_dict())
