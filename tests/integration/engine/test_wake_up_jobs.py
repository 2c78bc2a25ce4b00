"""Whatever lies in Redis leads to a shift of a company that is here, or to nothing."""

import pytest
from redis import Redis
from rq import Callback, Queue
from rq.job import Job
from structlog.testing import capture_logs

from contracts.vocabulary import TaskState
from engine.wake_up_jobs import company_of, new_id
from engine.wakeups import COURIER_LIST
from tests.builders import House
from tests.integration.engine.waking import is_empty, queue, shifts_noted, work_off
from tests.integration.engine.worlds import open_shop


def test_a_wake_up_is_an_id_in_its_queue_and_nothing_else(office: House, redis: Redis) -> None:
    office.asked()

    (job,) = queue(redis).job_ids

    assert company_of(job) == "morning"
    assert set(redis.keys()) == {name.encode() for name in (queue(redis).key, Queue.redis_queues_keys, COURIER_LIST)}
    assert redis.smembers(Queue.redis_queues_keys) == {queue(redis).key.encode()}  # by which `rq info` finds it


def test_a_wake_up_for_a_company_that_is_not_here_is_answered_with_nothing(office: House, redis: Redis) -> None:
    for company in ("other", "morning-", "Morning", "-", "other-morning"):
        queue(redis).push_job_id(new_id(company))
    task = office.asked()

    with shifts_noted() as begun:
        work_off(office, redis)

    assert begun == ["morning"]
    assert office.task(task).state is TaskState.DONE  # though the queue was full of them
    assert is_empty(redis)


RUN: list[object] = []
HERE = "tests.integration.engine.test_wake_up_jobs.run_by_a_stranger"


def run_by_a_stranger(*given: object) -> None:
    """What hostile code would be."""
    RUN.append(given)


STRANGE_IDS = (
    *("e6f9b6a3-5a51-4a4c-8b58-0f6f0f2f9b11", "morning", "morning-", "-" + 32 * "a", "morning-" + 31 * "a"),
    *("morning-" + 32 * "A", "morning-" + 32 * "a" + "\n", "morning-" + 32 * "a" + ":1", "no id; del *", "ümläut", ""),
)


@pytest.mark.parametrize("strange", STRANGE_IDS)
def test_a_job_whose_id_is_no_wake_up_s_is_removed_unread(office: House, redis: Redis, strange: str) -> None:
    hostile(redis, strange)

    with shifts_noted() as begun, capture_logs() as logs:
        work_off(office, redis)

    assert [one["job"] for one in logs if one["event"] == "job.not_allowed"] == [strange]
    assert (begun, RUN) == ([], [])
    assert is_empty(redis)


def hostile(redis: Redis, job: str) -> None:
    """A job of this id of which every part would run a stranger's code if anybody read it."""
    made = queue(redis).enqueue_call(HERE, args=["morning", "default"])
    redis.rename(made.key, Job.key_for(job))
    for when in ("success", "failure", "stopped"):
        redis.hset(Job.key_for(job), f"{when}_callback_name", HERE)
    redis.lset(queue(redis).key, -1, job)


def test_a_job_with_the_id_of_a_wake_up_leads_to_a_shift_of_its_company_and_to_nothing_else(
    office: House, redis: Redis
) -> None:
    open_shop(office)
    task = office.asked()
    redis.flushdb()
    hostile(redis, new_id("morning"))
    unreadable, gone = new_id("morning"), new_id("morning")
    queue(redis).push_job_id(unreadable)
    redis.hset(Job.key_for(unreadable), mapping={"data": b"\x80\x04\x95 no json", "timeout": "soon", "status": "odd"})
    queue(redis).push_job_id(gone)

    with shifts_noted() as begun:
        work_off(office, redis)

    assert begun == ["morning"] * 3
    assert RUN == []
    assert office.task(task).state is TaskState.DONE
    assert is_empty(redis)


def test_what_lies_in_rq_s_registries_is_not_run_by_its_upkeep_either(office: House, redis: Redis) -> None:
    job = queue(redis).enqueue_call(HERE, args=["morning", "default"], on_failure=Callback(HERE))
    redis.hset(job.key, "status", "started")
    redis.delete(queue(redis).key)
    redis.zadd(queue(redis).started_job_registry.key, {f"{job.id}:an-execution": 1.0})
    redis.zadd(queue(redis).ready_job_registry.key, {job.id: 1.0})

    work_off(office, redis)

    assert RUN == []
    assert redis.zcard(queue(redis).started_job_registry.key) == redis.zcard(queue(redis).ready_job_registry.key) == 0


def test_what_a_runner_died_with_before_it_had_taken_it_is_done_away_with_after_a_minute(
    office: House, redis: Redis
) -> None:
    left = [new_id("morning"), "a stranger's"]
    for one in left:
        hostile(redis, one)
        redis.lmove(queue(redis).key, queue(redis).intermediate_queue_key)

    work_off(office, redis)
    kept = redis.llen(queue(redis).intermediate_queue_key)
    for one in left:
        redis.set(queue(redis).intermediate_queue.get_first_seen_key(one), 1.0)
    work_off(office, redis)

    assert kept == 2
    assert is_empty(redis)
    assert RUN == []


# What deployments of each version have left in queues: a newer one meets it, works it or drops it, and the sweep wakes anew.
LEFT_BY = {"0.1.0": ("engine.shift.work_shift", ["morning", "default"], "morning-00000000000040008000000000000000")}


@pytest.mark.parametrize("version", LEFT_BY)
def test_a_wake_up_that_an_older_version_left_is_still_worked(office: House, redis: Redis, version: str) -> None:
    open_shop(office)
    task = office.asked()
    name, given, job = LEFT_BY[version]
    redis.flushdb()
    queue(redis).enqueue_call(name, args=given, job_id=job)

    work_off(office, redis)

    assert office.task(task).state is TaskState.DONE
    assert is_empty(redis)


@pytest.mark.parametrize("company", ["a", "a-", "a-b", "a--b-0123456789abcdef0123456789abcdef", 48 * "z"])
def test_the_id_of_a_wake_up_says_for_which_company_it_is(company: str) -> None:
    assert company_of(new_id(company)) == company
    assert new_id(company) != new_id(company)
