"""A failure as the ladder reads it: its class, its cause and one sentence."""

from dataclasses import dataclass

from contracts.vocabulary import FailureClass


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an attempt failed. `cause` names what is broken (a system, a rule), the same for every task it breaks."""

    kind: FailureClass
    cause: str
    sentence: str
    retry_after_s: float | None = None
