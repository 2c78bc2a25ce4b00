"""Asks again after the pause that an outside system wants: a long list is read in many calls, and runs into its limits."""

from collections.abc import Callable
from typing import TypeVar

import stamina

from contracts.vocabulary import FailureCase
from engine.failures import classify

Given = TypeVar("Given")

_TRIES = 6
"""How many times in a row a call is made before it counts as refused."""
_LONGEST_PAUSE_S = 120.0


def patiently(ask: Callable[[], Given]) -> Given:
    """What a call that changes nothing gives, made again when a limit has passed; raises what it raises otherwise."""
    return stamina.RetryingCaller(attempts=_TRIES, timeout=None).on(_pause)(ask)


def _pause(error: Exception) -> float | bool:
    """The seconds after which to come back; False for an error that no pause mends, or only a long one."""
    failed = classify(error)
    pause = failed.retry_after_s
    if failed.case != FailureCase.RATE_LIMIT or pause is None or pause > _LONGEST_PAUSE_S:
        return False
    return pause
