"""Checks that a lane names only what exists: people, groups, portfolios, KPIs, its own workers, steps and artifacts."""

import re
from collections.abc import Iterator, Sequence

from contracts.checker.company import doubles, unknown_person
from contracts.checker.coordinators import coordinator_mistakes
from contracts.checker.ladders import ladder_mistakes
from contracts.checker.workers import worker_mistakes
from contracts.company import Company
from contracts.contract import ApprovalEdge, Lane
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion

_ARTIFACT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_REQUESTER = "requester"


def reference_mistakes(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    """Everything that a lane file names and that is not there, or is there twice."""
    yield from _lane(lane, page, company)
    yield from _may_ask(lane, page, company)
    yield from _workers(lane, page, company)
    yield from worker_mistakes(lane, page)
    yield from coordinator_mistakes(lane, page)
    yield from _names(lane, page)
    yield from _steps(lane, page)
    yield from _before(lane, page)
    yield from ladder_mistakes(lane, page, company)
    for index, edge in enumerate(lane.approve):
        yield from _silence(edge, page, ("approve", index), company)
        yield from _quorum(edge, page, ("approve", index), company)
        yield from _each(edge, page, ("approve", index), company)
        yield from _limits(edge, page, ("approve", index), company)
        yield from _revise(edge, page, ("approve", index), [step.name for step in lane.steps])


def steps_placed(lane: Lane) -> bool:
    """Whether every step has a name and a field of its own, and comes after steps above it: facts depend on that."""
    names = [step.name for step in lane.steps]
    are_distinct = all(len({getattr(step, part) for step in lane.steps}) == len(names) for part in ("name", "writes"))
    return are_distinct and all(set(step.after or ()) <= set(names[:index]) for index, step in enumerate(lane.steps))


def _lane(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    folder = page.source.file.split("/")[-2]
    portfolios = [portfolio.id for space in company.workspaces for portfolio in space.portfolios]
    if lane.lane != folder:
        yield page.mistake(("lane",), f"the lane {lane.lane} lies in the folder {folder}", "Give both the same name.")
    if lane.portfolio not in portfolios:
        hint = suggestion(lane.portfolio, portfolios)
        yield page.mistake(("portfolio",), f"unknown portfolio {lane.portfolio}", hint)
    yield from unknown_person(company, page, ("owner",), lane.owner)
    yield from _unknown_kpi(page, ("serves",), lane.serves, company)
    if lane.retries.first_s > lane.retries.longest_s:
        message = f"the first wait, {lane.retries.first_s:g} s, is above the longest, {lane.retries.longest_s:g} s"
        yield page.mistake(("retries", "first_s"), message)


def _unknown_kpi(page: Page, at: Pointer, name: str | None, company: Company) -> Iterator[Mistake]:
    known = [kpi.name for kpi in company.kpis]
    if name is not None and name not in known:
        yield page.mistake(at, f"unknown KPI {name}", suggestion(name, known))


def _may_ask(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    for index, who in enumerate(lane.may_ask):
        at: Pointer = ("may_ask", index)
        kind, _, name = who.partition(":")
        if kind == "group" and name:
            yield from _unknown_group(page, at, name, company)
        elif kind == "person" and name:
            yield from unknown_person(company, page, at, name)
        elif who != "everyone":
            known = [*(f"group:{group}" for group in company.groups), *(f"person:{one.id}" for one in company.people)]
            meant = [name for name in known if name.partition(":")[2] == who]
            hint = f"Write {', or '.join(meant)}." if meant else None
            yield page.mistake(at, f"{who} is not everyone, group:NAME or person:NAME", hint)


def _unknown_group(page: Page, at: Pointer, group: str, company: Company) -> Iterator[Mistake]:
    if group not in company.groups:
        yield page.mistake(at, f"unknown group {group}", suggestion(group, company.groups))


def _workers(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    for name, worker in lane.workers.items():
        yield from unknown_person(company, page, ("workers", name, "accountable"), worker.accountable)
        yield from _unknown_kpi(page, ("workers", name, "kpi"), worker.kpi, company)


def _names(lane: Lane, page: Page) -> Iterator[Mistake]:
    steps = list(enumerate(lane.steps))
    yield from doubles(page, "step", [(("steps", index, "name"), step.name) for index, step in steps])
    yield from doubles(page, "rule", [(("require", index, "name"), one.name) for index, one in enumerate(lane.require)])
    yield from doubles(page, "edge", [(("approve", index, "name"), one.name) for index, one in enumerate(lane.approve)])
    writers: dict[str, str] = {}
    for index, step in steps:
        first = writers.setdefault(step.writes, step.name)
        if first != step.name:
            message = f"state.{step.writes} is already written by {first}"
            yield page.mistake(("steps", index, "writes"), message, "Each field has one writing step.")


def _steps(lane: Lane, page: Page) -> Iterator[Mistake]:
    names = [step.name for step in lane.steps]
    for index, step in enumerate(lane.steps):
        at: Pointer = ("steps", index)
        if step.worker not in lane.workers:
            hint = suggestion(step.worker, lane.workers)
            yield page.mistake((*at, "worker"), f"unknown worker {step.worker}", hint)
        yield from _earlier(page, (*at, "recheck"), step.recheck, names[:index])
        yield from _earlier(page, (*at, "after"), step.after or (), names[:index])
        for number, artifact in enumerate(step.evidence):
            if not _ARTIFACT.fullmatch(artifact):
                hint = "Write one like order.json."
                yield page.mistake((*at, "evidence", number), f"{artifact!r} is no artifact's name", hint)


def _earlier(page: Page, at: Pointer, named: Sequence[str], earlier: Sequence[str]) -> Iterator[Mistake]:
    for number, name in enumerate(named):
        if name not in earlier:
            yield page.mistake((*at, number), f"{name} is no step above this one", suggestion(name, earlier))


def _amends(lane: Lane, page: Page, names: Sequence[str]) -> Iterator[Mistake]:
    for index, one in enumerate(lane.require):
        above = names[: names.index(one.before)] if one.before in names else names
        if one.amend is not None and one.amend not in above:
            message = f"{one.amend} is no step above {one.before}"
            yield page.mistake(("require", index, "amend"), message, suggestion(one.amend, above))


def _before(lane: Lane, page: Page) -> Iterator[Mistake]:
    names = [step.name for step in lane.steps]
    named: list[tuple[Pointer, str]] = [(("require", index), one.before) for index, one in enumerate(lane.require)]
    named += [(("approve", index), edge.before) for index, edge in enumerate(lane.approve)]
    for at, step in named:
        if step not in names:
            yield page.mistake((*at, "before"), f"unknown step {step}", suggestion(step, names))
    yield from _amends(lane, page, names)


def _each(edge: ApprovalEdge, page: Page, at: Pointer, company: Company) -> Iterator[Mistake]:
    for index, group in enumerate(edge.each):
        yield from _unknown_group(page, (*at, "each", index), group, company)


def _limits(edge: ApprovalEdge, page: Page, at: Pointer, company: Company) -> Iterator[Mistake]:
    for index, limit in enumerate(edge.limits):
        yield from _somebody(limit.who, page, (*at, "limits", index, "who"), company)


def _revise(edge: ApprovalEdge, page: Page, at: Pointer, names: list[str]) -> Iterator[Mistake]:
    """Work is sent back to the step that is decided on, or to one above it."""
    if edge.revise is None or edge.before not in names:
        return
    able = names[: names.index(edge.before) + 1]
    if edge.revise not in able:
        message = f"{edge.revise} is not {edge.before} and no step above it"
        yield page.mistake((*at, "revise"), message, suggestion(edge.revise, able))


def _somebody(who: str, page: Page, at: Pointer, company: Company) -> Iterator[Mistake]:
    kind, _, name = who.partition(":")
    if kind == "group":
        yield from _unknown_group(page, at, name, company)
    elif name != _REQUESTER:
        yield from unknown_person(company, page, at, name)


def _silence(edge: ApprovalEdge, page: Page, at: Pointer, company: Company) -> Iterator[Mistake]:
    for index, step in enumerate(edge.steps):
        place: Pointer = (*at, "steps", index)
        kind, _, name = step.who.partition(":")
        if kind == "group":
            yield from _unknown_group(page, (*place, "who"), name, company)
        elif name != _REQUESTER:
            yield from unknown_person(company, page, (*place, "who"), name)
            yield from _no_manager(page, (*place, "who"), step.who, company)
        elif kind == "person":
            yield page.mistake((*place, "who"), "nobody decides on their own request", "Write manager-of:requester.")
        for number, remind in enumerate(step.remind_s):
            if remind >= step.for_s:
                message = "the reminder would come when the time is over"
                yield page.mistake((*place, "remind", number), message, "Remind earlier than `for` ends.")


def _no_manager(page: Page, at: Pointer, who: str, company: Company) -> Iterator[Mistake]:
    kind, _, name = who.partition(":")
    person = company.person(name)
    if kind == "manager-of" and person is not None and person.manager is None:
        yield page.mistake(at, f"{person.name} has no manager", "Write person:NAME.")


def _quorum(edge: ApprovalEdge, page: Page, at: Pointer, company: Company) -> Iterator[Mistake]:
    asked = max(_reach(step.who, company) for step in edge.steps)
    if edge.quorum > asked:
        message = f"{edge.quorum} have to agree, but at most {asked} are asked"
        yield page.mistake((*at, "quorum"), message, "Ask a larger group, or lower the quorum.")


def _reach(who: str, company: Company) -> int:
    kind, _, name = who.partition(":")
    return len(company.groups.get(name, ())) if kind == "group" else 1
