"""Warns of work that is never done, never read or never proven."""

from collections.abc import Iterator

from contracts.checker.workers import DESK, steps_of
from contracts.loaded import Business
from contracts.mistakes import Mistake


def idle_workers(business: Business) -> Iterator[Mistake]:
    """Workers who do no step."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            if worker.coordinates is None and not steps_of(loaded.lane, name):
                hint = "Name it as a step's worker or peer, or delete it."
                yield loaded.page.mistake(("workers", name), f"{name} does no step", hint, key=True)


def unread_inputs(business: Business) -> Iterator[Mistake]:
    """Fields that a worker takes and none of its functions is given."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            steps = steps_of(loaded.lane, name)
            given = {source for step in steps for source in loaded.arguments[step.name].values()} - {DESK}
            for index, field in enumerate(worker.takes):
                if steps and not given & {field, f"state.{field}"}:
                    message = f"{name} takes {field}, which none of its functions is given"
                    yield loaded.page.mistake(("workers", name, "takes", index), message, "Take it away.")


def unproven_work(business: Business) -> Iterator[Mistake]:
    """Workers who leave nothing: unsaved work is invisible work."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            if worker.coordinates is None and not worker.evidence:
                hint = "Let its step keep an artifact, and name it in both."
                at = ("workers", name, "evidence")
                yield loaded.page.mistake(at, f"{name} leaves nothing that proves its work", hint, key=True)
