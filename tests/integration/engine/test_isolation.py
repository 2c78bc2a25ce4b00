"""A lane may run its workers in processes of their own: what ends such a process ends no runner, and the desk is the same."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Transient
from contracts.lifecycle import Event
from contracts.vocabulary import FailureCase, TaskState
from engine.desk import WorkerDesk
from engine.isolation import Bounds, call_apart
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole
from tests.integration.engine.yard import lane, step, the_yard, wish, worker, yard_with

CODE = '''
import ctypes
import os
import signal
import time

from chargehand import Deterministic, Transient


class Peculiar(Exception):
    """An error that can't be put together again from its arguments."""

    def __init__(self, *, code):
        super().__init__(f"code {code}")
        self.response = type("Response", (), {"status_code": code, "headers": {}})()


@worker
def look(request: Wish, desk: Desk) -> Found:
    found = desk.yard.look(what=request.what)
    desk.keep("look.txt", found["says"])
    desk.note(f"looked in process {os.getpid()}")
    desk.remember("weather", "fine")
    ACTS.get(request.what, lambda desk: None)(desk)
    return Found(what=found["what"], says=f"{found['says']}, {desk.recall('weather')}")


def strays(desk):
    try:
        desk.yard.burn(what="it")
    except Exception:
        pass


def catches(desk):
    try:
        desk.yard.look(what="the well")
    except Transient as error:
        desk.note(f"caught: {error.sentence}")


def raises(error):
    def act(desk):
        raise error

    return act


ACTS = {
    "crash": lambda desk: os.kill(os.getpid(), signal.SIGSEGV),
    "null pointer": lambda desk: ctypes.string_at(0),
    "exit": lambda desk: os._exit(3),
    "quit": raises(SystemExit(2)),
    "hang": lambda desk: time.sleep(60),
    "eat": lambda desk: bytearray(400_000_000),
    "stray": strays,
    "catch": catches,
    "peculiar": raises(Peculiar(code=404)),
    "transient": raises(Transient("The gate sticks.", cause="gate", retry_after_s=70)),
    "deterministic": raises(Deterministic("There is no shed.", case="not_found")),
}


@worker
def place(request: Wish, found: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=request.what, because="it is wanted")
'''
WORKERS = {
    "looker": worker("placer", "request", "found", evidence=["look.txt"]),
    "placer": worker("requester", "request found", "placed", reads=[], writes=["yard.place"], evidence=[]),
}


@pytest.fixture
def deadline() -> str:
    """Time enough for a busy machine; the test of what hangs has little."""
    return "60s"


@pytest.fixture
def yard(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, deadline: str) -> Iterator[House]:
    """A lane whose workers run apart, with little memory."""
    steps = [
        step("look", "looker", "Found", "found", deadline=deadline, evidence=["look.txt"]),
        step("place", "placer", "Placed", "placed"),
    ]
    files = lane("tidy", WORKERS, steps, CODE, isolation={"memory_mb": 128})
    with yard_with(files, database_urls, valkey_server.url, home) as office:
        yield office


def children() -> list[psutil.Process]:
    """The processes that this one has left; those of the servers come and go for reasons of their own."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if _name(one) not in ("postgres", "valkey-server", "")]


def _name(process: psutil.Process) -> str:
    """What runs there; nothing where it has just ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def test_what_it_gives_keeps_notes_and_proposes_is_as_if_it_had_run_here(yard: House) -> None:
    before = children()
    task = wish(yard, "tidy")

    yard.work()

    row = yard.task(task)
    assert row.state is TaskState.DONE, row.sentence
    assert row.facts["found"] == {"what": "shed", "says": "fine, fine"}
    assert the_yard(yard).counts == {"look shed": 1, "place shed": 1}
    assert list(the_yard(yard).placed.values()) == ["shed"]
    assert [one.name for one in yard.rows("select name from task_artifact")] == ["look.txt"]
    (notes,) = [one.notes for one in yard.rows("select notes from step_result where step = 'look'")]
    assert len(notes) == 1
    assert notes != [f"looked in process {os.getpid()}"], "it ran in the runner"
    assert children() == before


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("crash", "The worker's process was ended by SIGSEGV."),
        ("null pointer", "The worker's process was ended by SIGSEGV."),
        ("exit", "The worker ended its process with exit status 3."),
        ("quit", "The worker stopped with SystemExit."),
        ("eat", "The worker ran out of memory."),
        ("peculiar", "The other side does not have it (404)."),
        ("deterministic", "There is no shed."),
    ],
)
def test_what_ends_its_process_is_a_failure_of_its_step_and_the_runner_goes_on(
    yard: House, what: str, sentence: str
) -> None:
    bad, good = wish(yard, "tidy", what), wish(yard, "tidy")
    before = children()

    yard.work()

    row = yard.task(bad)
    assert row.state in (TaskState.FAILED, TaskState.REFUSED), row
    assert row.sentence.startswith(sentence), row.sentence
    assert yard.task(good).state is TaskState.DONE
    assert [one.name for one in yard.rows("select name from task_artifact where task = :t", t=bad)] == ["look.txt"]
    assert children() == before
    assert_trail_is_whole(yard, bad)


@pytest.mark.parametrize("deadline", ["2s"])
def test_one_that_hangs_is_stopped_at_its_deadline_and_tried_again(yard: House) -> None:
    task, before, began = wish(yard, "tidy", "hang"), children(), time.monotonic()

    yard.work()

    assert time.monotonic() - began < 45
    (tried,) = yard.rows("select failure_case, move, sentence from tried where task = :t", t=task)
    assert (tried.failure_case, tried.move) == (FailureCase.TIME_OUT, "retry")
    assert tried.sentence == "The worker gave no answer within 2 s and was stopped."
    assert children() == before


def test_its_own_failures_come_over_whole(yard: House) -> None:
    task = wish(yard, "tidy", "transient")

    yard.work()

    (tried,) = yard.rows("select failure_class, cause, sentence from tried where task = :t", t=task)
    wait = yard.rows("select extract(epoch from due_at - chargehand_now()) as s from task where number = :t", t=task)
    assert (tried.failure_class, tried.cause, tried.sentence) == ("transient", "gate", "The gate sticks.")
    assert 60 < wait[0].s <= 70


def test_a_call_outside_its_rights_is_refused_and_on_the_trail_though_it_is_swallowed(yard: House) -> None:
    task = wish(yard, "tidy", "stray")

    yard.work()

    denied = yard.rows(
        "select content from audit_entry where trail = :t and event = :e", t=f"task:{task}", e=Event.DENIED
    )
    assert yard.task(task).state is TaskState.DONE
    assert [one.content["call"] for one in denied] == ["yard.burn"]


def test_a_tools_error_reaches_its_code_as_what_it_is(yard: House) -> None:
    the_yard(yard).troubles["look the well"] = [Transient("The well is far.", cause="well")]
    task = wish(yard, "tidy", "catch")

    yard.work()

    assert yard.task(task).state is TaskState.DONE, yard.task(task).sentence
    assert the_yard(yard).counts["look the well"] == 1


def test_what_can_not_be_handed_over_is_told_and_harms_nothing() -> None:
    before = children()

    with pytest.raises(Exception, match="can't be handed over from its own process"):
        apart(lambda: lambda: None)

    assert children() == before


def test_a_runner_that_is_killed_leaves_no_worker_behind() -> None:
    with another_process(lambda: apart(lambda: time.sleep(60))) as runner:
        worker_process = until(runner.children)[0]
        runner.kill()

        assert worker_process.wait(60) is not None or not worker_process.is_running()


def apart(function: Callable[[], Any]) -> Any:
    """Run it apart, with a desk on which there is nothing."""
    desk: Any = WorkerDesk.__new__(WorkerDesk)
    return call_apart(function, {}, desk, Bounds(30, 64))


@contextmanager
def another_process(work: Callable[[], Any]) -> Iterator[psutil.Process]:
    """A fork of this process that does some work, ended afterwards."""
    number = os.fork()
    if number == 0:
        try:
            work()
        finally:
            os._exit(0)
    try:
        yield psutil.Process(number)
    finally:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def until(look: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    """What is there as soon as anything is."""
    end = time.monotonic() + 60
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
