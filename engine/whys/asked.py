"""Finds what somebody asks the reason of, by how people write it."""

import re
from collections.abc import Callable

from contracts.company import Company
from engine.why import why
from engine.whys.attempt import of_attempt
from engine.whys.blocker import of_blocker
from engine.whys.decision import of_decision
from engine.whys.effect import of_effect
from engine.whys.number import KpiNotFound, of_number
from engine.whys.page import Why
from engine.whys.spending import of_cost
from storage.database import Unit

HOW = (
    "Ask of a task (T-1042), an attempt of its step (T-1042/check or T-1042/check/2), its cost (cost T-1042), "
    "a decision (decision 7), an effect by its key, a blocker by its id, or a KPI by its name"
)
_NUMBER = r"[Tt]?-?(?P<task>\d{1,15})"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[Unit, re.Match[str]], Why]], ...] = (
    (re.compile(_NUMBER), lambda unit, found: why(unit, int(found["task"]))),
    (re.compile(rf"cost {_NUMBER}"), lambda unit, found: of_cost(unit, int(found["task"]))),
    (re.compile(r"(decision |[Dd]-)(?P<number>\d{1,15})"), lambda unit, found: of_decision(unit, int(found["number"]))),
    (
        re.compile(rf"{_NUMBER}/(?P<step>[a-z][a-z0-9-]*)(/(?P<nth>\d{{1,6}}))?"),
        lambda unit, found: of_attempt(
            unit, int(found["task"]), found["step"], nth=int(found["nth"]) if found["nth"] else None
        ),
    ),
    (re.compile(r"(effect )?(?P<key>[^/\s]+/T-\d+/.+)"), lambda unit, found: of_effect(unit, found["key"])),
    (re.compile(r"(blocker )?(?P<id>[^:]+:.+:\d+)"), lambda unit, found: of_blocker(unit, found["id"])),
)


def explain(unit: Unit, company: Company, what: str) -> Why:
    """The page of whatever is meant.

    Raises engine.whys.number.KpiNotFound, which says how to ask, and the errors of each kind when it is not there.
    """
    words = what.strip()
    for form, tell in _FORMS:
        found = form.fullmatch(words)
        if found is not None:
            return tell(unit, found)
    try:
        return of_number(unit, company, words.removeprefix("kpi "))
    except KpiNotFound as error:
        raise KpiNotFound(f"{HOW}; {error}.") from error
