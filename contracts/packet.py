"""What a peer is given when a worker could not: everything it needs, or the packet is refused."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

LONGEST = 2000
MOST_NAMES = 50


class IncompletePacket(ValueError):
    """A part of the packet is empty or too long; the message names it."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A delegation packet: the exact subproblem, what is known, what was tried, what is wanted, when it is done.

    `rights` and `limits` say under which rights and for how much the peer works, `originator` who answers for the outcome,
    `deadline` how long it has, and `on_failure` who takes over if it fails too or says nothing. `may_read` names the fields of the lane's state and `artifacts` the
    saved outputs that it is given; both may be none. Raises IncompletePacket.
    """

    subproblem: str
    context: str
    tried: str
    desired_output: str
    success_condition: str
    rights: str
    limits: str
    originator: str
    deadline: str
    on_failure: str
    may_read: Sequence[str] = ()
    artifacts: Sequence[str] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            said, name = getattr(self, field.name), field.name.replace("_", " ")
            if not isinstance(said, str):
                _refuse_many(name, said)
            elif not said.strip():
                raise IncompletePacket(f"a packet without its {name} is refused")
            elif len(said) > LONGEST:
                raise IncompletePacket(f"the packet's {name} is over {LONGEST} characters")

    def document(self) -> dict[str, object]:
        """The packet as JSON."""
        return {name: said if isinstance(said, str) else list(said) for name, said in asdict(self).items()}


def _refuse_many(name: str, said: Sequence[str]) -> None:
    if len(said) > MOST_NAMES:
        raise IncompletePacket(f"the packet's {name} names more than {MOST_NAMES}")


def capped(text: str, longest: int = LONGEST) -> str:
    """A part as a packet takes it: cut where it would be too long, and it shows."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
