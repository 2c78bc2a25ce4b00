"""The closed word lists that code, tables, logs and screens share."""

from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands; `contracts.lifecycle` says how it moves."""

    DRAFTED = "drafted"
    ACCEPTED = "accepted"
    READY = "ready"
    RUNNING = "running"
    VERIFYING = "verifying"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({TaskState.DONE, TaskState.REFUSED, TaskState.FAILED, TaskState.CANCELLED})


class WaitingFor(StrEnum):
    """What a waiting task waits for; each kind has somebody or something that ends it."""

    TIME = "time"
    BLOCKER = "blocker"
    DECISION = "decision"
    CAPABILITY = "capability"


class ItemState(StrEnum):
    """What has become of one item of a step that is done for each of a list."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class EffectState(StrEnum):
    """How far an effect has come; only `verified` counts as having happened."""

    INTENDED = "intended"
    PERFORMED = "performed"
    VERIFIED = "verified"
    DISPROVED = "disproved"
    UNKNOWN = "unknown"


class EffectClass(StrEnum):
    """What may be done when nobody knows whether an effect happened."""

    KEYED = "keyed"
    READABLE = "readable"
    NEITHER = "neither"


class BlastRadius(StrEnum):
    """Whom an effect touches; approval edges belong where it is large."""

    RECORD = "record"
    PUBLIC = "public"
    CUSTOMER = "customer"
    SPENDING = "spending"
    ACCESS = "access"
    COMPLIANCE = "compliance"


class FailureClass(StrEnum):
    """Why an attempt failed, which decides what may be tried next."""

    TRANSIENT = "transient"
    DETERMINISTIC = "deterministic"
    JUDGMENT = "judgment"
    GOVERNANCE = "governance"


class FailureCase(StrEnum):
    """What went wrong, as far as it has a name; `contracts.known_failures` says the class and the sentences of each."""

    PROVIDER_DOWN = "provider_down"
    TIME_OUT = "time_out"
    RATE_LIMIT = "rate_limit"
    NETWORK = "network"
    STALE_READ = "stale_read"
    DATABASE = "database"
    SYSTEM = "system"
    MISSING_FIELD = "missing_field"
    INVALID_STATE = "invalid_state"
    CHANGED = "changed"
    DUPLICATE_SLUG = "duplicate_slug"
    ABSENT_IMAGE = "absent_image"
    NO_VERIFIED_EMAIL = "no_verified_email"
    NOT_FOUND = "not_found"
    UNDELIVERABLE = "undeliverable"
    REJECTED = "rejected"
    CONTRACT = "contract"
    MEMORY = "memory"
    WORKER = "worker"
    UNSURE = "unsure"
    NEEDS_CONTEXT = "needs_context"
    WRONG_LANE = "wrong_lane"
    RIGHTS = "rights"
    POLICY = "policy"
    BUDGET = "budget"


class DecisionKind(StrEnum):
    """Why a human is asked."""

    APPROVAL = "approval"
    ESCALATION = "escalation"
    CLARIFICATION = "clarification"
    GATE = "gate"


OF_BLOCKERS = frozenset({DecisionKind.ESCALATION, DecisionKind.GATE})
"""Decisions that stand for a blocker: they stay asked until somebody answers or what was missing is there."""


class DecisionState(StrEnum):
    """Whether a decision can still be answered."""

    OPEN = "open"
    ASKED_BACK = "asked_back"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    REVISED = "revised"


OPEN_DECISIONS = frozenset({DecisionState.OPEN, DecisionState.ASKED_BACK})


class Answer(StrEnum):
    """What a person may say to a decision."""

    APPROVE = "approve"
    CHANGE = "change"
    REJECT = "reject"
    REVISE = "revise"
    ASK = "ask"
    HAND_OVER = "hand_over"
    SNOOZE = "snooze"


class MoveKind(StrEnum):
    """What is done on a rung of the ladder."""

    RETRY = "retry"
    PUT_OFF = "put_off"
    AMEND = "amend"
    OTHER_TOOL = "other_tool"
    REDUCED_SCOPE = "reduced_scope"
    OTHER_RUNTIME = "other_runtime"
    PEER = "peer"
    HUMAN = "human"
    REFUSE = "refuse"
    STOP = "stop"


TACTICS = frozenset({MoveKind.AMEND, MoveKind.OTHER_TOOL, MoveKind.REDUCED_SCOPE})
TO_PEERS = frozenset({MoveKind.OTHER_RUNTIME, MoveKind.PEER})


class AbsenceSource(StrEnum):
    """Who says that somebody is away: they themselves, their out-of-office letter, or their calendar."""

    PERSON = "person"
    LETTER = "letter"
    CALENDAR = "calendar"


class Rung(StrEnum):
    """How far up the ladder a task has climbed."""

    SELF = "self"
    PEER = "peer"
    HUMAN = "human"


class Standing(StrEnum):
    """Whether a worker gets work."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    NARROWED = "narrowed"
    PAUSED = "paused"
    RETIRED = "retired"


class Otherwise(StrEnum):
    """What becomes of a task whose requirement does not hold."""

    REFUSED = "refused"
    BLOCKED = "blocked"


class OutboxState(StrEnum):
    """How far a message has come; `unknown` means that nobody knows whether it arrived."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class CauseClass(StrEnum):
    """Why a result was wrong, as whoever closes its incident says."""

    REASONING = "reasoning"
    RIGHTS = "rights"
    STALE_FACTS = "stale_facts"
    MISSING_APPROVAL = "missing_approval"
    CONTRACT = "contract"
    TOOL = "tool"
    DATA = "data"


class Message(StrEnum):
    """What an outbox row tells; how it looks is the renderer's business."""

    TASK = "task"
    RESULT = "result"
    CARD = "card"
    REMINDER = "reminder"
    QUESTION = "question"
    NOTICE = "notice"
    DIGEST = "digest"
    INCIDENT = "incident"


class Became(StrEnum):
    """What a delivery turned into."""

    TASK = "task"
    DECISION = "decision"
    ANSWER = "answer"
    QUARANTINE = "quarantine"
    IGNORED = "ignored"


class BeliefKind(StrEnum):
    """What a short note on the memory pad is."""

    DECISION = "decision"
    CONSTRAINT = "constraint"
    PREFERENCE = "preference"
    OBSERVATION = "observation"


class Heard(StrEnum):
    """What was heard of a subject beside the work on it: it wants no contact, wants it again, or something was wrong."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    CORRECTED = "corrected"
