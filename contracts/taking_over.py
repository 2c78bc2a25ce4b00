"""When a worker may take a step over as a peer: a rule on what is known and on the failure, and where its verdicts are kept."""

from contracts.declared import Declared, Examples, JsonLogic, Line

TAKES_OVER = "peer"
"""What the record calls a verdict on whether a peer may take over."""
_SAYS = " takes over "
_PEERS_OF = "/peers"


class Takeover(Declared):
    """When a worker may take a step over from another; a rule that does not hold or can't be evaluated rules it out."""

    rule: JsonLogic
    """JSONLogic on what is known when the step would begin, and on the failure as `error.*`."""
    because: Line
    """What people read when it is ruled out."""
    examples: Examples
    """Facts that prove the rule: with the accepted ones it may take over."""


def rule_of(peer: str, step: str) -> str:
    """What the rule of a peer is called where it is about that step."""
    return f"{peer}{_SAYS}{step}"


def peer_of(rule: str, step: str) -> str:
    """The peer whose rule is called so."""
    return rule.removesuffix(f"{_SAYS}{step}")


def peers_of(step: str) -> str:
    """Where the record keeps what the peers of a step were judged on: beside the facts of the step's own rules."""
    return f"{step}{_PEERS_OF}"


def step_of(place: str) -> str | None:
    """The step whose peers were judged there; None for a step itself."""
    return place.removesuffix(_PEERS_OF) if place.endswith(_PEERS_OF) else None
