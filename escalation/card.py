"""What a person is shown before they decide, in words that every surface shares."""

from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import Answer, DecisionKind, DecisionState


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that an approver asked back, and the answer once there is one."""

    asked_by: str
    question: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A decision as one person sees it; every text is a finished sentence or line, in plain text (no markup).

    `outcome` is None while it can be answered; then it says who decided what, when and why. `clock_stopped` is true
    while a question to the requester is open. `labels` are what yes and no mean here, `answers` what this reader may answer now, `changed` what deciders have
    changed before, `progress` whose yes is counted already, `yours` what this reader has done about it so that others decide now. `timezone` is the reader's IANA zone; the instants are aware UTC.
    """

    number: int
    kind: DecisionKind
    state: DecisionState
    task: str
    asked_by: str
    question: str
    recommendation: str
    why_you: str
    silence: str
    facts: tuple[str, ...]
    tried: str
    moves: str | None
    alternatives: tuple[str, ...]
    cost: str
    due_at: datetime | None
    clock_stopped: bool
    exchanges: tuple[Exchange, ...]
    outcome: str | None
    reader: str
    timezone: str
    proposal_digest: str
    evidence: tuple[str, ...]
    verdicts: tuple[str, ...]
    labels: tuple[str, str] = ("Approve", "Reject")
    changed: tuple[str, ...] = ()
    progress: str = ""
    yours: str = ""
    answers: frozenset[Answer] = frozenset()
