"""Has several people ask at the very same moment: they come to a door in order, and it is shut until all are there."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from engine import door as doors
from engine import intake
from engine.deployment import Deployment
from engine.door import Door
from engine.intake import Accepted, AlreadyAsked, Draft, accept
from tests.builders import House

LATEST_S = 60.0
Told = Accepted | AlreadyAsked | BaseException


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """A machine that stands still makes nobody impatient."""
    patch.setattr(doors, "PATIENCE_S", 1e6)
    patch.setattr(intake, "LOCKS_MS", 60_000)


def until(holds: Callable[[], object]) -> None:
    """Wait for what comes by itself."""
    latest = time.monotonic() + LATEST_S
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.001)


@contextmanager
def shut(door: Door) -> Iterator[None]:
    """Nobody gets through before the end: a round stands still inside."""
    inside, opened = Event(), Event()

    def stands(_: Sequence[object]) -> Sequence[object]:
        inside.set()
        assert opened.wait(LATEST_S)
        return [None]

    with ThreadPoolExecutor(1) as holder:
        holding = holder.submit(door.enter, "nobody's form", None, stands)
        assert inside.wait(LATEST_S)
        try:
            yield
        finally:
            opened.set()
        holding.result(LATEST_S)


@contextmanager
def asking(
    deployment: Deployment, company: str, drafts: Sequence[Draft], before_it_opens: Callable[[], None] = lambda: None
) -> Iterator[list[Future[Accepted | AlreadyAsked]]]:
    """All of them go through the door at once, in the order of their drafts; what they are told is known later."""
    door = deployment.door(company)
    with ThreadPoolExecutor(len(drafts)) as threads:
        asked: list[Future[Accepted | AlreadyAsked]] = []
        with shut(door):
            for draft in drafts:
                asked.append(threads.submit(accept, deployment, company, draft))
                until(lambda: len(door._waiting) == len(asked))
            before_it_opens()
        yield asked


def ask_at_once(
    office: House, drafts: Sequence[Draft], *, before_it_opens: Callable[[], None] = lambda: None
) -> list[Told]:
    """What each of them is told, or what is raised to them."""
    with asking(office.deployment, office.company, drafts, before_it_opens) as asked:
        return [told(one) for one in asked]


def told(one: Future[Accepted | AlreadyAsked]) -> Told:
    """What somebody is told in the end."""
    return one.exception(LATEST_S) or one.result()
