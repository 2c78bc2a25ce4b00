"""Checks the ladder of each worker: peers who widen nothing, people who are there, tactics after failures that exist."""

from collections.abc import Iterator

from contracts.checker.company import doubles, unknown_person
from contracts.checker.workers import OWNER, is_human
from contracts.company import Company
from contracts.contract import FITNESS, PEERS, Lane, Step
from contracts.known_failures import TABLE
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion
from contracts.peers import place_of, rights_of
from contracts.vocabulary import FailureCase, FailureClass

_NEVER = FailureClass.GOVERNANCE


def ladder_mistakes(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    """Everything that is wrong with who and what comes next after a failure."""
    for name in lane.workers:
        yield from _escalation(lane, page, name, company)
        yield from _patience(lane, page, name)
        yield from _order(lane, page, name)
    for index, step in enumerate(lane.steps):
        if step.peer is not None and step.worker in lane.workers:
            yield from _peer(lane, page, ("steps", index, "peer"), step.worker, step.peer)
        yield from _time_of_peers(lane, page, index, step)
        yield from _tactics(lane, page, index, step)
    names = [(("failures", index, "name"), one.name) for index, one in enumerate(lane.failures)]
    yield from doubles(page, "failure", names)
    yield from _known_already(lane, page)


def _escalation(lane: Lane, page: Page, name: str, company: Company) -> Iterator[Mistake]:
    seen_human = False
    for index, who in enumerate(lane.workers[name].escalates):
        at: Pointer = ("workers", name, "escalates", index)
        kind, colon, named = who.partition(":")
        if kind == "person" and colon:
            yield from unknown_person(company, page, at, named)
        elif kind == "group" and colon and named not in company.groups:
            yield page.mistake(at, f"unknown group {named}", suggestion(named, company.groups))
        elif who not in lane.workers and who != PEERS and not is_human(who):
            message = f"{who} is no worker, {PEERS}, lane-owner, group:NAME or person:NAME"
            yield page.mistake(at, message, suggestion(who, [*lane.workers, OWNER, PEERS]))
        elif not is_human(who) and seen_human:
            yield page.mistake(at, f"{who} stands after people", "Name workers first: people are asked last.")
        elif who in lane.workers:
            yield from _peer(lane, page, at, name, who)
        elif who == PEERS:
            yield from _nobody_else(lane, page, at, name)
        seen_human = seen_human or is_human(who)


def _peer(lane: Lane, page: Page, at: Pointer, name: str, peer: str) -> Iterator[Mistake]:
    """A peer has the same job and the same rights, elsewhere or otherwise: delegation widens nobody's scope."""
    if peer not in lane.workers:
        yield page.mistake(at, f"unknown worker {peer}", suggestion(peer, lane.workers))
        return
    worker, other = lane.workers[name], lane.workers[peer]
    if worker.job != other.job:
        hint = f"Name a worker whose job is {worker.job}, or write {OWNER}."
        yield page.mistake(at, f"{peer} has another job than {name}", hint)
    elif place_of(worker) == place_of(other):
        message = f"{peer} runs on {other.runtime}, as {name} does"
        yield page.mistake(at, message, "A peer is the same job on another runtime.")
    if worker.job == other.job and rights_of(worker) != rights_of(other):
        message = f"{peer} has other rights than {name}"
        yield page.mistake(at, message, "Give both the same tier, reads, writes, only, takes and gives.")


def _time_of_peers(lane: Lane, page: Page, index: int, step: Step) -> Iterator[Mistake]:
    at: Pointer = ("steps", index, "peer_within")
    if step.peer_within is None or step.worker not in lane.workers:
        return
    if not lane.peers(step.name):
        yield page.mistake(at, f"{step.name} has no peer", "Name one as `peer`, or take this away.")
    elif step.peer_within < step.deadline:
        message = "a peer would be passed over before the step's own deadline ends it"
        yield page.mistake(at, message, f"Give it {step.deadline}s at least, or shorten `deadline`.")


def _nobody_else(lane: Lane, page: Page, at: Pointer, name: str) -> Iterator[Mistake]:
    others = [other for other, one in lane.workers.items() if other != name and one.job == lane.workers[name].job]
    if not others:
        yield page.mistake(at, f"{name} has no peers", "Declare another worker of the same job, or take it away.")
    for other in others:
        yield from _peer(lane, page, at, name, other)


def _order(lane: Lane, page: Page, name: str) -> Iterator[Mistake]:
    """An order of peers where none stand together."""
    worker = lane.workers[name]
    if worker.order == FITNESS and PEERS not in worker.escalates:
        message = f"{name} does not escalate to {PEERS}, so there is nobody to put in order"
        yield page.mistake(("workers", name, "order"), message, f"Write {PEERS} in `escalates`, or take this away.")


def _patience(lane: Lane, page: Page, name: str) -> Iterator[Mistake]:
    worker = lane.workers[name]
    people = [who for who in worker.escalates if is_human(who)]
    for who, patience in worker.patience.items():
        at: Pointer = ("workers", name, "patience", who)
        if who not in people:
            yield page.mistake(at, f"{who} is not among the people whom {name} escalates to", suggestion(who, people))
        for number, remind in enumerate(patience.remind_s):
            if remind >= patience.for_s:
                message = "the reminder would come when the time is over"
                yield page.mistake((*at, "remind", number), message, "Remind earlier than `for` ends.")


def _tactics(lane: Lane, page: Page, index: int, step: Step) -> Iterator[Mistake]:
    at: Pointer = ("steps", index, "tactics")
    names = [((*at, number, "name"), one.name) for number, one in enumerate(step.tactics)]
    yield from doubles(page, "tactic", names)
    rules = [f"rule {one.name}" for one in lane.require if one.before == step.name]
    known = [*(set(FailureClass) - {_NEVER}), *FailureCase, *(one.name for one in lane.failures), *rules]
    for number, tactic in enumerate(step.tactics):
        for place, after in enumerate(tactic.after):
            if _is_governance(lane, after):
                message = f"{after} is what a worker is not allowed to do: it is stopped, and never done otherwise"
                yield page.mistake((*at, number, "after", place), message)
            elif after not in known:
                message = f"{after} is no class, case or name of a failure"
                yield page.mistake((*at, number, "after", place), message, suggestion(after, sorted(known)))


def _is_governance(lane: Lane, after: str) -> bool:
    declared = {one.name: one.kind for one in lane.failures}
    cases = {str(case): line.kind for case, line in TABLE.items()}
    return after == _NEVER or {**cases, **declared}.get(after) is _NEVER


def _known_already(lane: Lane, page: Page) -> Iterator[Mistake]:
    for index, one in enumerate(lane.failures):
        if one.name in {*FailureCase, *FailureClass}:
            hint = "Give it a name of the lane's own."
            yield page.mistake(("failures", index, "name"), f"{one.name} is a failure that everybody knows", hint)
