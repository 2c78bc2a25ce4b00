"""Kills processes of a running deployment at random moments, and wipes its Redis once."""

import os
import random
import signal
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from redis import Redis

TARGETS = {
    "runner pool": "chargehand runner",
    "runner": "chargehand runner",
    "web": "chargehand web",
    "clock": "chargehand clock",
    "courier": "chargehand courier",
}
FIRST_S = 0.5


@dataclass(slots=True)
class Lightning:
    """Strikes `kills` times among the children of `parent`, and wipes Redis half-way; `struck` tells whom."""

    parent: int
    redis_url: str
    kills: int
    every_s: float
    chance: random.Random
    struck: Counter[str] = field(default_factory=Counter)
    wiped: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Strike until all is struck or `over` is set."""
        self.over.wait(FIRST_S)
        while self.struck.total() < self.kills and not self.over.is_set():
            self._strike()
            if self.struck.total() == (self.kills + 1) // 2 and not self.wiped:
                self._wipe()
            self.over.wait(self.chance.uniform(0.2, 1.8) * self.every_s)

    def _strike(self) -> None:
        name = self.chance.choice(sorted(TARGETS))
        victims = self._victims(name)
        if victims:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(victims), signal.SIGKILL)
                self.struck[name] += 1

    def _victims(self, name: str) -> list[int]:
        """Those of that kind who are alive now: the pool is a child of `up`, its runners are children of the pool."""
        with suppress(psutil.NoSuchProcess):
            pools = [one for one in psutil.Process(self.parent).children() if _is(one, TARGETS[name])]
            found = [child for pool in pools for child in pool.children()] if name == "runner" else pools
            return [one.pid for one in found]
        return []

    def _wipe(self) -> None:
        with Redis.from_url(self.redis_url) as redis:
            redis.flushall()
        self.wiped += 1


def _is(process: psutil.Process, words: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return words in " ".join(process.cmdline()).replace("-m ", "")
    return False
