"""The few shapes that every message of ours is made of, so that all of them look alike.

https://docs.slack.dev/reference/block-kit/blocks: at most 50 blocks; a section's text has at most 3000 characters, an
actions block 25 elements, a button's label 75. All texts of a message together: 12,000 characters (msg_blocks_too_long).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from notifications.slack.mrkdwn import CUT, cut

SECTION_LIMIT = 3000
FALLBACK_LIMIT = 3000
SEPARATOR = "  ·  "


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as Slack takes it: `text` for notifications and for clients that show no blocks."""

    text: str
    blocks: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label is ours, never a person's text; `value` carries ids."""

    label: str
    action: str
    value: str
    style: Literal["primary", "danger"] | None = None


def message(text: str, blocks: Iterable[Block | None]) -> Rendered:
    """The whole message; parts that have nothing to say are left out. Slack takes no message without text."""
    return Rendered(cut(text, FALLBACK_LIMIT) or "…", tuple(block.to_dict() for block in blocks if block is not None))


def paragraph(*lines: str, limit: int = SECTION_LIMIT, sign: str = CUT) -> SectionBlock | None:
    """Literal lines one below the other; empty ones are left out."""
    shown = "\n".join(line for line in lines if line)
    return SectionBlock(text=_text(cut(shown, limit, sign=sign))) if shown else None


def small(*pieces: str) -> ContextBlock | None:
    """Small grey print: pieces side by side."""
    shown = SEPARATOR.join(piece for piece in pieces if piece)
    return ContextBlock(elements=[_text(cut(shown, SECTION_LIMIT))]) if shown else None


def row(buttons: Sequence[Button]) -> ActionsBlock | None:
    """Buttons side by side."""
    return ActionsBlock(elements=[_button(button) for button in buttons]) if buttons else None


def _text(written: str) -> MarkdownTextObject:
    """`verbatim`, so that Slack makes no links, channels or mentions out of bare words."""
    return MarkdownTextObject(text=written, verbatim=True)


def _button(button: Button) -> ButtonElement:
    label = PlainTextObject(text=button.label, emoji=False)
    return ButtonElement(text=label, action_id=button.action, value=button.value, style=button.style)
