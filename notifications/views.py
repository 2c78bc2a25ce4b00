"""What messages are rendered from: read at the moment of sending, so that an edit shows what is true then."""

from collections.abc import Collection
from typing import Protocol

from engine.incident_view import IncidentView, incident_view
from engine.overview import AllPending, pending
from engine.scorecard.digests import kept
from engine.scorecard.figures import Digest
from engine.telling import TaskView, accepted_view, task_view
from escalation.card import CardView
from escalation.reading import card_view
from storage.database import Unit
from storage.directory import Person


class Views(Protocol):
    """Reads for messages; they raise LookupError when there is no such decision, task, digest or incident."""

    def card(self, unit: Unit, decision: int, reader: str) -> CardView:
        """A decision as `reader` sees it now."""
        ...

    def pending(self, unit: Unit, reader: Person, *, but: Collection[int] = ()) -> AllPending:
        """What waits for `reader` and can be answered now, without the decisions in `but`; the nearest deadline first."""
        ...

    def task(self, unit: Unit, task: int) -> TaskView:
        """A task as its requester sees it now."""
        ...

    def accepted(self, unit: Unit, task: int) -> TaskView:
        """A task as it was accepted, whatever has happened since."""
        ...

    def digest(self, unit: Unit, name: str) -> Digest:
        """A weekly digest as it was made: what is sent is what is on record."""
        ...

    def incident(self, unit: Unit, number: int) -> IncidentView:
        """An incident as whoever answers for it sees it now."""
        ...


class RecordViews:
    """The record's own views."""

    def card(self, unit: Unit, decision: int, reader: str) -> CardView:
        """A decision as `reader` sees it now; raises DecisionNotFound."""
        return card_view(unit, decision, reader)

    def pending(self, unit: Unit, reader: Person, *, but: Collection[int] = ()) -> AllPending:
        """What waits for `reader` and can be answered now."""
        return pending(unit, reader, but=but)

    def task(self, unit: Unit, task: int) -> TaskView:
        """A task as its requester sees it now; raises TaskNotFound."""
        return task_view(unit, task)

    def accepted(self, unit: Unit, task: int) -> TaskView:
        """A task as it was accepted; raises TaskNotFound."""
        return accepted_view(unit, task)

    def digest(self, unit: Unit, name: str) -> Digest:
        """A digest as it was made; raises DigestNotFound."""
        return kept(unit, name)

    def incident(self, unit: Unit, number: int) -> IncidentView:
        """An incident as it stands now; raises IncidentNotFound."""
        return incident_view(unit, number)
