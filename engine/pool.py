"""The runner pool: starts RQ workers, ends those that hang past their deadline, and frees what dead ones held."""

import math
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import SynchronizedArray
from uuid import uuid4

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from engine.lifelines import end_with_parent, keep_for_life, restore_signals
from engine.losses import Fate
from engine.shift import Runner, take_up, warm_up, work_shift
from engine.trouble import report
from engine.wake_up_jobs import WakeUp, WakeUpQueue, company_of
from engine.wakeups import queue_name, runtime_of
from engine.watch import Watch

_LOOK_S = 0.25
_GRACE_S = 8.0
_IDLE_S = 30
_QUICK_S = 0.5
"""A shift that is over sooner need not say that it is under way."""
_FORK = multiprocessing.get_context("fork")

log = structlog.get_logger()

MakeRunner = Callable[[str, str, Watch], Runner]
"""Name, runtime and watch of a runner that is to be made."""
Free = Callable[[Mapping[str, Fate | None]], None]
"""Takes names of runners that are dead, with what became of them where it was no death of its own."""


class ShiftWorker(SimpleWorker):
    """An RQ worker that runs shifts in its own process, and nothing but shifts whatever lies in Redis.

    RQ's signs of life stay true; what it keeps of each job besides is left out, because a wake-up is no work: nobody
    looks for what became of it.
    """

    job_class = WakeUp
    queue_class = WakeUpQueue
    runner: Runner
    _beaten_at = -math.inf

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Work the shift that the id of a job asks for; a job of any other id is removed.

        The wake-up is taken away whatever becomes of its shift, because the due tasks are what is sure: at its end, or on
        the side where that takes longer, which "busy" is for.
        """
        self._state, over = WorkerStatus.BUSY, threading.Event()  # what a signal does goes by that, so it is at once
        sent = self._aside.submit(self._say_unless, over, job, queue)
        company = company_of(job.id)
        if company is None:
            log.error("job.not_allowed", job=job.id)
        else:
            self._work(company, runtime_of(queue.name), job)
        over.set()
        with self.connection.pipeline(transaction=False) as said:
            if not _is_sent(sent, job):
                _take(said, job, queue)
            self._tell(said, WorkerStatus.IDLE, for_s=None)
            said.execute()

    def _work(self, company: str, runtime: str, job: Job) -> None:
        try:
            work_shift(company, runtime)
        except Exception as error:  # noqa: BLE001 - the shift's door: its tasks' leases end, and others have them then
            report("shift.failed", error, job=job.id)

    def handle_job_failure(self, job: Job, *_: object, **__: object) -> None:
        """Do away with what a runner died with before it had taken it: nobody looks for what became of a wake-up."""
        self.connection.delete(job.key)

    def _say_unless(self, over: threading.Event, job: Job, queue: Queue) -> bool:
        """Take a wake-up away and say "busy" once its shift has lasted a while; whether that was done."""
        if over.wait(_QUICK_S):
            return False
        with self.connection.pipeline(transaction=False) as said:
            _take(said, job, queue)
            self._tell(said, WorkerStatus.BUSY, for_s=self.get_heartbeat_ttl(job))
            said.execute()
        return True

    @cached_property
    def _aside(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "aside")

    def _tell(self, said: "Pipeline", state: WorkerStatus, *, for_s: int | None) -> None:
        """Add what this runner does now and how long it counts as alive to what is sent in one round trip."""
        self.set_state(state, pipeline=said)
        self.heartbeat(for_s, pipeline=said)
        self._beaten_at = time.monotonic()

    def set_state(self, state: str, pipeline: "Pipeline | None" = None) -> None:
        """Say what this runner does, unless it was said already."""
        if pipeline is not None or state != self.get_state():
            super().set_state(state, pipeline)

    def heartbeat(self, timeout: int | None = None, pipeline: "Pipeline | None" = None) -> None:
        """Say that this runner lives, in one round trip and not again within `_IDLE_S`.

        It waits that long for a wake-up at most, and what was said holds for more than twice that.
        """
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
        elif time.monotonic() - self._beaten_at >= _IDLE_S:
            with self.connection.pipeline(transaction=False) as said:
                super().heartbeat(timeout, said)
                said.execute()
            self._beaten_at = time.monotonic()

    def request_stop(self, signum: int | None, frame: object) -> None:
        """Finish the task under way, hand back the rest, then stop."""
        self.runner.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def request_force_stop(self, signum: int, frame: object) -> None:
        """A second signal ends the process at once; RQ's SystemExit would look like a failure of the step."""
        os._exit(128 + signum)


def _take(said: "Pipeline", job: Job, queue: Queue) -> None:
    said.lrem(queue.intermediate_queue_key, 1, job.id)
    said.delete(job.key)  # under which a version before, or a stranger, has kept something


def _is_sent(sent: "Future[bool]", job: Job) -> bool:
    """Whether a wake-up was taken on the side; one that stays in Redis is one too many, and RQ's upkeep finds it.

    Raises NoAnswer: nobody waits once more for a Redis that has not answered in all that time, and RQ ends this runner.
    """
    try:
        return sent.result()
    except NoAnswer:
        raise
    except RedisError as error:
        log.warning("wakeup.not_taken", job=job.id, error=type(error).__name__)
        return True


@dataclass(slots=True)
class Place:
    """One place in the pool and whoever has it now."""

    runtime: str
    name: str = ""
    process: ForkProcess | None = None
    watch: Watch | None = None
    failures: int = 0
    began: float = 0.0
    fate: Fate | None = None


@dataclass(slots=True)
class Pool:
    """A runner for each entry of `runtimes`; `free` ends the leases of runners that are known to be dead."""

    runtimes: Sequence[str]
    redis_url: str
    make_runner: MakeRunner
    free: Free
    stopping: threading.Event = field(default_factory=threading.Event)
    places: list[Place] = field(default_factory=list)

    def run(self) -> None:
        """Keep the places filled until `stopping` is set, then let the runners finish; those that don't are killed."""
        self.places = [Place(runtime) for runtime in self.runtimes]
        keep_for_life()
        try:
            while not self.stopping.is_set():
                for place in self.places:
                    self._see_to(place)
                self.stopping.wait(_LOOK_S)
        finally:
            self._stop()

    def _see_to(self, place: Place) -> None:
        if place.process is None:
            self._fill(place)
        elif not place.process.is_alive():
            self._bury(place)
        elif place.watch is not None and place.watch.overdue():
            log.error("runner.overdue", runner=place.name, task=int(place.watch.slot[1]))
            place.fate = Fate.OVERDUE
            place.process.kill()

    def _fill(self, place: Place) -> None:
        if place.failures and time.monotonic() < place.began + min(10.0, 0.2 * 2**place.failures):
            return
        slot: SynchronizedArray[float] = _FORK.Array("d", 2)
        place.name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        place.watch = Watch(slot)  # type: ignore[arg-type]
        place.began, place.fate = time.monotonic(), None
        place.process = _FORK.Process(
            target=self._be_runner, args=(os.getpid(), place.name, place.runtime, place.watch), name=place.name
        )
        place.process.start()

    def _bury(self, place: Place) -> None:
        process = place.process
        if process is None:
            return
        process.join()
        lived = time.monotonic() - place.began
        place.failures = 0 if lived > _IDLE_S else place.failures + 1
        log.warning("runner.ended", runner=place.name, exitcode=process.exitcode)
        process.close()
        place.process = None
        self.free({place.name: place.fate})

    def _be_runner(self, pool: int, name: str, runtime: str, watch: Watch) -> None:
        """The child: an RQ worker; it ends with its parent."""
        restore_signals()
        end_with_parent(pool)
        runner = self.make_runner(name, runtime, watch)
        take_up(runner)
        warm_up(runner)
        keep_for_life()
        connection = Redis.from_url(self.redis_url, socket_timeout=_IDLE_S + 15, socket_connect_timeout=2)
        queue = WakeUpQueue(queue_name(runtime), connection=connection, serializer=JSONSerializer)
        worker = ShiftWorker(
            [queue],
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=_IDLE_S + 15,
            log_job_description=False,
        )
        worker.runner = runner
        worker.work(logging_level="ERROR")
        runner.deployment.database.close()

    def _stop(self) -> None:
        alive = []
        for place in self.places:
            if place.process is not None and place.process.is_alive():
                alive.append(place.process)
                place.fate = place.fate or Fate.STOPPED
                place.process.terminate()
        _wait(alive, _GRACE_S)
        for process in alive:
            if process.is_alive():
                process.kill()
                process.join()
        self.free({place.name: place.fate for place in self.places if place.name})


def _wait(processes: Iterable[ForkProcess], seconds: float) -> None:
    end = time.monotonic() + seconds
    for process in processes:
        process.join(max(0.0, end - time.monotonic()))
