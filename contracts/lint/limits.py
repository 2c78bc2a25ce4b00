"""Warns of limits that can never be reached, because a wider span is limited more tightly."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from contracts.budgets import DAY, MONTH, budget_of
from contracts.inheritance import Key, Said, in_force
from contracts.loaded import Business, LoadedLane
from contracts.mistakes import Mistake

_HINT = "Lower it, or raise the other."
_SPANS = (("caps", ("attempt", "hour", "day")), ("budget", ("run", "day", "month")))


def unreachable_limits(business: Business) -> Iterator[Mistake]:
    """Caps and budgets of a shorter span that are above those of a longer one."""
    for loaded in business.lanes.values():
        force = in_force(business.company, loaded.lane)
        for key, said in force.items():
            longer = _longer(force, key)
            if longer is not None and _number(said) > _number(longer):
                yield _warning(business, loaded, said, longer)
        yield from _of_workers(loaded)


def _of_workers(loaded: LoadedLane) -> Iterator[Mistake]:
    for name, worker in loaded.lane.workers.items():
        said = dict(budget_of(worker.budget))
        if DAY in said and MONTH in said and said[DAY] > said[MONTH]:
            message = f"{said[DAY]} is never reached: budget month allows {said[MONTH]}"
            yield loaded.page.mistake(("workers", name, "budget", DAY), message, _HINT)


def _longer(force: Mapping[Key, Said], key: Key) -> Said | None:
    """The limit of the same thing over the next longer span that has one."""
    for kind, spans in _SPANS:
        for shorter, longer in pairwise(spans):
            if key[0] == kind and shorter in key[1:]:
                found = force.get(tuple(longer if part == shorter else part for part in key))
                if found is not None:
                    return found
    return None


def _number(said: Said) -> float:
    return float(str(said.value))


def _warning(business: Business, loaded: LoadedLane, said: Said, longer: Said) -> Mistake:
    page = loaded.page if said.layer.in_lane else business.page
    told = " ".join(longer.key)
    message = f"{said.value} is never reached: {told} allows {longer.value}"
    return page.mistake(said.at, message, _HINT)
