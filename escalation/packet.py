"""What a peer is given when a worker could not: everything it needs, or the packet is refused."""

from dataclasses import asdict, dataclass, fields

LONGEST = 2000


class IncompletePacket(ValueError):
    """A part of the packet is empty or too long; the message names it."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A delegation packet: the exact subproblem, what is known, what was tried, what is wanted, when it is done.

    `rights` and `originator` say under which rights the peer works and who takes over if it fails too. Raises
    IncompletePacket.
    """

    subproblem: str
    context: str
    tried: str
    desired_output: str
    success_condition: str
    rights: str
    originator: str

    def __post_init__(self) -> None:
        for field in fields(self):
            text = getattr(self, field.name)
            if not text.strip():
                raise IncompletePacket(f"a packet without its {field.name.replace('_', ' ')} is refused")
            if len(text) > LONGEST:
                raise IncompletePacket(f"the packet's {field.name.replace('_', ' ')} is over {LONGEST} characters")

    def document(self) -> dict[str, str]:
        """The packet as JSON."""
        return asdict(self)
