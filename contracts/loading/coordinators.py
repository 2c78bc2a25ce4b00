"""Binds a lane's coordinator to its function: it is given the routing, a desk if it wants one, and returns a placement."""

import inspect

from contracts.authoring import Desk
from contracts.checker.coordinators import coordinators_of
from contracts.contract import Lane
from contracts.loaded import Coordinator
from contracts.loading.modules import Code
from contracts.loading.pages import Page
from contracts.loading.steps import function_named, hints_of
from contracts.mistakes import BusinessMistakes, Mistake, Pointer
from contracts.placing import Placement, Routing

ROUTING, DESK = "routing", "desk"
_GIVEN = {Routing: ROUTING, Desk: DESK}


def bind_coordinator(lane: Lane, page: Page, workers: Code) -> Coordinator | None:
    """The lane's coordinator, if it has one; raises BusinessMistakes."""
    for name in coordinators_of(lane):
        run = str(lane.workers[name].coordinates).removeprefix("workers:")
        at: Pointer = ("workers", name, "coordinates")
        function = function_named(run, page, workers, at=at)
        hints = hints_of(function, run, workers)
        parameters = inspect.signature(function).parameters
        arguments = {one: _GIVEN[hints[one]] for one in parameters if hints.get(one) in _GIVEN}
        mistakes = [_unknown(workers, run, one) for one in parameters if one not in arguments]
        if hints.get("return") is not Placement:
            mistakes.append(
                workers.mistake(run, f"{run} places work, so it returns a Placement", "Annotate it -> Placement.")
            )
        if mistakes:
            raise BusinessMistakes(mistakes)
        return Coordinator(name, function, arguments)
    return None


def _unknown(workers: Code, run: str, parameter: str) -> Mistake:
    message = f"{parameter} can't be given to a coordinator"
    return workers.mistake(run, message, "A parameter is annotated Routing or Desk.", part=parameter)
