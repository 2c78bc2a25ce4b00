"""Calls code that is not ours: a worker's or a tool's, which must not be able to end its runner."""

from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")


class Escaped(Exception):
    """A stranger's code raised something that would have ended the process; the message is its name."""


def call(function: Callable[..., Given], /, *args: object, **arguments: object) -> Given:
    """Call it; raises whatever it raises, and Escaped in place of SystemExit, KeyboardInterrupt and their like."""
    try:
        return function(*args, **arguments)
    except Exception:
        raise
    except BaseException as error:
        raise Escaped(type(error).__name__) from error
