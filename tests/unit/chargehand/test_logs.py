"""What a process says of itself never ends it."""

import io
from contextlib import suppress
from pathlib import Path

from chargehand.logs import lines_to

FULL = Path("/dev/full")
"""A device of Linux that takes nothing, as a full disk does."""


def test_a_line_goes_to_the_file() -> None:
    file = io.StringIO()

    lines_to(file)().info("clock.swept")

    assert file.getvalue() == "clock.swept\n"


def test_a_line_that_a_full_disk_does_not_take_is_lost_and_that_is_all() -> None:
    file = FULL.open("w", encoding="utf-8")
    say = lines_to(file)()

    for _ in range(3):
        say.warning("database.away" * 4000)

    with suppress(OSError):  # it still has some of it, and complains of that
        file.close()
