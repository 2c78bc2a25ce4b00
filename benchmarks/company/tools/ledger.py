"""An outside system that costs nothing: a dictionary."""

from chargehand import Seen, effect, reads


class Ledger:
    """Keeps entries by key in memory."""

    def __init__(self) -> None:
        self._entries: dict[str, int] = {}

    @reads()
    def size(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    @effect("keyed", look="entry", blast="record")
    def enter(self, *, amount: int, key: str) -> dict[str, int]:
        """Enter an amount; the same key twice is one entry."""
        self._entries[key] = amount
        return {"amount": amount}

    def entry(self, *, amount: int, key: str) -> Seen | None:
        """The entry of a key."""
        found = self._entries.get(key)
        return None if found is None else Seen(reference=key, args={"amount": found}, at=0)
