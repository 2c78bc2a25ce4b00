"""Strikes a running deployment at drawn moments: kills processes, restarts its database, kills and wipes its Redis."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

OURS = {
    "runner pool": "chargehand runner",
    "runner": "chargehand runner",
    "web": "chargehand web",
    "clock": "chargehand clock",
    "courier": "chargehand courier",
}
DATABASE, REDIS, WIPED = "database", "Redis", "Redis wiped"
SERVERS = {DATABASE: "bin/postgres", REDIS: "valkey-server"}
KILL = (signal.SIGKILL,)
ENDINGS = {DATABASE: (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)}
"""How a database goes: it is shut down fast, at once, or dies; the last two leave recovery to the next start."""
FIRST_S = 0.5
_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Weather:
    """How often each kind strikes: our processes about `every_s` apart, wipes and kills of Redis spread over that time,
    restarts of the database 5 to 40 s apart.
    """

    kills: int = 20
    every_s: float = 1.5
    wipes: int = 1
    redis_kills: int = 0
    restarts: int = 0

    @property
    def strikes(self) -> int:
        """All of them."""
        return self.kills + self.wipes + self.redis_kills + self.restarts

    def drawn(self, chance: random.Random) -> list[tuple[float, str]]:
        """What strikes and when, in seconds from the beginning."""
        names = sorted(OURS)
        ours = ((at, chance.choice(names)) for at in _apart(chance, self.kills, 0.2 * self.every_s, 1.8 * self.every_s))
        restarts = ((at, DATABASE) for at in _apart(chance, self.restarts, 5, 40))
        redis = [*_spread(self.wipes, self._lasts_s, WIPED), *_spread(self.redis_kills, self._lasts_s, REDIS)]
        return sorted([*ours, *restarts, *redis])

    @property
    def _lasts_s(self) -> float:
        return self.kills * self.every_s


def _apart(chance: random.Random, number: int, least_s: float, most_s: float) -> Iterator[float]:
    at = FIRST_S
    for _ in range(number):
        yield at
        at += chance.uniform(least_s, most_s)


def _spread(number: int, lasts_s: float, kind: str) -> Iterator[tuple[float, str]]:
    return (((place + 0.5) / number * lasts_s, kind) for place in range(number))


@dataclass(slots=True)
class Lightning:
    """Strikes among the children of `parent` as was drawn; `struck` tells whom and how often."""

    parent: int
    redis_url: str
    strikes: Iterable[tuple[float, str]]
    chance: random.Random
    struck: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Strike until all is struck or `over` is set."""
        passed = 0.0
        for at, kind in self.strikes:
            self.over.wait(max(0.0, at - passed))
            passed = max(at, passed)
            while not self.over.is_set() and not self._strikes(kind):
                self.over.wait(_AGAIN_S)

    def _strikes(self, kind: str) -> bool:
        hit = self._wipes() if kind == WIPED else self._kills(kind)
        self.struck[kind] += hit
        return hit

    def _kills(self, kind: str) -> bool:
        victims = self._victims(kind)
        if victims:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(victims), self.chance.choice(ENDINGS.get(kind, KILL)))
                return True
        return False

    def _victims(self, kind: str) -> list[int]:
        """Those of that kind who are alive now: the pool is a child of `up`, its runners are children of the pool."""
        words = (OURS | SERVERS)[kind]
        with suppress(psutil.NoSuchProcess):
            found = [one for one in psutil.Process(self.parent).children() if _is(one, words)]
            inside = [child for pool in found for child in pool.children()] if kind == "runner" else found
            return [one.pid for one in inside]
        return []

    def _wipes(self) -> bool:
        with suppress(RedisAway), Redis.from_url(self.redis_url) as redis:
            return bool(redis.flushall())
        return False


def _is(process: psutil.Process, words: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return words in " ".join(process.cmdline()).replace("-m ", "")
    return False
