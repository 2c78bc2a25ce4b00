"""Who may decide: resolves what a contract writes (group, person, manager) to people who are there today."""

from collections.abc import Sequence

from storage.database import Unit
from storage.directory import Person, everyone, members, person


def resolve(unit: Unit, who: str, *, requester: str) -> list[Person]:
    """The active people behind `group:x`, `person:x` or `manager-of:requester`, never the requester themself."""
    return [one for one in behind(unit, who, requester=requester) if one.id != requester]


def behind(unit: Unit, who: str, *, requester: str) -> list[Person]:
    """The active people whom a contract's words mean, whoever asked."""
    kind, _, name = who.partition(":")
    found = members(unit, name) if kind == "group" else _one(unit, kind, name, requester)
    return [one for one in found if one.active]


def _one(unit: Unit, kind: str, name: str, requester: str) -> list[Person]:
    wanted = name
    if kind == "manager-of":
        whose = person(unit, requester if name == "requester" else name)
        wanted = whose.manager or "" if whose else ""
    found = person(unit, wanted)
    return [found] if found else []


def in_words(unit: Unit, who: str, *, requester: str) -> str:
    """How people call them: "finance approvers", or a name."""
    kind, _, name = who.partition(":")
    if kind == "group":
        return name.replace("-", " ")
    return names(_one(unit, kind, name, requester)) or "their manager"


def names(people: Sequence[Person]) -> str:
    """Names in a row: "Ada Byron, Grace Hopper"."""
    return ", ".join(one.name for one in people)


def named(unit: Unit, person_id: str | None) -> str:
    """The name of a person, or the id when nobody has it."""
    found = everyone(unit, [person_id]) if person_id else []
    return names(found) or str(person_id)
