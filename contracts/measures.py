"""What a KPI can be computed from: the measures that `source: events:…` names, and how they are written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PUSHED = "pushed"
_EVENTS = re.compile(r"events:(?P<name>[a-z_]+)(:(?P<seconds>[0-9]{1,9}))? of (?P<lane>[a-z][a-z0-9-]{0,47})")

WITHIN, VERIFIED, AT_ONCE = "tasks_ended_within", "effects_verified", "effects_verified_at_first_look"
MEASURES: Mapping[str, str] = {
    WITHIN: "events:tasks_ended_within:86400 of LANE",
    VERIFIED: "events:effects_verified of LANE",
    AT_ONCE: "events:effects_verified_at_first_look of LANE",
}
"""Each measure and how it is written; all are shares in percent. Seconds belong to the first only."""


class NoSource(ValueError):
    """The text names nothing that a KPI can be computed from; `str()` is a sentence with those that there are."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of what a lane did in a period, in percent; `seconds` is the limit of `tasks_ended_within`, else None."""

    name: str
    lane: str
    seconds: int | None


def measure_of(source: str) -> Measure | None:
    """The measure that a source names, None when its values are pushed; raises NoSource."""
    if source == PUSHED:
        return None
    found = _EVENTS.fullmatch(source)
    if found is None or found["name"] not in MEASURES or (found["name"] == WITHIN) != (found["seconds"] is not None):
        raise NoSource(f"Write {PUSHED}, {', '.join(list(MEASURES.values())[:-1])} or {MEASURES[AT_ONCE]}.")
    return Measure(found["name"], found["lane"], int(found["seconds"]) if found["seconds"] else None)
