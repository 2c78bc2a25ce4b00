"""What worker authors import; the rest of Chargehand is reached by its own floors' names."""

from contracts.authoring import (
    Desk,
    Deterministic,
    Governance,
    Instant,
    Judgment,
    Money,
    Personal,
    Proposal,
    Seconds,
    Seen,
    Transient,
    effect,
    reads,
    worker,
)

__all__ = [
    "Desk",
    "Deterministic",
    "Governance",
    "Instant",
    "Judgment",
    "Money",
    "Personal",
    "Proposal",
    "Seconds",
    "Seen",
    "Transient",
    "effect",
    "reads",
    "worker",
]
