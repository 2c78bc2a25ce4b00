"""Checks that a system that is down is put to one person or group: whoever needs it asks the same first, or it has an owner."""

from collections.abc import Iterable, Iterator, Mapping

from contracts.company import Company
from contracts.contract import Lane, WorkerDeclaration
from contracts.escalating import asked_first
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, listed

_Users = Mapping[str, list[tuple[str, str]]]
"""Who uses a system, as (lane, worker), by whom they ask first."""


def sharing_mistakes(company: Company, lanes: Iterable[Lane], page: Page) -> Iterator[Mistake]:
    """Systems without an owner about which more than one person or group would be asked first: one outage, many cards."""
    users = _users(lanes)
    for name, system in company.systems.items():
        asking = users.get(name, {})
        if system.owner is None and len(asking) > 1:
            message = (
                f"{name} has no owner, and different people are asked first when it is down: {_told(company, asking)}"
            )
            hint = f"Name one for all of them, such as owner: {_most_asked(company, asking)}; they get the one card."
            yield page.mistake(("systems", name), message, hint, key=True)


def _users(lanes: Iterable[Lane]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """By system, who asks whom first; peers stand in for the worker of their step, and its ladder holds."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for lane in lanes:
        for worker in dict.fromkeys(step.worker for step in lane.steps):
            for system in _systems_of(lane.workers[worker]):
                found.setdefault(system, {}).setdefault(asked_first(lane, worker), []).append((lane.lane, worker))
    return found


def _systems_of(worker: WorkerDeclaration) -> list[str]:
    return list(dict.fromkeys(call.partition(".")[0] for call in (*worker.reads, *worker.writes)))


def _told(company: Company, asking: _Users) -> str:
    return "; ".join(f"{_named(company, who)} for {_work(asking, who)}" for who in asking)


def _work(asking: _Users, who: str) -> str:
    """The lanes that ask them; a lane that asks others too is told with the workers of it that ask these."""
    lanes = {one: {lane for lane, _ in users} for one, users in asking.items()}
    shared = set().union(*(found for one, found in lanes.items() if one != who))
    return listed(
        list(dict.fromkeys(f"{worker} of {lane}" if lane in shared else lane for lane, worker in asking[who]))
    )


def _named(company: Company, who: str) -> str:
    kind, _, name = who.partition(":")
    person = company.person(name) if kind == "person" else None
    return person.name if person is not None else f"the group {name}"


def _most_asked(company: Company, asking: _Users) -> str:
    """The person whom the most work asks already, the first of the file among equals; else the last resort."""
    people = [who for who in asking if who.startswith("person:")]
    most = max(people, key=lambda who: len(asking[who]), default=f"person:{company.last_resort}")
    return most.partition(":")[2]
