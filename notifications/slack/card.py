"""A decision as one person sees it in Slack: the question first, answerable from the first two lines."""

from slack_sdk.models.blocks import Block, SectionBlock

from contracts.answers import WORD
from contracts.vocabulary import Answer
from escalation.card import CardView, Exchange
from notifications.local_time import local
from notifications.slack import actions
from notifications.slack.layout import SEPARATOR, Button, Rendered, message, paragraph, row, small
from notifications.slack.mrkdwn import bold, line, quoted

_QUESTION, _SENTENCE, _FACT, _SHORT, _SAID = 300, 500, 200, 120, 700
_FACTS, _ALTERNATIVES, _EXCHANGES = 8, 5, 3


def render_card(view: CardView) -> Rendered:
    """The card with its buttons; once there is an outcome, the same card with it and without buttons."""
    parts = _closed(view) if view.outcome else _open(view)
    return message(_spoken(view), parts)


def _spoken(view: CardView) -> str:
    """What a lock screen shows."""
    question = line(view.question, _QUESTION)
    return f"{question} {line(view.outcome or _deadline(view), _SENTENCE)}".strip()


def _open(view: CardView) -> list[Block | None]:
    return [
        paragraph(_headline(view), line(view.yours or view.recommendation, _SENTENCE)),
        paragraph(*_told(_why_you(view))),
        paragraph(*_told(_background(view))),
        *(_exchange(exchange) for exchange in view.exchanges[-_EXCHANGES:]),
        small(
            line(view.progress, _FACT),
            line(view.cost, _SHORT),
            line(view.task, _SHORT),
            f"asked by {line(view.asked_by, _SHORT)}",
        ),
        row(buttons(view)),
    ]


def _closed(view: CardView) -> list[Block | None]:
    return [
        paragraph(bold(view.question, _QUESTION), line(view.outcome or "", _SENTENCE)),
        *(_exchange(exchange) for exchange in view.exchanges[-_EXCHANGES:]),
        small(_list(view.facts, _FACTS)),
        small(line(view.task, _SHORT), f"asked by {line(view.asked_by, _SHORT)}"),
    ]


def _headline(view: CardView) -> str:
    deadline = _deadline(view)
    return SEPARATOR.join(part for part in (bold(view.question, _QUESTION), deadline) if part)


def _deadline(view: CardView) -> str:
    if view.clock_stopped:
        return "waiting for an answer, the clock is stopped"
    return f"decide by {local(view.due_at, view.timezone)}" if view.due_at else ""


_Labelled = tuple[tuple[str, str], ...]


def _why_you(view: CardView) -> _Labelled:
    silence = "" if view.clock_stopped or view.yours else line(view.silence, _SENTENCE)
    return (("Why you", line(view.why_you, _SENTENCE)), ("If you do nothing", silence))


def _background(view: CardView) -> _Labelled:
    return (
        ("Changed", _list(view.changed, _FACTS)),
        ("State", _list(view.facts, _FACTS)),
        ("Tried", line(view.tried, _SENTENCE)),
        ("Moves", line(view.moves or "", _SENTENCE)),
        ("Also possible", _list(view.alternatives, _ALTERNATIVES)),
    )


def _told(labelled: _Labelled) -> list[str]:
    return [f"*{label}:* {words}" for label, words in labelled if words]


def _list(items: tuple[str, ...], most: int) -> str:
    shown = [line(item, _FACT) for item in items[:most]]
    left = len(items) - most
    return SEPARATOR.join([*shown, f"… {left} more on the Why page"] if left > 0 else shown)


def _exchange(exchange: Exchange) -> SectionBlock | None:
    asked = f"*{line(exchange.asked_by, _SHORT)} asked:*"
    answer = quoted(exchange.answer, _SAID) if exchange.answer else ""
    return paragraph(asked, quoted(exchange.question, _SAID), "*Answer:*" if answer else "", answer)


def buttons(view: CardView) -> list[Button]:
    """What is answered most often; the rest stands under More."""
    value = actions.of_decision(view.number, view.proposal_digest)
    yes, no = view.labels
    able: tuple[tuple[Answer, Button], ...] = (
        (Answer.APPROVE, Button(yes, actions.APPROVE, value, "primary")),
        (Answer.REJECT, Button(no, actions.REJECT, value, "danger")),
        (Answer.CHANGE, Button(WORD[Answer.CHANGE].label, actions.CHANGE, value)),
        (Answer.ASK, Button(WORD[Answer.ASK].label, actions.ASK, value)),
    )
    return [*(button for answer, button in able if answer in view.answers), Button("More", actions.MORE, value)]


def render_reminder(view: CardView) -> Rendered:
    """A short line in the card's thread; the card itself has the buttons."""
    question = line(view.question, _QUESTION)
    if view.outcome:
        words = f"{question} {line(view.outcome, _SENTENCE)}"
        return message(words, [paragraph(words)])
    deadline = f" Decide by {local(view.due_at, view.timezone)}." if view.due_at else ""
    words = f"Still waiting for you: {question}{deadline}"
    return message(words, [paragraph(words)])


def render_question(view: CardView, ordinal: int) -> Rendered:
    """What an approver asked back, in the requester's DM; `ordinal` counts the decision's questions from 1."""
    exchange = view.exchanges[ordinal - 1]
    asker = line(exchange.asked_by, _SHORT)
    about = small(line(view.task, _SHORT), line(view.question, _QUESTION))
    parts = [paragraph(f"*{asker} asks you:*", quoted(exchange.question, _SAID)), about, *_answering(view, exchange)]
    return message(f"{asker} asks: {line(exchange.question, _SENTENCE)}", parts)


def _answering(view: CardView, exchange: Exchange) -> list[Block | None]:
    if exchange.answer:
        return [paragraph("*You answered:*", quoted(exchange.answer, _SAID))]
    if view.outcome:
        return [paragraph(line(view.outcome, _SENTENCE))]
    value = actions.of_decision(view.number, view.proposal_digest)
    return [row([Button("Answer", actions.ANSWER, value, "primary")])]
