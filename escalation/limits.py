"""How much somebody may approve by themselves; whoever sits on another's seat is bound by both limits."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row

from escalation.approvers import behind
from escalation.seats import seat_of
from storage.database import Unit
from storage.directory import Person


def exceeded(unit: Unit, row: Row[Any], who: Person, args: Mapping[str, Any]) -> str | None:
    """The limit, as people write it, that these arguments are above for this person; None when they are within."""
    declared = row.terms.get("limits") or ()
    bound: Iterable[str] = dict.fromkeys((who.id, seat_of(row, who.id)))
    found = (_above(unit, row, one, declared, args) for one in bound if declared)
    return next((limit for limit in found if limit is not None), None)


def _above(
    unit: Unit, row: Row[Any], person: str, declared: Iterable[Mapping[str, Any]], args: Mapping[str, Any]
) -> str | None:
    """A person with several limits on one argument has the highest of them."""
    highest: dict[str, Mapping[str, Any]] = {}
    for limit in declared:
        if person in {one.id for one in behind(unit, limit["who"], requester=row.requester)}:
            before = highest.get(limit["of"])
            highest[limit["of"]] = limit if before is None or limit["at_most"] > before["at_most"] else before
    over = (limit for limit in highest.values() if _is_over(args.get(limit["of"]), limit["at_most"]))
    return next((str(limit["shown"]) for limit in over), None)


def _is_over(value: Any, at_most: int) -> bool:
    """What is no number can't be shown to be within a limit."""
    return not isinstance(value, int | float) or isinstance(value, bool) or value > at_most
