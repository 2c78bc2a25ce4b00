"""An armed pass kills its process, however many threads pass at once."""

import multiprocessing
import signal
import threading
from pathlib import Path

import pytest

from storage import failpoints

PLACE = "step.after_commit"
THREADS = 4


def pass_at_once(folder: Path, nth: int) -> None:
    """A process in which all threads pass the armed place in the same moment."""
    failpoints.arm(f"{PLACE}:{nth}", folder)
    together = threading.Barrier(THREADS)

    def go() -> None:
        together.wait()
        failpoints.passing(PLACE)

    threads = [threading.Thread(target=go) for _ in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@pytest.mark.parametrize("nth", range(1, THREADS + 1))
def test_threads_that_pass_together_still_die_at_the_armed_pass(tmp_path: Path, nth: int) -> None:
    process = multiprocessing.get_context("spawn").Process(target=pass_at_once, args=(tmp_path, nth))

    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL


def test_a_pass_that_is_not_the_armed_one_is_lived_through(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=pass_at_once, args=(tmp_path, THREADS + 1))

    process.start()
    process.join()

    assert process.exitcode == 0
    assert (tmp_path / f"failpoint-{PLACE}").stat().st_size == THREADS
