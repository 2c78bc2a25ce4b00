"""Wakes runners and couriers after a commit: best effort, because the rows are the truth and the sweep finds them."""

from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import OutOfMemoryError, RedisError
from redis.retry import Retry
from rq import Queue, worker_registration
from rq.serializers import JSONSerializer

from engine.wake_up_jobs import company_of, new_id
from storage.failpoints import passing

_QUEUE = "chargehand-"
_ROOM = "chargehand:room"
COURIER_LIST = "chargehand:courier"
LIMIT_S = 0.1
BEAT_S = 30
"""How long a process counts as alive after its last sign of life, in seconds."""

log = structlog.get_logger()


def queue_name(runtime: str) -> str:
    """The RQ queue on which runners of a runtime wait."""
    return f"{_QUEUE}{runtime}"


def runtime_of(queue: str) -> str:
    """The runtime whose runners wait on an RQ queue."""
    return queue.removeprefix(_QUEUE)


def beat_key(process: str) -> str:
    """The key in Redis that holds the last sign of life of a process of the Procfile."""
    return f"chargehand:beat:{process}"


def short_connection(url: str) -> "Redis":
    """A connection that gives up within 100 ms, at the first try: a wake-up must never hold anybody up."""
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=LIMIT_S, socket_connect_timeout=LIMIT_S, retry=once)


@dataclass(frozen=True, slots=True)
class Wakeups:
    """Wake-ups over one Redis; `runners` is how many runners one pool has on the queue of its default runtime.

    `_roomy` are the runtimes for which there was room for one call more when this process last called somebody. Threads
    share it without a lock: who goes by what was so a moment ago calls somebody for nothing, or asks once without need.
    """

    redis: "Redis"
    runners: int
    _roomy: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def wake(self, company: str, runtime: str) -> None:
        """Wake one runner for a company's due tasks, behind those who were called before; never raises.

        Nobody is woken if enough are called already, one of them for this company: another's tasks never keep it out. That
        is asked first by who has called nobody yet, had no answer, or knew of no room for one more; everybody else calls in
        one round trip.
        """
        self._wake(company, runtime, tasks=1, rings=False)

    def wake_both(self, company: str, runtime: str, tasks: int = 1) -> None:
        """Wake the courier and, as `wake` does for each of so many tasks, runners, in the same round trip. Never raises."""
        self._wake(company, runtime, tasks=tasks, rings=True)

    def _wake(self, company: str, runtime: str, *, tasks: int, rings: bool) -> None:
        passing("wake.before_enqueue")
        try:
            self._enqueue(company, runtime, tasks=tasks, rings=rings)
        except RedisError as error:
            self._roomy.discard(runtime)  # what was given up may lie in the queue all the same
            log.warning("wakeup.lost", company=company, runtime=runtime, error=type(error).__name__)
        passing("wake.after_enqueue")

    def _enqueue(self, company: str, runtime: str, *, tasks: int, rings: bool) -> None:
        queue = Queue(queue_name(runtime), connection=self.redis, serializer=JSONSerializer)
        called: list[str | None] = []
        if runtime not in self._roomy:
            called, rings = self._called(queue, rings=rings), False
            if len(called) >= self.runners and company in called:
                return
        with self.redis.pipeline(transaction=False) as call:
            call.sadd(Queue.redis_queues_keys, queue.key)
            for _ in range(max(1, min(tasks, self.runners - len(called)))):
                queue.push_job_id(new_id(company), pipeline=call)
            if rings:
                _ring(call)
            call.llen(queue.key)
            is_roomy = call.execute()[-1] < self.runners
        (self._roomy.add if is_roomy else self._roomy.discard)(runtime)

    def _called(self, queue: Queue, *, rings: bool) -> list[str | None]:
        """The companies for which runners are called and not there yet; with the courier's bell, if it rings."""
        with self.redis.pipeline(transaction=False) as look:
            if rings:
                _ring(look)
            look.lrange(queue.key, 0, -1)
            jobs: list[bytes] = look.execute()[-1]
        return [company_of(job.decode(errors="replace")) for job in jobs]

    def courier(self) -> None:
        """Wake the courier; never raises."""
        try:
            with self.redis.pipeline(transaction=False) as bell:
                _ring(bell)
                bell.execute()
        except RedisError as error:
            log.warning("wakeup.lost", courier=True, error=type(error).__name__)

    def beat(self, process: str) -> None:
        """Leave a sign of life of a process, which fades after BEAT_S; never raises."""
        try:
            self.redis.set(beat_key(process), "1", ex=BEAT_S)
        except RedisError as error:
            log.warning("beat.lost", process=process, error=type(error).__name__)

    def beats(self, process: str) -> bool:
        """Whether a process of that name gave a sign of life within BEAT_S; raises RedisError."""
        return bool(self.redis.exists(beat_key(process)))

    def waiting_on(self, runtime: str) -> tuple[int, int]:
        """Runners that wait on a runtime's queue or work for it, and wake-ups that lie there; raises RedisError.

        RQ's own signs of life: a runner in a shift of more than 90 s has none until the shift ends.
        """
        queue = Queue(queue_name(runtime), connection=self.redis, serializer=JSONSerializer)
        known = worker_registration.get_keys(queue=queue)
        return (int(self.redis.exists(*known)) if known else 0), queue.count

    def trouble(self) -> str | None:
        """Why nobody can be woken; None while Redis answers and takes what it is given."""
        try:
            self.redis.set(_ROOM, "1", ex=BEAT_S)
        except OutOfMemoryError:
            return "Redis is full, so nobody is woken and work is late: raise its `maxmemory`"
        except RedisError:
            return "Redis does not answer"
        return None


def _ring(pipeline: "Pipeline") -> None:
    """Add the courier's bell to what is sent."""
    pipeline.lpush(COURIER_LIST, "1")
    pipeline.ltrim(COURIER_LIST, 0, 9)
