"""What workers and tools raise when they can't do their work: one class for each way in which it goes on."""

from typing import ClassVar

from contracts.vocabulary import FailureCase, FailureClass


class Failure(Exception):
    """A step could not do its work; `str()` is one sentence that a manager understands.

    `cause` names what is broken, the same for every task that it breaks; `case` what kind of trouble it is, such as
    `duplicate_slug`: a word of contracts.vocabulary.FailureCase, or one that the lane's tactics ask for. `nothing_done` says
    of an effect that this call is known to have changed nothing, and that nothing of it is on its way: it was not sent.
    """

    kind: ClassVar[FailureClass]

    def __init__(
        self,
        sentence: str,
        *,
        cause: str | None = None,
        retry_after_s: float | None = None,
        case: str | None = None,
        nothing_done: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause
        self.retry_after_s = retry_after_s
        self.case = case
        self.nothing_done = nothing_done


class Transient(Failure):
    """The same call may succeed later: an outage, a lock, a rate limit."""

    kind = FailureClass.TRANSIENT


class Deterministic(Failure):
    """The same call will fail again unchanged: a missing record, an invalid state."""

    kind = FailureClass.DETERMINISTIC


class Changed(Deterministic):
    """The world is not what was read any more: somebody has changed it meanwhile, and their change stands.

    An effect that respects a version raises it, and has changed nothing. It is read again and proposed anew.
    """

    def __init__(self, sentence: str, *, cause: str | None = None) -> None:
        super().__init__(sentence, cause=cause, case=FailureCase.CHANGED, nothing_done=True)


class Judgment(Failure):
    """The worker can't tell what is right with what it has."""

    kind = FailureClass.JUDGMENT


class Governance(Failure):
    """The worker must not do this."""

    kind = FailureClass.GOVERNANCE
