"""Checks that the field by which requests say when they are needed is one, and an instant."""

from collections.abc import Iterator

from contracts.contract import Lane
from contracts.facts import FactSchema
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, suggestion

_INSTANT = "Mark the field Instant() in models.py, as UTC epoch seconds."


def deadline_mistakes(lane: Lane, page: Page, schema: FactSchema) -> Iterator[Mistake]:
    """What `needed_by` names."""
    request = schema.at("request")
    if lane.needed_by is None or request is None:
        return
    found = request.fields.get(lane.needed_by)
    if found is None:
        hint = suggestion(lane.needed_by, list(request.fields))
        yield page.mistake(("needed_by",), f"the request has no field {lane.needed_by}", hint)
    elif found.unit != "instant":
        yield page.mistake(("needed_by",), f"request.{lane.needed_by} is no instant", _INSTANT)
