"""Wakes runners and couriers after a commit: best effort, because the rows are the truth and the sweep finds them."""

from dataclasses import dataclass

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

SHIFT = "engine.shift.work_shift"
"""What a wake-up calls where runners are of a version before: these read it."""
_QUEUE = "chargehand-"
_ROOM = "chargehand:room"
COURIER_LIST = "chargehand:courier"
LIMIT_S = 0.1
BEAT_S = 30
"""How long a process counts as alive after its last sign of life, in seconds."""
_KEEP_S = 60

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
    """Wake-ups over one Redis; `runners` is how many runners one pool has on the queue of its default runtime."""

    redis: "Redis"
    runners: int

    def wake(self, company: str, runtime: str) -> None:
        """Wake one runner for a company's due tasks, behind those who were called before; never raises.

        Nobody is woken if enough are called already, one of them for this company: another's tasks never keep it out.
        """
        self._wake(company, runtime, self.redis.pipeline(transaction=False))

    def wake_both(self, company: str, runtime: str, tasks: int = 1) -> None:
        """Wake the courier and, as `wake` does for each of so many tasks, runners; while enough are called it takes one
        round trip. Never raises.
        """
        self._wake(company, runtime, _rung(self.redis), tasks)

    def _wake(self, company: str, runtime: str, first: "Pipeline", tasks: int = 1) -> None:
        passing("wake.before_enqueue")
        try:
            self._enqueue(company, runtime, first, tasks)
        except RedisError as error:
            log.warning("wakeup.lost", company=company, runtime=runtime, error=type(error).__name__)
        passing("wake.after_enqueue")

    def _enqueue(self, company: str, runtime: str, first: "Pipeline", tasks: int) -> None:
        queue = Queue(queue_name(runtime), connection=self.redis, serializer=JSONSerializer)
        first.lrange(queue.key, 0, -1)
        called: list[bytes] = first.execute()[-1]
        if len(called) >= self.runners and any(company_of(job.decode()) == company for job in called):
            return
        with self.redis.pipeline() as call:
            for _ in range(max(1, min(tasks, self.runners - len(called)))):
                queue.enqueue_call(
                    SHIFT,
                    args=[company, runtime],
                    timeout=-1,
                    result_ttl=_KEEP_S,
                    failure_ttl=_KEEP_S,
                    job_id=new_id(company),
                    pipeline=call,
                )
            call.execute()

    def courier(self) -> None:
        """Wake the courier; never raises."""
        try:
            _rung(self.redis).execute()
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


def _rung(redis: "Redis") -> "Pipeline":
    """The courier's bell, not sent yet."""
    bell = redis.pipeline(transaction=False)
    bell.lpush(COURIER_LIST, "1")
    bell.ltrim(COURIER_LIST, 0, 9)
    return bell
