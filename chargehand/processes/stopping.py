"""How a process hears that it should stop."""

import signal
from collections.abc import Callable
from types import FrameType


def on_signal(stop: Callable[[], None]) -> None:
    """Have SIGINT and SIGTERM ask the process to stop."""

    def stopping(_: int, __: FrameType | None) -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stopping)
