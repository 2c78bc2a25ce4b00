"""What a person may answer to a decision, what each answer needs and what comes of it: one table for every surface."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import OPEN_DECISIONS, Answer, DecisionKind, DecisionState


class OutcomeKind(StrEnum):
    """What became of an answer."""

    DECIDED = "decided"
    COUNTED = "counted"
    CHANGED_IT = "changed_it"
    SENT_BACK = "sent_back"
    ASKED = "asked"
    HANDED_OVER = "handed_over"
    SNOOZED = "snoozed"
    ALREADY = "already"
    NOT_ENTITLED = "not_entitled"
    NOT_OFFERED = "not_offered"
    OWN_REQUEST = "own_request"
    ABOVE_LIMIT = "above_limit"
    AGAINST_RULES = "against_rules"
    INCOMPLETE = "incomplete"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REPORTED = "reported"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    BUSY = "busy"
    STOPPING = "stopping"
    CHANGING = "changing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """One answer as people meet it: its label, what it needs beside it, what it does, and how plain words say it."""

    answer: Answer
    label: str
    needs: str
    does: str
    said: tuple[str, ...]


WORDS: tuple[Word, ...] = (
    Word(
        Answer.APPROVE,
        "Approve",
        "nothing; a reason if you like",
        "Counts as your yes to exactly what the card shows. The yes that completes the quorum decides.",
        ("approve", "ok", "looks good to me"),
    ),
    Word(
        Answer.CHANGE,
        "Approve with changes",
        "the new values and a reason",
        "Ends this card and opens another with your values, held against the contract's rules and your own limit. "
        "It is your yes there; whoever else must agree is asked again.",
        ("approved but only 300",),
    ),
    Word(
        Answer.REJECT,
        "Reject",
        "a reason",
        "One no decides: nothing is carried out, and the requester reads your reason.",
        ("reject", "no, because …"),
    ),
    Word(
        Answer.REVISE,
        "Send back",
        "what should be otherwise",
        "The worker takes the step again with your reason before it; what it then proposes is asked anew.",
        ("redo it: …", "needs work: …"),
    ),
    Word(
        Answer.ASK,
        "Ask back",
        "a question",
        "Your question goes to the requester, and the clock stops until they answer, at most a day.",
        ("a question, ending with ?",),
    ),
    Word(
        Answer.HAND_OVER,
        "Hand over",
        "a person",
        "Your seat goes to somebody else who may decide this, or to your manager or substitute. You don't decide it any more.",
        ("ask Mei", "hand over to Mei"),
    ),
    Word(
        Answer.SNOOZE,
        "Remind me later",
        "a time before the deadline",
        "You are reminded then and not before. The deadline stays.",
        ("remind me in 2 hours", "tomorrow", "later"),
    ),
)
WORD: Mapping[Answer, Word] = {word.answer: word for word in WORDS}
TAKEN = frozenset(
    {
        OutcomeKind.DECIDED,
        OutcomeKind.COUNTED,
        OutcomeKind.CHANGED_IT,
        OutcomeKind.SENT_BACK,
        OutcomeKind.ASKED,
        OutcomeKind.HANDED_OVER,
        OutcomeKind.SNOOZED,
    }
)
"""What becomes of an answer that has moved something; anything else says why it has not."""
VOTES = frozenset({Answer.APPROVE, Answer.REJECT})
"""The answers that are written down as votes on the decision itself; a change is a vote on its successor."""

_OF_PROPOSALS = frozenset({Answer.CHANGE, Answer.REVISE})


def offered(kind: DecisionKind, answer: Answer) -> bool:
    """Whether a decision of that kind takes the answer at all: only a proposal can be changed or sent back."""
    return kind is DecisionKind.APPROVAL or answer not in _OF_PROPOSALS


@dataclass(frozen=True, slots=True)
class Cell:
    """What comes of an answer by somebody entitled: the outcome and the state of the decision after it.

    `short` is the outcome of a yes that does not complete the quorum, which leaves the state as it was.
    """

    outcome: OutcomeKind
    becomes: DecisionState
    short: OutcomeKind | None = None


_OPEN, _ASKED = DecisionState.OPEN, DecisionState.ASKED_BACK
_IN_BOTH: Mapping[Answer, Cell] = {
    Answer.APPROVE: Cell(OutcomeKind.DECIDED, DecisionState.APPROVED, short=OutcomeKind.COUNTED),
    Answer.CHANGE: Cell(OutcomeKind.CHANGED_IT, DecisionState.CHANGED),
    Answer.REJECT: Cell(OutcomeKind.DECIDED, DecisionState.REJECTED),
    Answer.REVISE: Cell(OutcomeKind.SENT_BACK, DecisionState.REVISED),
}
_BY_STATE: Mapping[DecisionState, Mapping[Answer, Cell]] = {
    _OPEN: {
        **_IN_BOTH,
        Answer.ASK: Cell(OutcomeKind.ASKED, _ASKED),
        Answer.HAND_OVER: Cell(OutcomeKind.HANDED_OVER, _OPEN),
        Answer.SNOOZE: Cell(OutcomeKind.SNOOZED, _OPEN),
    },
    _ASKED: {
        **_IN_BOTH,
        Answer.ASK: Cell(OutcomeKind.ALREADY, _ASKED),
        Answer.HAND_OVER: Cell(OutcomeKind.HANDED_OVER, _ASKED),
        Answer.SNOOZE: Cell(OutcomeKind.ALREADY, _ASKED),
    },
}


def cell(kind: DecisionKind, state: DecisionState, answer: Answer) -> Cell:
    """What comes of an answer in a state; what has ended says who decided it and stays as it is."""
    if state not in OPEN_DECISIONS:
        return Cell(OutcomeKind.ALREADY, state)
    if not offered(kind, answer):
        return Cell(OutcomeKind.NOT_OFFERED, state)
    return _BY_STATE[state][answer]


def words_table() -> str:
    """The answers as Markdown, for docs/decisions-and-approvals.md."""
    head = [
        "| answer | needs | what it does | in plain words, such as |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| **{one.label}** | {one.needs} | {one.does} | {', '.join(f'`{said}`' for said in one.said)} |"
        for one in WORDS
    ]
    return "\n".join([*head, *rows]) + "\n"


def cells_table() -> str:
    """The table of state x answer x outcome as Markdown, for docs/decisions-and-approvals.md."""
    head = f"| the decision is | {' | '.join(one.label for one in WORDS)} |"
    rule = "|---" * (len(WORDS) + 1) + "|"
    rows = [
        f"| {_words(state)} | {' | '.join(_shown(state, one.answer) for one in WORDS)} |" for state in DecisionState
    ]
    return "\n".join([head, rule, *rows]) + "\n"


def _shown(state: DecisionState, answer: Answer) -> str:
    found = cell(DecisionKind.APPROVAL, state, answer)
    if found.outcome is OutcomeKind.ALREADY:
        return "told what is so" if state not in OPEN_DECISIONS else "told that the clock stands"
    first = f"{_words(found.short)}, or at the last yes " if found.short else ""
    return f"{first}{_words(found.outcome)} → {_words(found.becomes)}"


def _words(word: StrEnum) -> str:
    return word.replace("_", " ")
