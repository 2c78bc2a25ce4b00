"""Checks that company.yaml agrees with itself: ids are there once, and everybody who is named exists."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from contracts.checker.economics import economics_mistakes
from contracts.company import Company
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion


def company_mistakes(company: Company, page: Page, timezones: Collection[str]) -> Iterator[Mistake]:
    """Everything that is wrong within company.yaml; `timezones` are those that may be named (none: not checked)."""
    yield from _doubled(company, page)
    yield from _managers(company, page)
    yield from _last_resort(company, page)
    yield from _system_owners(company, page)
    yield from _portfolio_managers(company, page)
    yield from _groups(company, page)
    yield from _channels(company, page)
    yield from _timezones(company, page, timezones)
    yield from economics_mistakes(company, page)


def unknown_person(company: Company, page: Page, at: Pointer, person: str) -> Iterator[Mistake]:
    """A mistake if nobody has that id, or if whoever has it is not active."""
    known = company.person(person)
    if known is None:
        yield page.mistake(at, f"unknown person {person}", suggestion(person, [one.id for one in company.people]))
    elif not known.active:
        yield page.mistake(at, f"{known.name} is not active", "Name somebody who is.")


def _doubled(company: Company, page: Page) -> Iterator[Mistake]:
    spaces = [(("workspaces", index), space) for index, space in enumerate(company.workspaces)]
    portfolios: list[tuple[Pointer, str]] = [
        ((*at, "portfolios", index, "id"), portfolio.id)
        for at, space in spaces
        for index, portfolio in enumerate(space.portfolios)
    ]
    people = list(enumerate(company.people))
    yield from doubles(page, "person", [(("people", index, "id"), one.id) for index, one in people])
    yield from doubles(page, "address", [(("people", index, "email"), one.email.lower()) for index, one in people])
    yield from doubles(page, "workspace", [((*at, "id"), space.id) for at, space in spaces])
    yield from doubles(page, "portfolio", portfolios)
    yield from doubles(page, "KPI", [(("kpis", index, "name"), kpi.name) for index, kpi in enumerate(company.kpis)])


def doubles(page: Page, what: str, named: Sequence[tuple[Pointer, str]]) -> Iterator[Mistake]:
    """A mistake for each name after the first of its like."""
    seen: set[str] = set()
    for at, name in named:
        if name in seen:
            yield page.mistake(at, f"there are two of the {what} {name}", "Give each a name of its own.")
        seen.add(name)


def _managers(company: Company, page: Page) -> Iterator[Mistake]:
    circled = _in_circles({person.id: person.manager for person in company.people if person.manager is not None})
    for index, person in enumerate(company.people):
        at: Pointer = ("people", index, "manager")
        if person.manager is not None:
            yield from unknown_person(company, page, at, person.manager)
        if person.id in circled:
            yield page.mistake(
                at, f"{person.name} would be their own manager, in the end", "Somebody at the top has none."
            )


def _in_circles(managers: Mapping[str, str]) -> set[str]:
    """Those who stand above themselves; each is walked past once, however long the chains are."""
    circled: set[str] = set()
    passed: set[str] = set()
    for person in managers:
        walk: dict[str, int] = {}
        above: str | None = person
        while above is not None and above not in passed and above not in walk:
            walk[above] = len(walk)
            above = managers.get(above)
        if above in walk:
            circled |= {one for one, number in walk.items() if number >= walk[above]}
        passed |= walk.keys()
    return circled


def _last_resort(company: Company, page: Page) -> Iterator[Mistake]:
    yield from unknown_person(company, page, ("last_resort",), company.last_resort)


def _system_owners(company: Company, page: Page) -> Iterator[Mistake]:
    for name, system in company.systems.items():
        if system.owner is not None:
            yield from unknown_person(company, page, ("systems", name, "owner"), system.owner)


def _portfolio_managers(company: Company, page: Page) -> Iterator[Mistake]:
    for number, space in enumerate(company.workspaces):
        for index, portfolio in enumerate(space.portfolios):
            at: Pointer = ("workspaces", number, "portfolios", index, "manager")
            yield from unknown_person(company, page, at, portfolio.manager)


def _groups(company: Company, page: Page) -> Iterator[Mistake]:
    for group, members in company.groups.items():
        at: Pointer = ("groups", group)
        if company.person(group) is not None:
            yield page.mistake(at, f"{group} is a person and a group", "Give the group another name.", key=True)
        if not members:
            yield page.mistake(at, f"nobody is in the group {group}", "Name a member, or delete it.", key=True)
        yield from doubles(page, "member", [((*at, index), member) for index, member in enumerate(members)])
        for index, member in enumerate(members):
            yield from unknown_person(company, page, (*at, index), member)


def _channels(company: Company, page: Page) -> Iterator[Mistake]:
    known = dict.fromkeys([*company.groups, *(person.id for person in company.people)])
    for channel, members in company.slack_channels.items():
        for index, member in enumerate(members):
            if member not in known:
                at: Pointer = ("slack_channels", channel, index)
                yield page.mistake(at, f"unknown person or group {member}", suggestion(member, known))


def _timezones(company: Company, page: Page, timezones: Collection[str]) -> Iterator[Mistake]:
    named: list[tuple[Pointer, str]] = [(("timezone",), company.timezone)]
    named += [(("people", index, "timezone"), person.timezone) for index, person in enumerate(company.people)]
    for at, zone in named:
        if timezones and zone not in timezones:
            yield page.mistake(at, f"unknown time zone {zone}", suggestion(zone, sorted(timezones)))
