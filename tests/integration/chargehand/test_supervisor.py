"""The parent starts in order, restarts what dies, stops in order, and leaves nothing behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import psutil
import pytest

from chargehand.embedded.tether import DidNotStart, Program, start
from chargehand.supervisor import Part, Supervisor, shorten

WORKS = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
WITH_CHILD = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
DIES = "import sys; sys.exit('no database here')"
PARENT = """
import pathlib, signal, sys
from chargehand.embedded import postgres, valkey
from chargehand.embedded.tether import Program, start
home = pathlib.Path(sys.argv[1])
with postgres.running(home, fast=True) as database, valkey.running(home) as queue:
    child = start(Program(command=[sys.executable, "-c", "import time; time.sleep(60)"], log=home / "child.log"))
    print(database.process.pid, queue.process.pid, child.pid, flush=True)
    child.wait()
"""


@dataclass
class Heard:
    """Remembers what the supervisor recorded; interrupts it, as Ctrl-C does, once that was so many things."""

    events: list[tuple[str, object]] = field(default_factory=list)
    pauses: list[object] = field(default_factory=list)
    enough: int | None = None

    def info(self, event: str, **ids: object) -> None:
        """Remember."""
        self.events.append((event, ids.get("child", ids.get("children"))))
        self.pauses += [ids["restart_in_s"]] if "restart_in_s" in ids else []
        if len(self.events) == self.enough:
            raise KeyboardInterrupt

    warning = info


@pytest.fixture
def record() -> Heard:
    """What was recorded in this test."""
    return Heard()


@pytest.fixture
def supervisor(record: Heard) -> Iterator[Supervisor]:
    """A supervisor whose children end with the test."""
    parent = Supervisor(record)
    yield parent
    parent.stop()


Making = Callable[..., Part]


@pytest.fixture
def part(tmp_path: Path) -> Making:
    """Makes a part that runs a line of Python."""

    def make(name: str, code: str, *, stage: int = 0, seconds: float = 2.0, ready: str = "") -> Part:
        log = tmp_path / f"{name}.log"
        program = Program(command=[sys.executable, "-c", code], log=log)
        return Part(
            name=name,
            stage=stage,
            log=log,
            begin=lambda: start(program),
            is_ready=lambda: not ready or ready in log.read_text(encoding="utf-8"),
            stopping=((signal.SIGTERM, seconds),),
        )

    return make


def watch_until(supervisor: Supervisor, record: Heard, enough: int) -> None:
    record.enough = enough
    with pytest.raises(KeyboardInterrupt):
        supervisor.watch(until=Event())


def pids(supervisor: Supervisor) -> list[int]:
    return [child.process.pid for child in supervisor._children if child.process]


def test_a_child_that_dies_is_started_again(supervisor: Supervisor, record: Heard, part: Making) -> None:
    supervisor.start(part("web", WORKS))
    first = pids(supervisor)[0]
    psutil.Process(first).kill()

    watch_until(supervisor, record, 3)

    assert pids(supervisor) != [first]
    assert record.events == [("child.started", "web"), ("child.died", "web"), ("child.restarted", "web")]


def test_an_interrupt_that_was_lost_is_seen_at_the_next_glance(supervisor: Supervisor, part: Making) -> None:
    supervisor.start(part("web", WORKS))
    asked = Event()
    asked.set()

    supervisor.watch(until=asked)

    assert pids(supervisor)


def test_a_child_that_dies_at_once_is_started_less_and_less_often(
    supervisor: Supervisor, record: Heard, part: Making
) -> None:
    supervisor.start(part("clock", "pass"))

    watch_until(supervisor, record, 8)

    assert record.events[1:] == [("child.died", "clock"), ("child.restarted", "clock")] * 3 + [("child.died", "clock")]
    assert record.pauses == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("why", [DidNotStart("the disk is full"), OSError(28, "No space left on device")], ids=repr)
def test_a_part_that_cannot_begin_again_is_tried_again(
    supervisor: Supervisor, record: Heard, tmp_path: Path, why: Exception
) -> None:
    answers = iter([["true"], None, ["sleep", "60"]])

    def begin() -> subprocess.Popen[bytes]:
        command = next(answers)
        if command is None:
            raise why
        return start(Program(command=command, log=tmp_path / "database.log"))

    supervisor.start(Part(name="database", stage=0, log=tmp_path / "database.log", begin=begin))

    watch_until(supervisor, record, 5)

    assert [event for event, _ in record.events] == [
        "child.started",
        "child.died",
        "child.not_started",
        "child.died",
        "child.restarted",
    ]


def test_waiting_ends_when_all_are_ready(supervisor: Supervisor, part: Making) -> None:
    supervisor.start(
        part("web", "import time; time.sleep(.3); print('ready', flush=True); time.sleep(60)", ready="ready")
    )

    supervisor.wait_until_ready(60)

    assert len(pids(supervisor)) == 1


def test_a_child_that_ends_before_it_is_ready_is_named_with_its_last_words(
    supervisor: Supervisor, part: Making
) -> None:
    supervisor.start(part("web", DIES, ready="ready"))

    with pytest.raises(DidNotStart, match=r"web ended at once: no database here\nIts log: .*web\.log"):
        supervisor.wait_until_ready(60)


def test_a_child_that_is_never_ready_is_named(supervisor: Supervisor, part: Making) -> None:
    supervisor.start(part("web", WORKS, ready="ready"))

    with pytest.raises(DidNotStart, match="web did not become ready"):
        supervisor.wait_until_ready(0.2)


def test_the_highest_stage_stops_first(supervisor: Supervisor, record: Heard, part: Making) -> None:
    for name, stage in (("database", 0), ("web", 2), ("sandbox", 1), ("runner", 2)):
        supervisor.start(part(name, WORKS, stage=stage))
    running = pids(supervisor)

    supervisor.stop()

    assert [who for event, who in record.events if event == "stage.stopped"] == [
        ["web", "runner"],
        ["sandbox"],
        ["database"],
    ]
    assert not any(psutil.pid_exists(number) for number in running)


def test_a_child_that_will_not_stop_is_killed_in_time(supervisor: Supervisor, part: Making) -> None:
    supervisor.start(part("runner", STUBBORN, seconds=0.3, ready="deaf"))
    supervisor.wait_until_ready(60)
    running = pids(supervisor)
    began = time.monotonic()

    supervisor.stop()

    assert time.monotonic() - began < 30
    assert not psutil.pid_exists(running[0])


def test_what_a_child_had_started_ends_with_it(supervisor: Supervisor, part: Making, tmp_path: Path) -> None:
    supervisor.start(part("runner", WITH_CHILD, ready="\n"))
    supervisor.wait_until_ready(60)
    grandchild = int((tmp_path / "runner.log").read_text(encoding="utf-8"))

    supervisor.stop()

    assert gone_within(60, [grandchild])


def test_a_killed_parent_leaves_no_orphan(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(home)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        children = [int(word) for word in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)

    assert len(children) == 3
    assert gone_within(60, children)


def test_a_long_log_is_put_aside_and_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chargehand.supervisor.LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    with log.open("a", encoding="utf-8", buffering=1) as writer:
        writer.write("a line that is long enough\n")

        shorten(log)
        writer.write("next\n")

    assert log.read_text(encoding="utf-8") == "next\n"
    assert (tmp_path / "web.log.1").read_text(encoding="utf-8") == "a line that is long enough\n"


def gone_within(seconds: float, numbers: list[int]) -> bool:
    end = time.monotonic() + seconds
    while any(map(lives, numbers)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(lives, numbers))


def lives(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE  # what nobody waits for is dead enough
    except psutil.NoSuchProcess:
        return False
