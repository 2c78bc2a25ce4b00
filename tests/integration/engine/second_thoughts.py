"""Somebody changes what they have asked for, as a surface brings it."""

from typing import Any

from engine.request_changes import Wanted, change_request, seen_as
from escalation.decisions import Outcome
from tests.builders import House


def rethink(office: House, task: int, person: str = "", *, saw: str | None = None, **fields: Any) -> Outcome:
    """Change these fields of a request (its requester does, unless said otherwise) in a transaction of its own."""
    row = office.task(task)
    wanted = Wanted(
        task,
        person or row.requester,
        "slack",
        {**row.request, **fields},
        saw if saw is not None else seen_as(row.request),
        "my mistake",
    )
    with office.deployment.database.transaction(office.company) as unit:
        return change_request(office.deployment, unit, wanted)
