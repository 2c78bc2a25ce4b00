"""Asks again after the pause that an outside system wants: a long list is read in many calls, and runs into its limits."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

import httpx2

from contracts.authoring import Transient
from contracts.vocabulary import FailureCase
from engine.failures import classify

Given = TypeVar("Given")

_PAUSES = 5
"""How many times in a row a call is put off before it counts as refused."""
_LONGEST_PAUSE_S = 120.0


def patiently(ask: Callable[[], Given]) -> Given:
    """What a call that changes nothing gives, made again when a limit has passed; raises what it raises otherwise."""
    for _ in range(_PAUSES):
        try:
            return ask()
        except (Transient, httpx2.HTTPStatusError) as error:
            failed = classify(error)
            pause = failed.retry_after_s
            if failed.case != FailureCase.RATE_LIMIT or pause is None or pause > _LONGEST_PAUSE_S:
                raise
            sleep(pause)
    return ask()
