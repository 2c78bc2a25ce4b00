"""Checks prerequisites: that what they name exists, and that somebody could bring it."""

import inspect
from collections.abc import Iterator, Mapping

from contracts.checker.company import doubles, unknown_person
from contracts.checker.rights import operation_named
from contracts.company import Company
from contracts.contract import Lane
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.mistakes import Mistake, Pointer, suggestion
from contracts.prerequisite import Prerequisite


def prerequisite_mistakes(
    lane: Lane, page: Page, company: Company, tools: Mapping[str, Tool] | None
) -> Iterator[Mistake]:
    """Unknown people, groups, systems, settings and reads; two of one name; reads outside the lane's rights."""
    placed = [(("prerequisites", index), one) for index, one in enumerate(lane.prerequisites)]
    yield from doubles(page, "prerequisite", [((*at, "name"), one.name) for at, one in placed])
    for at, one in placed:
        yield from _people(page, at, one, company)
        yield from _setting(page, at, one, company, tools)
        if one.answers is not None and tools is not None:
            yield from _answers(lane, page, at, one, tools)


def _people(page: Page, at: Pointer, one: Prerequisite, company: Company) -> Iterator[Mistake]:
    if one.owner is not None:
        yield from unknown_person(company, page, (*at, "owner"), one.owner)
    known = [declared.id for declared in company.people]
    if one.person is not None and one.person not in known:
        yield page.mistake((*at, "person"), f"unknown person {one.person}", suggestion(one.person, known))
    if one.group is not None and one.group not in company.groups:
        yield page.mistake((*at, "group"), f"unknown group {one.group}", suggestion(one.group, company.groups))


def _setting(
    page: Page, at: Pointer, one: Prerequisite, company: Company, tools: Mapping[str, Tool] | None
) -> Iterator[Mistake]:
    if one.setting is None:
        return
    system, _, name = one.setting.partition(".")
    if system not in company.systems:
        yield page.mistake((*at, "setting"), f"unknown system {system}", suggestion(system, company.systems))
    elif tools is not None and system in tools:
        known = list(inspect.signature(tools[system].kind).parameters)
        if name not in known:
            yield page.mistake((*at, "setting"), f"{system} has no setting {name}", suggestion(name, known))


def _answers(lane: Lane, page: Page, at: Pointer, one: Prerequisite, tools: Mapping[str, Tool]) -> Iterator[Mistake]:
    read = one.answers or ""
    allowed = sorted({name for worker in lane.workers.values() for name in worker.reads})
    if operation_named(read, tools) is None or read not in allowed:
        message = f"no worker of this lane may read {read}"
        yield page.mistake((*at, "answers"), message, suggestion(read, allowed))
        return
    system, _, name = read.partition(".")
    try:
        inspect.signature(getattr(tools[system].kind, name)).bind(None, **one.given)
    except TypeError as error:
        yield page.mistake((*at, "answers"), f"{read} can't be read with what it is given: {error}")
