"""The table of known failures: what each is, which class it has, and the sentences in which it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.failed import Failed
from contracts.vocabulary import FailureCase, FailureClass, Otherwise

_C, _T, _D = FailureCase, FailureClass.TRANSIENT, FailureClass.DETERMINISTIC
_J, _G = FailureClass.JUDGMENT, FailureClass.GOVERNANCE


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the table.

    `sentence` says what happened, `ending` how it ended when nothing is tried any more: `{times}` stands for how often
    it was tried again, `{lane}` for the lane that waits. `otherwise` is where a deterministic one leads.
    """

    kind: FailureClass
    sentence: str
    ending: str
    otherwise: Otherwise | None = None


TABLE: Mapping[FailureCase, Known] = {
    _C.PROVIDER_DOWN: Known(
        _T,
        "An outside system is not available.",
        "We retried {times} with backoff and the provider remained unavailable.",
    ),
    _C.TIME_OUT: Known(
        _T,
        "An outside system did not answer in time.",
        "We retried {times} with backoff and no answer came in time.",
    ),
    _C.RATE_LIMIT: Known(
        _T,
        "An outside system asks us to come back later.",
        "We retried {times}, no earlier than we were asked to, and the limit still held.",
    ),
    _C.NETWORK: Known(
        _T,
        "The connection to an outside system broke.",
        "We retried {times} with backoff and the connection kept breaking.",
    ),
    _C.STALE_READ: Known(
        _T,
        "What was read is older than what was written.",
        "We read it again {times} and it stayed behind what was written.",
    ),
    _C.DATABASE: Known(
        _T,
        "An outside database could not be used.",
        "We retried {times} with backoff and the database remained unavailable.",
    ),
    _C.SYSTEM: Known(
        _T,
        "The operating system could not do what the worker asked.",
        "We retried {times} with backoff and it stayed so.",
    ),
    _C.MISSING_FIELD: Known(
        _D, "A required field is missing.", "This was not retried because a required field is missing."
    ),
    _C.INVALID_STATE: Known(
        _D,
        "The record is not in a state that allows this.",
        "This was not retried because the record is not in a state that allows it.",
    ),
    _C.CHANGED: Known(
        _D,
        "The record is not what was read any more.",
        "It was read again and asked for anew, and each time somebody had changed it meanwhile.",
        Otherwise.BLOCKED,
    ),
    _C.DUPLICATE_SLUG: Known(_D, "The name is taken.", "This was not retried because the same name is still taken."),
    _C.ABSENT_IMAGE: Known(
        _D, "There is no image to publish with.", "This was not retried without an image: it stays a draft."
    ),
    _C.NO_VERIFIED_EMAIL: Known(
        _D,
        "There is no verified email.",
        "The lane is blocked on missing verified email data, so downstream {lane} remains paused.",
        Otherwise.BLOCKED,
    ),
    _C.NOT_FOUND: Known(
        _D, "The other side does not have it.", "This was not retried because what is not there can't be found again."
    ),
    _C.UNDELIVERABLE: Known(
        _D, "The address takes no mail.", "This was not retried because the address would refuse it again."
    ),
    _C.REJECTED: Known(
        _D, "The other side did not accept it.", "This was not retried because the same call would be refused again."
    ),
    _C.CONTRACT: Known(
        _D,
        "The worker's answer does not have the promised shape.",
        "This was not retried because the contract was not satisfied.",
    ),
    _C.MEMORY: Known(
        _D, "The worker ran out of memory.", "This was not retried because the same work would need as much again."
    ),
    _C.WORKER: Known(_D, "The worker stopped.", "This was not retried: the same call would fail again."),
    _C.UNSURE: Known(
        _J, "The worker could not tell what is right.", "The worker could not tell what is right with what it has."
    ),
    _C.NEEDS_CONTEXT: Known(_J, "The worker was not told enough.", "The worker could not go on without knowing more."),
    _C.WRONG_LANE: Known(_J, "The work belongs somewhere else.", "The work does not belong to whom it was given."),
    _C.RIGHTS: Known(
        _G,
        "The worker has no right to do this.",
        "The worker is not allowed to do this, so it was stopped.",
    ),
    _C.POLICY: Known(
        _G,
        "A policy does not let a worker do this.",
        "This crosses a policy's edge, so it was stopped and the lane's owner was told.",
    ),
    _C.BUDGET: Known(
        _G, "The budget does not allow this.", "This was stopped before it was spent, because the budget is used up."
    ),
}

UNNAMED: Mapping[FailureClass, str] = {
    _T: "We retried {times} with backoff and it stayed so.",
    _D: "This was not retried: the same call would fail again.",
    _J: "The worker could not tell what is right.",
    _G: "The worker is not allowed to do this, so it was stopped.",
}
"""How a failure without a name ended."""

BY_NAME: Mapping[str, FailureCase] = {
    "TimeoutError": _C.TIME_OUT,
    "TimeoutException": _C.TIME_OUT,
    "Timeout": _C.TIME_OUT,
    "ConnectionError": _C.NETWORK,
    "ClientConnectionError": _C.NETWORK,
    "TransportError": _C.NETWORK,
    "IncompleteRead": _C.NETWORK,
    "gaierror": _C.NETWORK,
    "SMTPServerDisconnected": _C.NETWORK,
    "SSLCertVerificationError": _C.RIGHTS,
    "FileNotFoundError": _C.NOT_FOUND,
    "PermissionError": _C.RIGHTS,
    "UniqueViolation": _C.DUPLICATE_SLUG,
    "IntegrityError": _C.INVALID_STATE,
    "DataError": _C.CONTRACT,
    "ProgrammingError": _C.CONTRACT,
    "OperationalError": _C.DATABASE,
    "InterfaceError": _C.DATABASE,
    "ValidationError": _C.CONTRACT,
    "JSONDecodeError": _C.CONTRACT,
    "UnicodeDecodeError": _C.CONTRACT,
    "MemoryError": _C.MEMORY,
    "OSError": _C.SYSTEM,
}
"""Errors by the name of their class or of one that they descend from, the nearest first."""


@dataclass(frozen=True, slots=True)
class Replies:
    """How the errors of a protocol say which reply they stand for.

    `marks` are names of classes (of them or above them) by which such errors are known, none if any may be; `places` are
    the attributes where the reply stands, `length` its characters, and `cases` what replies mean, by their longest beginning.
    """

    marks: frozenset[str]
    places: Sequence[str]
    length: int
    cases: Mapping[str, FailureCase]

    def case_of(self, reply: str) -> FailureCase | None:
        """What a reply means; None for one that means no failure."""
        beginnings = (reply[:length] for length in range(len(reply), 0, -1))
        return next((self.cases[one] for one in beginnings if one in self.cases), None)


MAIL = Replies(
    frozenset({"SMTPException"}),
    ("smtp_code", "code", "recipients"),
    3,
    {
        "4": _C.PROVIDER_DOWN,
        "45": _C.RATE_LIMIT,
        "454": _C.PROVIDER_DOWN,
        "5": _C.REJECTED,
        "53": _C.RIGHTS,
        "55": _C.UNDELIVERABLE,
        "554": _C.REJECTED,
    },
)
DATABASE = Replies(
    frozenset({"Error", "DBAPIError", "DatabaseError"}),
    ("sqlstate", "pgcode", "orig.sqlstate"),
    5,
    {
        "08": _C.DATABASE,
        "22": _C.CONTRACT,
        "23": _C.INVALID_STATE,
        "23502": _C.MISSING_FIELD,
        "23505": _C.DUPLICATE_SLUG,
        "25006": _C.DATABASE,
        "28": _C.RIGHTS,
        "40": _C.DATABASE,
        "42": _C.CONTRACT,
        "42501": _C.RIGHTS,
        "53": _C.DATABASE,
        "55": _C.DATABASE,
        "57": _C.DATABASE,
        "57014": _C.TIME_OUT,
        "58": _C.DATABASE,
    },
)
WEB = Replies(
    frozenset(),
    ("response.status_code", "response.status", "status_code", "status", "code"),
    3,
    {
        "3": _C.REJECTED,
        "4": _C.REJECTED,
        "401": _C.RIGHTS,
        "402": _C.BUDGET,
        "403": _C.RIGHTS,
        "404": _C.NOT_FOUND,
        "408": _C.TIME_OUT,
        "409": _C.INVALID_STATE,
        "410": _C.NOT_FOUND,
        "412": _C.INVALID_STATE,
        "423": _C.PROVIDER_DOWN,
        "425": _C.PROVIDER_DOWN,
        "429": _C.RATE_LIMIT,
        "451": _C.POLICY,
        "5": _C.PROVIDER_DOWN,
        "501": _C.REJECTED,
        "504": _C.TIME_OUT,
        "505": _C.REJECTED,
    },
)
PROTOCOLS = (MAIL, DATABASE, WEB)
"""In the order in which an error is held against them: what has marks of its own first."""

RETRY_AFTER = ("response.headers", "headers")
"""Where an error keeps the headers in which the other side says when to come back."""


BLOCKED_ON = "The lane is blocked on {cause}, so downstream {lane} remains paused."
"""How one ended that the contract lets wait."""


def known(case: str) -> Known | None:
    """The line of a case; None for one that is not in the table."""
    return TABLE.get(FailureCase(case)) if case in set(FailureCase) else None


def ending(failure: Failed) -> str:
    """How a failure ended, with its places still to be filled."""
    line = known(failure.case)
    if line is not None and line.kind is failure.kind and line.otherwise is failure.otherwise:
        return line.ending
    return BLOCKED_ON if failure.otherwise is Otherwise.BLOCKED else UNNAMED[failure.kind]
