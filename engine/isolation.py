"""Runs a worker's code in a process of its own, forked from the runner, while its desk stays here and answers it."""

import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from contracts.authoring import Deterministic, Failure, Governance, Judgment, Transient
from contracts.running import Isolation
from contracts.vocabulary import FailureCase, FailureClass
from contracts.wording import duration
from engine.desk import SystemAtDesk, WorkerDesk
from engine.failures import classify
from engine.lifelines import end_with_parent, restore_signals
from engine.routing_desk import RoutingDesk
from engine.strangers import call
from engine.watch import Watch

GRACE_S = 2.0
"""How long after a step's deadline its runner is taken to hang as well: by then it has ended the worker's process."""
_DOORS = frozenset({"keep", "note", "suspect", "remember", "recall", "beliefs", "brief", "heard", "call", "refused"})
_SHOWN = frozenset({"revisions", "tactic", "before", "objection"})
_ASKED, _RAISED, _GAVE, _DESK = "asked", "raised", "gave", "desk"
_BY_CLASS: dict[FailureClass, type[Failure]] = {
    one.kind: one for one in (Transient, Deterministic, Judgment, Governance)
}
Desk = WorkerDesk | RoutingDesk
_NOT_HANDED_OVER = "What the worker gave can't be handed over from its own process."
_TOKEN = "_of_the_desk"  # noqa: S105 - where an error keeps which of the desk's it is


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may take: `seconds` by the machine's clock, and MiB of memory beyond the runner's."""

    seconds: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task's code is run: under the watch of its runner, in its process or, with `isolation`, in one of its own."""

    watch: Watch
    task: int
    isolation: Isolation | None

    def run(self, function: Callable[..., Any], given: MutableMapping[str, Any], desk: Desk, *, seconds: float) -> Any:
        """What the function returns within so many seconds; raises what it raises, and apart what `call_apart` raises."""
        if self.isolation is None:
            with self.watch.over(self.task, seconds=seconds):
                return call(function, **given)
        with self.watch.over(self.task, seconds=seconds + GRACE_S):
            return call_apart(function, given, desk, Bounds(seconds, self.isolation.memory_mb))


def call_apart(function: Callable[..., Any], given: MutableMapping[str, Any], desk: Desk, bounds: Bounds) -> Any:
    """What the function returns; what it has changed of what it was `given` stands there afterwards.

    Raises whatever the function raises, Transient when it takes too long, and Deterministic when its process ends.
    """
    ours, theirs = Pipe()
    for stream in (sys.stdout, sys.stderr):  # or the child would say once more what is not written yet
        stream.flush()
    runner, number = os.getpid(), os.fork()
    if number == 0:
        ours.close()
        _be_child(runner, partial(_work, function, given, desk, theirs), bounds)
    theirs.close()
    child = _Child(number)
    try:
        return _Service(ours, desk, child).until(time.monotonic() + bounds.seconds, given, bounds)
    finally:
        ours.close()
        child.end()


@dataclass(slots=True)
class _Child:
    number: int
    status: int | None = None

    def end(self, *, kill: bool = True) -> int:
        """End it, or let it end; the exit status, negative for a signal."""
        if self.status is None:
            if kill:
                os.kill(self.number, signal.SIGKILL)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])
        return self.status


@dataclass(slots=True)
class _Service:
    """The runner's side: answers what the child asks of the desk; `errors` are those that its answers have raised."""

    there: Connection
    desk: Desk
    child: _Child
    errors: list[Exception] = field(default_factory=list)

    def until(self, end: float, given: MutableMapping[str, Any], bounds: Bounds) -> Any:
        """Serve until the child has given or raised something."""
        while True:
            if not self.there.poll(max(0.0, end - time.monotonic())):
                self.child.end()
                told = f"The worker gave no answer within {duration(round(bounds.seconds))} and was stopped."
                raise Transient(told, case=FailureCase.TIME_OUT)
            kind, what = self._heard()
            if kind == _ASKED:
                self._answer(*what)
            elif kind == _RAISED:
                token, error = what
                raise error if token is None else self.errors[token]
            else:
                answer, changed = what
                given.update(changed)
                return answer

    def _heard(self) -> tuple[str, Any]:
        try:
            found: tuple[str, Any] = _read(self.there.recv_bytes(), self.desk)
        except (EOFError, ConnectionError) as error:
            raise Deterministic(_ended(self.child.end(kill=False)), case=FailureCase.WORKER) from error
        except Exception as error:  # a stranger's object: whatever its own reading raises
            raise Deterministic(_NOT_HANDED_OVER, case=FailureCase.CONTRACT) from error
        return found

    def _answer(self, door: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        try:
            answer: tuple[bool, int | None, Any] = (True, None, getattr(self.desk, door)(*args, **named))
        except Exception as error:  # noqa: BLE001 - a tool's: the worker's code is to meet it as if it had called itself
            self.errors.append(error)
            answer = (False, len(self.errors) - 1, _portable(error))
        try:
            self.there.send_bytes(_written(answer, self.desk))
        except (BrokenPipeError, ConnectionError):
            return  # it has ended meanwhile, which is heard next
        except Exception as error:
            raise Deterministic("What a tool gave can't be handed to a worker in its own process.") from error


def _written(what: object, desk: object) -> bytes:
    """What is handed over: the desk itself stays where it is, and what holds on to it finds the other side's."""
    raw = BytesIO()
    pickler = pickle.Pickler(raw)
    pickler.persistent_id = lambda one: _DESK if one is desk else None  # type: ignore[method-assign]
    pickler.dump(what)
    return raw.getvalue()


def _read(raw: bytes, desk: object) -> Any:
    unpickler = pickle.Unpickler(BytesIO(raw))  # noqa: S301 - a fork of this process has written it
    unpickler.persistent_load = lambda _: desk  # type: ignore[method-assign]
    return unpickler.load()


def _ended(status: int) -> str:
    if status < 0:
        return f"The worker's process was ended by {signal.Signals(-status).name}."
    return f"The worker ended its process with exit status {status}."


def _portable(error: BaseException) -> Exception:
    """The error itself where it can cross to another process, else our own kind of what it is."""
    try:
        crossed = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, a moment ago
    except Exception:  # noqa: BLE001 - a stranger's error may raise when it is taken apart
        crossed = None
    if isinstance(error, Exception) and type(crossed) is type(error):
        return error
    found = classify(error)
    kind = _BY_CLASS[found.kind]
    return kind(found.sentence, cause=found.cause, retry_after_s=found.retry_after_s, case=found.case or None)


def _be_child(runner: int, work: Callable[[], None], bounds: Bounds) -> NoReturn:
    try:
        restore_signals()
        end_with_parent(runner)
        _limit(bounds)
        work()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _limit(bounds: Bounds) -> None:
    """Private memory is what counts (setrlimit(2), RLIMIT_DATA, Linux 4.7): the runner's own is there already."""
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123 - proc(5): the sixth is data and stack
            has = int(pages.read().split()[5]) * resource.getpagesize()
        most = has + bounds.memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work(function: Callable[..., Any], given: MutableMapping[str, Any], desk: Desk, there: Connection) -> None:
    """The child's side."""
    apart = DeskApart(desk, there)
    try:
        answer = call(function, **{name: apart if one is desk else one for name, one in given.items()})
    except Exception as error:  # noqa: BLE001 - the runner's side raises it
        there.send_bytes(_written((_RAISED, (getattr(error, _TOKEN, None), _portable(error))), apart))
        return
    changed = {name: one for name, one in given.items() if one is not desk}
    try:
        raw = _written((_GAVE, (answer, changed)), apart)
    except Exception:  # noqa: BLE001 - a stranger's object: whatever taking it apart raises
        raw = _written((_RAISED, (None, Deterministic(_NOT_HANDED_OVER, case=FailureCase.CONTRACT))), apart)
    there.send_bytes(raw)


class DeskApart:
    """The desk as the worker's process sees it: what it shows is here, what it does is done in the runner."""

    def __init__(self, desk: Desk, there: Connection) -> None:
        self._desk = desk
        self._there = there

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _SHOWN:
            return getattr(self._desk, name)
        return partial(self._asked, name) if name in _DOORS else SystemAtDesk(self, name)

    def call(self, system: str, name: str, arguments: dict[str, Any]) -> Any:
        """Read, or propose an effect, at the desk in the runner."""
        return self._asked("call", system, name, arguments)

    def _asked(self, door: str, /, *args: Any, **named: Any) -> Any:
        self._there.send_bytes(_written((_ASKED, (door, args, named)), self))
        went_well, token, answer = _read(self._there.recv_bytes(), self)
        if went_well:
            return answer
        setattr(answer, _TOKEN, token)
        raise answer
