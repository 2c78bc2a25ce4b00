"""What rights leave of an answer and of arguments: the fields that were named, and a refusal of every other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from contracts.authoring import Governance, Operation
from contracts.vocabulary import BlastRadius

RIGHTS = "rights"
"""The cause of every refusal of a call that a worker has no right to."""
LARGE = frozenset(BlastRadius) - {BlastRadius.RECORD}
"""The blast radii that only a worker of tier 3 may cause."""
COORDINATES = 4
"""The tier of those who place work."""
CHANGES_NOTHING = {1: "reads and recommends", COORDINATES: "coordinates"}
"""The tiers that write nothing, and what they do."""


def least_tier(blast: BlastRadius) -> int:
    """The lowest tier that may cause an effect of that blast radius."""
    return 3 if blast in LARGE else 2


def tier_allows(tier: int, operation: Operation) -> bool:
    """Whether a worker of that tier may use an operation at all."""
    if not operation.is_effect:
        return True
    return tier not in CHANGES_NOTHING and tier >= least_tier(operation.blast)


Refusal = Callable[[str], Governance]
"""Makes the refusal of one field, by its name."""


class Narrowed(dict[str, Any]):
    """A record as far as its reader has a right to it; to ask for another field raises Governance."""

    def __init__(self, record: Mapping[str, Any], only: Sequence[str], refusal: Refusal) -> None:
        super().__init__({name: value for name, value in record.items() if name in only})
        self._only, self._refusal = only, refusal

    def __missing__(self, name: str) -> Any:
        if name in self._only:
            raise KeyError(name)
        raise self._refusal(str(name))

    def get(self, name: str, default: Any = None) -> Any:
        """The field, or the default where the record does not have it; raises Governance for one that is not named."""
        return self[name] if name in self or name not in self._only else default


def narrowed(answer: Any, only: Sequence[str], refusal: Refusal) -> Any:
    """What a reader may see of an answer: a record's fields, of each record where there are several."""
    if isinstance(answer, list | tuple):
        return [narrowed(one, only, refusal) for one in answer]
    if isinstance(answer, Mapping):
        return Narrowed(answer, only, refusal)
    if answer is None:
        return None
    raise refusal("an answer that is no record")


def set_beyond(args: BaseModel, only: Sequence[str]) -> list[str]:
    """The arguments that were given another value than their default without being named."""
    fields = type(args).model_fields
    return [name for name, field in fields.items() if name not in only and getattr(args, name) != field.default]
