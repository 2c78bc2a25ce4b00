"""A decision as one person reads it in a letter; the question first, then what to answer it from."""

from contracts.canonical import digest
from escalation.card import CardView, Exchange
from notifications.local_time import local
from notifications.mail.page import Door, Fact, Page, Quote, facts_of, in_reply, one_line, subject_of, written_lines
from notifications.page_address import PageAddress

INVITATION = "Answer this mail with approve, reject, or a question. Your first line counts."
ANSWER_INVITATION = "Answer this mail. What you write goes back to who asked."
_FACTS, _ALTERNATIVES, _EXCHANGES = 8, 5, 3


def card_page(view: CardView, address: PageAddress | None = None) -> Page:
    """The card, with the way to its page; once there is an outcome, the outcome."""
    return _closed(view) if view.outcome else _open(view, address)


def news_of(view: CardView) -> str:
    """A digest of what a letter tells for good: a copy can't be edited, so a second letter goes out when this changes.

    Times and whose turn it is are left out (they move all the while), and so is a question that nobody answered yet.
    """
    answers = [[one.question, one.answer] for one in view.exchanges if one.answer]
    fixed = [view.proposal_digest, view.question, view.recommendation, list(view.facts), view.tried]
    return digest([*fixed, list(view.alternatives), answers, view.outcome])


def _open(view: CardView, address: PageAddress | None) -> Page:
    answered = [one for one in view.exchanges if one.answer]
    lead = (_deadline(view), one_line(view.recommendation))
    return Page(
        subject=in_reply(view.question) if answered else subject_of(view.question),
        headline=one_line(view.question),
        lead=tuple(filter(None, lead)),
        facts=_facts(view),
        quotes=_quotes(view),
        small=_small(view),
        door=_door(view, address),
        invitation=INVITATION,
    )


def _door(view: CardView, address: PageAddress | None) -> Door | None:
    return Door("All of it, and every answer, on the page", address.decision(view.number)) if address else None


def _closed(view: CardView) -> Page:
    return Page(
        subject=in_reply(view.question),
        headline=one_line(view.question),
        lead=(one_line(view.outcome or ""),),
        quotes=_quotes(view),
        small=(one_line(view.task), f"asked by {one_line(view.asked_by)}"),
    )


def _facts(view: CardView) -> tuple[Fact, ...]:
    silence = "" if view.clock_stopped else view.silence
    return facts_of(
        ("Why you", (view.why_you,)),
        ("If you do nothing", (silence,)),
        ("Changed", _some(view.changed, _FACTS)),
        ("State", _some(view.facts, _FACTS)),
        ("Tried", (view.tried,)),
        ("Moves", (view.moves or "",)),
        ("Also possible", _some(view.alternatives, _ALTERNATIVES)),
    )


def _some(items: tuple[str, ...], most: int) -> tuple[str, ...]:
    left = len(items) - most
    return (*items[:most], f"… {left} more in `chargehand why`") if left > 0 else items


def _deadline(view: CardView) -> str:
    if view.clock_stopped:
        return "Waiting for an answer; the clock is stopped."
    return f"Decide by {local(view.due_at, view.timezone)}." if view.due_at else ""


def _small(view: CardView) -> tuple[str, ...]:
    told = (view.progress, view.cost, view.task, f"asked by {view.asked_by}")
    return tuple(filter(None, (one_line(one) for one in told)))


def _quotes(view: CardView) -> tuple[Quote, ...]:
    return tuple(quote for one in view.exchanges[-_EXCHANGES:] for quote in _exchange(one, view.asked_by))


def _exchange(exchange: Exchange, requester: str) -> tuple[Quote, ...]:
    asked = Quote(f"{one_line(exchange.asked_by)} asked", written_lines(exchange.question))
    if not exchange.answer:
        return (asked,)
    return (asked, Quote(f"{one_line(requester)} answered", written_lines(exchange.answer)))


def reminder_page(view: CardView, address: PageAddress | None = None) -> Page:
    """A short letter in the card's thread, which can be answered like the card."""
    words = f"Still waiting for you: {one_line(view.question)}"
    return Page(
        subject=in_reply(view.question),
        headline=words,
        lead=tuple(filter(None, (_deadline(view), one_line(view.recommendation)))),
        facts=facts_of(("If you do nothing", (view.silence,))),
        small=_small(view),
        door=_door(view, address),
        invitation=INVITATION,
    )


def question_page(view: CardView, ordinal: int) -> Page:
    """What an approver asked back, for the requester; `ordinal` counts the decision's questions from 1."""
    exchange = view.exchanges[ordinal - 1]
    asker = one_line(exchange.asked_by)
    return Page(
        subject=subject_of(f"{asker} asks: {exchange.question}"),
        headline=f"{asker} asks you",
        lead=("The decision waits for your answer; the clock is stopped.",),
        quotes=(Quote("", written_lines(exchange.question)),),
        small=(one_line(view.question), one_line(view.task)),
        invitation=ANSWER_INVITATION,
    )
