"""Whom a ladder asks at its end: the people that a worker escalates to, with their patience, and the last resort."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.checker.workers import OWNER
from contracts.contract import Lane, Patience, SilenceStep
from contracts.escalating import on_ladder, people_of

_OWNS, _COULD_NOT = "you own what stands in the way of {lane}", "workers could not go on with {lane}"
_OWNS_SYSTEM, _NEEDS_SYSTEM = "you own “{system}”", "you answer for work that needs “{system}”"
_HOUR_S = 3600
_FIRST = Patience.model_construct(for_s=4 * _HOUR_S, remind_s=(_HOUR_S, 3 * _HOUR_S))
_LATER = Patience.model_construct(for_s=20 * _HOUR_S, remind_s=())
_LAST = Patience.model_construct(for_s=24 * _HOUR_S, remind_s=())


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked and for how long, in order; `owner` answers for what is blocked, `because` says why it is asked of them."""

    owner: str
    steps: Sequence[SilenceStep]
    last_resort: str
    because: str


def asked_by(lane: Lane, worker: str, last_resort: str) -> Asked:
    """The people on a worker's ladder: those it names, the manager of a lane's owner who is named, the last resort."""
    declared = lane.workers[worker]
    named = people_of(declared)
    steps: list[SilenceStep] = []
    for who in named:
        patience = declared.patience.get(who, _LATER if steps else _FIRST)
        steps += [_step(on_ladder(lane, who), patience)]
        steps += [_step(f"manager-of:{lane.owner}", _LATER)] if who == OWNER and who == named[-1] else []
    steps += [_step(f"person:{last_resort}", _LAST)]
    first, _, name = named[0].partition(":")
    owner = name if first == "person" else lane.owner
    return Asked(owner, steps, last_resort, _COULD_NOT if first == "group" else _OWNS)


def owned_by(owner: str, last_resort: str) -> Asked:
    """One person, then their manager, then the last resort."""
    steps = [
        _step(f"person:{owner}", _FIRST),
        _step(f"manager-of:{owner}", _LATER),
        _step(f"person:{last_resort}", _LAST),
    ]
    return Asked(owner, steps, last_resort, _OWNS)


def about_system(title: str, owner: str | None, of_lane: Asked, last_resort: str) -> Asked:
    """Whom an outage is put to: the system's owner, where the company names one, else the people of the lane that met it."""
    found = owned_by(owner, last_resort) if owner is not None else of_lane
    return replace(found, because=(_OWNS_SYSTEM if owner is not None else _NEEDS_SYSTEM).format(system=title))


def _step(who: str, patience: Patience) -> SilenceStep:
    return SilenceStep.model_construct(who=who, for_s=patience.for_s, remind_s=patience.remind_s)
