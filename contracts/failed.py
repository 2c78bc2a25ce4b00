"""A failure as the ladder reads it: its class, its case, its cause and one sentence."""

from dataclasses import dataclass

from contracts.vocabulary import FailureClass, Otherwise


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an attempt failed. `cause` names what is broken (a system, a rule), the same for every task it breaks.

    `case` is what kind of trouble it is ("" when it has no name), `status` the number that the other side gave (0 for
    none), `system` the outside system that was being called ("" for none). `otherwise` says where it leads, when the
    contract says so; else its class does. With `nothing_done` the call is known to have changed nothing.
    """

    kind: FailureClass
    cause: str
    sentence: str
    retry_after_s: float | None = None
    case: str = ""
    status: int = 0
    system: str = ""
    otherwise: Otherwise | None = None
    nothing_done: bool = False
