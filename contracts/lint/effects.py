"""Warns of effects that nothing verifies, that two workers share, or that nobody ever causes."""

from collections.abc import Iterator

from contracts.checker.workers import doers, steps_of
from contracts.loaded import Business, LoadedLane
from contracts.mistakes import Mistake


def unverified_effects(business: Business) -> Iterator[Mistake]:
    """Effects without a look: whether they happened is never known, only believed."""
    for loaded, worker, index, effect in _writes(business):
        if effect in loaded.effects and loaded.effects[effect].operation.look is None:
            message = f"nothing verifies {effect}: after a crash nobody knows whether it happened"
            hint = "Give the tool's method a look, and declare it keyed or readable."
            yield loaded.page.mistake(("workers", worker, "writes", index), message, hint)


def unverified_undos(business: Business) -> Iterator[Mistake]:
    """Undos without a look: whether something was taken back is never known, and is not tried again."""
    for loaded in business.lanes.values():
        for index, step in enumerate(loaded.lane.steps):
            if step.undo is not None and loaded.effects[step.undo.by].operation.look is None:
                message = f"nothing verifies {step.undo.by}: in doubt nobody knows whether {step.name} was taken back"
                hint = "Give the tool's method a look, and declare it keyed or readable."
                yield loaded.page.mistake(("steps", index, "undo", "by"), message, hint)


def shared_writes(business: Business) -> Iterator[Mistake]:
    """Two workers who change the same thing, and are not each other's peer."""
    first: dict[str, tuple[LoadedLane, str]] = {}
    for loaded, worker, index, effect in _writes(business):
        other, before = first.setdefault(effect, (loaded, worker))
        if (other, before) == (loaded, worker) or (other is loaded and _are_peers(loaded, before, worker)):
            continue
        whose = before if other is loaded else f"{before} of {other.lane.lane}"
        message = f"{effect} is written by {whose} too, so that neither knows what the other did"
        hint = "Let one of them own it, and the other ask for it."
        yield loaded.page.mistake(("workers", worker, "writes", index), message, hint)


def unused_rights(business: Business) -> Iterator[Mistake]:
    """Rights to change something that no step of the worker ever proposes."""
    for loaded, worker, index, effect in _writes(business):
        steps = steps_of(loaded.lane, worker)
        if steps and not any(step.name in loaded.proposes for step in steps):
            message = f"{worker} may write {effect}, but none of its steps proposes anything"
            yield loaded.page.mistake(("workers", worker, "writes", index), message, "Take the right away.")


def _writes(business: Business) -> Iterator[tuple[LoadedLane, str, int, str]]:
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            yield from ((loaded, name, index, effect) for index, effect in enumerate(worker.writes))


def _are_peers(loaded: LoadedLane, one: str, other: str) -> bool:
    return any(doers(loaded.lane, step) >= {one, other} for step in loaded.lane.steps)
