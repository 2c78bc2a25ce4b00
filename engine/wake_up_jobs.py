"""Wake-ups as RQ hands them on: jobs whose id says all there is to say, so that nothing else of them is ever read."""

import re
from collections.abc import Iterable
from typing import Any, Self
from uuid import uuid4

from redis import Redis
from rq import Queue
from rq.job import Job

_ID = re.compile(r"(?P<company>.+)-[0-9a-f]{32}")


def new_id(company: str) -> str:
    """A fresh id for a wake-up for a company."""
    return f"{company}-{uuid4().hex}"


def company_of(job: str) -> str | None:
    """The company for which a runner is waked by a job of this id; None where it is no wake-up's."""
    found = _ID.fullmatch(job)
    return found["company"] if found else None


class WakeUp(Job):
    """A job made of its id alone, without a look at what Redis keeps under it.

    That saves a runner a round trip before its work, and whoever writes to Redis can have nothing but a shift begun: a
    function, arguments or callbacks that a job names are not even known here. Nothing is kept under an id; a version before
    kept what a stock RQ job has.
    """

    @classmethod
    def fetch(cls, id: str, connection: "Redis | None" = None, serializer: Any = None) -> Self:  # noqa: A002 - RQ's name
        """The job of an id, which may be anything: RQ's own check of it would end the runner."""
        made = cls(connection=connection, serializer=serializer)
        made._id, made.timeout = id, -1
        return made

    @classmethod
    def fetch_many(cls, job_ids: Iterable[str], connection: "Redis", serializer: Any = None) -> list[Job | None]:
        """The jobs of ids, as `fetch` makes them."""
        return [cls.fetch(one, connection=connection, serializer=serializer) for one in job_ids]


class WakeUpQueue(Queue):
    """A queue of which RQ's loop and RQ's upkeep see ids only."""

    job_class = WakeUp

    def fetch_job(self, job_id: str) -> WakeUp:
        """The job of an id; RQ would look for its queue in what Redis keeps of it."""
        return WakeUp.fetch(job_id, connection=self.connection, serializer=self.serializer)
