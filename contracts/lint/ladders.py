"""Warns of ladders at whose end nobody stands."""

from collections.abc import Iterator

from contracts.checker.workers import OWNER, is_human
from contracts.loaded import Business
from contracts.mistakes import Mistake


def ladders_without_people(business: Business) -> Iterator[Mistake]:
    """Workers whose escalation ends with another worker: when that one fails too, no human hears of it."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            last = len(worker.escalates) - 1
            if not is_human(worker.escalates[last]):
                message = f"the ladder of {name} ends with {worker.escalates[last]}, who is no human"
                at = ("workers", name, "escalates", last)
                yield loaded.page.mistake(at, message, f"End it with {OWNER}, group:NAME or person:NAME.")
