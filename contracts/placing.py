"""What a coordinator is given and what it gives: work to be placed, who may take it, who may not and why, and its choice."""

from dataclasses import dataclass

from contracts.packet import Packet

PACKET, PLACEMENT = "packet", "placement"
"""What a coordinator takes and what it gives, as its lane file says it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A peer who may take the step: its role, its scope, where it runs, its load and its fitness.

    `load` is how many tasks wait for its runtime or are at work there (the one to be placed is still at work on its own), `in_hand` how many of those are its own. `fitness`
    is the mean of its layers over 30 days, from 0 to 1; None while nothing is known.
    """

    name: str
    job: str
    outcome: str
    scope: str
    runtime: str
    model: str
    usual_cost: str
    load: int
    in_hand: int
    fitness: float | None


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Another worker of the lane, and the sentence that says why it may not take the step."""

    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Routing:
    """What is to be placed: the packet that the peer will be given, and who may take it, the contract's first choice first."""

    packet: Packet
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """A coordinator's choice: the name of one of the candidates, and in one sentence why this one."""

    peer: str
    because: str
