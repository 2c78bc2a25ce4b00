"""The items of a step that is done for each of a list, as far as this shift has come with them."""

from dataclasses import dataclass, field

from contracts.failed import Failed
from storage.items import Item


@dataclass(slots=True)
class FanOut:
    """The items of the step under way in this shift: `at_work` is one of them, `changed` are not committed yet.

    `tried` are those that this pass over the list has taken; `failures` are the latest that may pass by themselves, one
    after the other without a success between, and `why_waiting` is that of each item that still waits, the latest last.
    """

    items: dict[int, Item]
    at_work: Item | None = None
    changed: dict[int, Item] = field(default_factory=dict)
    tried: set[int] = field(default_factory=set)
    failures: list[Failed] = field(default_factory=list)
    why_waiting: dict[int, Failed] = field(default_factory=dict)

    def fails(self, ordinal: int, failure: Failed) -> None:
        """An item has failed in a way that may pass by itself."""
        self.failures.append(failure)
        self.why_waiting.pop(ordinal, None)
        self.why_waiting[ordinal] = failure

    def ends(self, ordinal: int) -> None:
        """An item has come out, well or not: it waits no more, and the row of failures is over."""
        self.failures.clear()
        self.why_waiting.pop(ordinal, None)

    def begin_pass(self) -> None:
        """Nothing of the list was tried yet."""
        self.tried.clear()
        self.failures.clear()
        self.why_waiting.clear()
