"""What the pages tell of a decision: the lines of the card, all of them, in the order in which they are read."""

from dataclasses import dataclass

from contracts.wording import first_large
from engine.overview import Alike, Overview
from escalation.card import CardView
from notifications.local_time import local
from notifications.mail.page import Fact

_FAR = "9999"


@dataclass(frozen=True, slots=True)
class Group:
    """Decisions of one edge of one lane, the one with the nearest deadline first; `together` of them take one answer."""

    lane: str
    edge: str
    title: str
    cards: tuple[CardView, ...]
    together: int


def facts_of(card: CardView) -> tuple[Fact, ...]:
    """What to answer from; what has nothing to say is left out."""
    silence = "" if card.outcome or card.clock_stopped or card.yours else card.silence
    return _told(
        ("Why you", (card.why_you,)),
        ("If you do nothing", (silence,)),
        ("Changed", card.changed),
        ("State", card.facts),
        ("Tried", (card.tried,)),
        ("Moves", (card.moves or "",)),
        ("Also possible", card.alternatives),
    )


def behind(card: CardView) -> tuple[Fact, ...]:
    """What stands behind it: the rules with what they read, the evidence, and what an answer is bound to."""
    proposal = (f"sha256 {card.proposal_digest[:16]}…",)
    return _told(("Rules", card.verdicts), ("Evidence", card.evidence), ("Exact proposal", proposal))


def _told(*labelled: tuple[str, tuple[str, ...]]) -> tuple[Fact, ...]:
    found = ((label, tuple(filter(None, lines))) for label, lines in labelled)
    return tuple(Fact(label, lines) for label, lines in found if lines)


def deadline(card: CardView) -> str:
    """By when, in the reader's time."""
    if card.clock_stopped:
        return "Waiting for an answer; the clock is stopped"
    return f"Decide by {local(card.due_at, card.timezone)}" if card.due_at else ""


def groups_of(view: Overview) -> tuple[Group, ...]:
    """What waits, the nearest deadline first."""
    return tuple(sorted((_group(one) for one in view.waiting), key=lambda group: _due(group.cards[0])))


def _group(alike: Alike) -> Group:
    cards = tuple(sorted(alike.cards, key=_due))
    return Group(alike.lane, alike.edge, first_large(alike.edge), cards, alike.together)


def _due(card: CardView) -> tuple[str, int]:
    """What has no clock running comes last."""
    running = card.due_at is not None and not card.clock_stopped
    return (card.due_at.isoformat() if card.due_at and running else _FAR, card.number)
