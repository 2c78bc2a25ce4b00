"""A coordinator's desk: there is nothing on it but paper for notes, and whatever else it reaches for is refused and kept."""

from dataclasses import dataclass
from typing import Any

from contracts.authoring import Governance
from contracts.rights import RIGHTS
from engine.desk import MOST_REFUSED, Kept
from engine.failures import plain


class RoutingDesk:
    """The desk of one placement: no system, no memory and no artifacts hang on it, so that none can be used."""

    def __init__(self, job: str) -> None:
        self._job = job
        self.left = Kept()

    def note(self, sentence: str) -> None:
        """Tell, in one sentence, what was found."""
        self.left.notes.append(plain(sentence))

    def call(self, system: str, name: str, arguments: dict[str, Any]) -> Any:
        """Refuse a call by its name, as a desk is asked from a worker's own process."""
        raise self.refuse(f"{system}.{name}")

    def __getattr__(self, name: str) -> "_Absent":
        if name.startswith("_"):
            raise AttributeError(name)
        return _Absent(self, name)

    def refuse(self, call: str) -> Governance:
        """The refusal of a call, which is kept."""
        told = f"{self._job} coordinates: it has no right to {plain(call)}, only to place what it is given."
        if len(self.left.refused) < MOST_REFUSED:
            self.left.refused.append((plain(call), told))
        return Governance(told, cause=RIGHTS)


@dataclass(frozen=True, slots=True)
class _Absent:
    """What is not on the desk: `desk.shop`, `desk.shop.refund`, `desk.remember`."""

    _desk: RoutingDesk
    _called: str

    def __getattr__(self, name: str) -> "_Absent":
        return _Absent(self._desk, f"{self._called}.{name}")

    def __call__(self, *_: object, **__: object) -> object:
        raise self._desk.refuse(self._called)
