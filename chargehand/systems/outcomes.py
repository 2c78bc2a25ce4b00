"""Puts what a mail server or Slack said into the failures of the house: what passes, what never will, what is no right."""

from contracts.authoring import Deterministic, Governance, Transient
from contracts.known_failures import TABLE
from contracts.vocabulary import FailureCase, FailureClass


def failure(
    case: FailureCase,
    *,
    system: str,
    operation: str,
    said: str,
    after_s: float | None = None,
    nothing_done: bool = False,
) -> Transient | Deterministic | Governance:
    """The failure of a case, by its class in the table of known failures; `said` is the short word of the other side.

    One that passes names the system as its cause, so that an outage is one for all lanes; `after_s` is when to come back.
    `nothing_done` says that the call is known to have changed nothing.
    """
    line = TABLE[case]
    told = f"{line.sentence.removesuffix('.')} ({said})."
    if line.kind is FailureClass.TRANSIENT:
        return Transient(told, cause=system, retry_after_s=after_s, case=case, nothing_done=nothing_done)
    kind = Governance if line.kind is FailureClass.GOVERNANCE else Deterministic
    return kind(told, cause=operation, case=case, nothing_done=nothing_done)
