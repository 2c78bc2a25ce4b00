"""How the steps of a lane are run: how often they are tried and handed on, and whether in a process of their own."""

from pydantic import Field

from contracts.declared import Declared, DurationS


class Retries(Declared):
    """How often a transient failure is tried again, with full jitter between `first_s` and `longest_s` seconds, and when a
    task that only goes round is stopped.
    """

    tries: int = Field(default=4, ge=1, le=20)
    """How often in all, before a peer or a person takes over: the stop rule of solving it alone."""
    first_s: float = Field(default=1.0, gt=0, le=600)
    """The first wait, in seconds."""
    factor: float = Field(default=3.0, ge=1, le=10)
    """By how much each wait is longer than the one before."""
    longest_s: float = Field(default=60.0, gt=0, le=86400)
    """The longest wait, in seconds."""
    look_again: DurationS = 600
    """How often a task that was stopped looks whether it can go on."""
    peers: int = Field(default=5, ge=0, le=20)
    """How many peers may take a step over, one after the other, before people are asked."""
    reasons: int = Field(default=3, ge=1, le=100)
    """How often a task may be stopped at one place for yet another reason before it is not looked at again by itself."""
    losses: int = Field(default=10, ge=3, le=100)
    """How many runners in a row may lose a task alone, none of whom is known to have died, before a person is asked."""


class Isolation(Declared):
    """Workers run in a process of their own, forked for each run: one that crashes, hangs or eats memory ends no runner."""

    memory_mb: int = Field(default=1024, ge=16, le=1_048_576)
    """How much memory a run may take beyond what the runner has, in MiB."""
