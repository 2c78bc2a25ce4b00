"""The app's home in Slack: what waits for its reader, what they asked, what was decided lately, and what they may ask.

https://docs.slack.dev/reference/views/home-tab-views: at most 100 blocks.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from contracts.vocabulary import ENDED
from contracts.wording import first_large
from engine.overview import Alike, Asked, Overview
from escalation.card import CardView
from notifications.local_time import local
from notifications.slack import actions
from notifications.slack.card import buttons
from notifications.slack.incident import incident_blocks
from notifications.slack.layout import SEPARATOR, Button, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line

_QUESTION, _SENTENCE, _SHORT = 300, 400, 120
_MOST_BLOCKS = 100
_MOST_LANES = 20
_NOTHING = "Nothing waits for you."
_NO_WORK = "There is no work that you may ask for here yet."


def render_home(view: Overview, *, said: str | None = None) -> dict[str, Any]:
    """The home of one person; `said` is what came of what they just did there."""
    return _view([block for block in _blocks(view, said) if block is not None])


def render_stranger(sentence: str) -> dict[str, Any]:
    """The home of somebody whom the company does not know."""
    return _view([paragraph(line(sentence, _SENTENCE))])


def _view(blocks: Sequence[Block | None]) -> dict[str, Any]:
    shown = message("", blocks[:_MOST_BLOCKS]).blocks
    return dict(View(type="home", blocks=list(shown)).to_dict())


def _blocks(view: Overview, said: str | None) -> Iterator[Block | None]:
    if said:
        yield paragraph(f"*{line(said, _SENTENCE)}*")
        yield DividerBlock()
    yield from _waiting(view)
    yield from _asked(view)
    yield from _decided(view)
    yield from _lanes(view)


def _heading(words: str) -> Block:
    return HeaderBlock(text=PlainTextObject(text=words, emoji=False))


def _waiting(view: Overview) -> Iterator[Block | None]:
    yield _heading("Waiting for you")
    if not view.waiting and not view.questions and not view.wrong:
        yield paragraph(_NOTHING)
    for question in view.questions:
        yield from _question(question)
    for incident in view.wrong:
        yield from incident_blocks(incident)
    for group in view.waiting:
        yield from _group(group, view.person.timezone)
    if view.more:
        yield small(f"{view.more} more wait; these are the oldest.")


def _question(card: CardView) -> Iterator[Block | None]:
    asked = card.exchanges[-1]
    asker = line(asked.asked_by, _SHORT)
    yield paragraph(f"*{asker} asks you:* {line(asked.question, _QUESTION)}", line(card.question, _QUESTION))
    yield row([Button("Answer", actions.ANSWER, actions.of_decision(card.number, card.proposal_digest), "primary")])


def _group(group: Alike, timezone: str) -> Iterator[Block | None]:
    if group.together:
        yield paragraph(f"*{line(first_large(group.edge), _SHORT)}: {group.together} alike*")
        yield row(
            [Button("Decide them together", actions.TOGETHER, actions.of_edge(group.lane, group.edge), "primary")]
        )
    for number, card in enumerate(group.cards):
        if number:
            yield DividerBlock()
        yield from _card(card, timezone)


def _card(card: CardView, timezone: str) -> Iterator[Block | None]:
    due = f"decide by {local(card.due_at, timezone)}" if card.due_at and not card.clock_stopped else ""
    due = "waiting for an answer, the clock is stopped" if card.clock_stopped else due
    yield paragraph(
        SEPARATOR.join(part for part in (bold(card.question, _QUESTION), due) if part),
        line(card.recommendation, _SENTENCE),
    )
    yield small(line(card.task, _SHORT), f"asked by {line(card.asked_by, _SHORT)}")
    yield row(buttons(card))


def _asked(view: Overview) -> Iterator[Block | None]:
    if view.asked:
        yield _heading("You asked")
    for one in view.asked:
        yield from _task(one, view.person.timezone)


def _task(one: Asked, timezone: str) -> Iterator[Block | None]:
    task = one.task
    first = line(task.lines[0], _SENTENCE) if task.lines else ""
    yield paragraph(SEPARATOR.join((bold(task.headline, _QUESTION), line(task.name, _SHORT))), first)
    yield small(
        f"since {local(one.since, timezone)}" if task.state not in ENDED else f"asked {local(one.since, timezone)}"
    )


def _decided(view: Overview) -> Iterator[Block | None]:
    if view.decided:
        yield _heading("Lately decided")
    for card in view.decided:
        yield paragraph(line(card.question, _QUESTION), line(card.outcome or "", _SENTENCE))


def _lanes(view: Overview) -> Iterator[Block | None]:
    yield _heading("Ask for work")
    if not view.lanes:
        yield paragraph(_NO_WORK)
    for name, title, description in view.lanes[:_MOST_LANES]:
        yield _lane(name, title, description)


def _lane(name: str, title: str, description: str) -> Block:
    words = MarkdownTextObject(text=f"{bold(title, _SHORT)}\n{line(description, _SENTENCE)}", verbatim=True)
    label = PlainTextObject(text="Ask", emoji=False)
    return SectionBlock(
        text=words, accessory=ButtonElement(text=label, action_id=actions.OPEN, value=actions.of_lane(name))
    )
