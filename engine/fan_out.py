"""The items of a step that is done for each of a list, as far as this shift has come with them."""

from dataclasses import dataclass, field

from contracts.failed import Failed
from storage.items import Item


@dataclass(slots=True)
class FanOut:
    """The items of the step under way in this shift: `at_work` is one of them, `changed` are not committed yet.

    `tried` are those that this pass over the list has taken; `failures` are the latest that may pass by themselves, one
    after the other without a success between.
    """

    items: dict[int, Item]
    at_work: Item | None = None
    changed: dict[int, Item] = field(default_factory=dict)
    tried: set[int] = field(default_factory=set)
    failures: list[Failed] = field(default_factory=list)
