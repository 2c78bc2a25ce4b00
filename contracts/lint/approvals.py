"""Warns of people who are asked too often, too early, or about themselves."""

from collections.abc import Iterator

from contracts.company import Company
from contracts.contract import ApprovalEdge, Lane
from contracts.graph import leading_to
from contracts.loaded import Business, LoadedLane
from contracts.mistakes import Mistake, Pointer, listed
from contracts.vocabulary import BlastRadius

_REQUESTER = "manager-of:requester"


def needless_edges(business: Business) -> Iterator[Mistake]:
    """Over-review: edges before effects that only change records, which rules and a look can judge."""
    for loaded, index, edge in _edges(business):
        effects = loaded.lane.workers[loaded.lane.step(edge.before).worker].writes
        if all(loaded.effects[effect].operation.blast is BlastRadius.RECORD for effect in effects):
            message = f"a person is asked although {listed(effects)} only changes records"
            hint = "Let a rule judge it, verify it by a look, and delete the edge."
            yield loaded.page.mistake(("approve", index, "before"), message, hint)


def early_edges(business: Business) -> Iterator[Mistake]:
    """Edges before the whole deliverable exists: a later step still keeps evidence and changes nothing."""
    for loaded, index, edge in _edges(business):
        later = [step for step in loaded.lane.steps if edge.before in leading_to(loaded.lane, step.name)]
        open_ends = [step for step in later if step.name not in loaded.proposes and step.evidence]
        if open_ends:
            message = f"a person decides before {open_ends[0].name} has made {listed(open_ends[0].evidence)}"
            hint = f"Put {open_ends[0].name} before {edge.before}, so that they see the whole."
            yield loaded.page.mistake(("approve", index, "before"), message, hint)


def own_approvals(business: Business) -> Iterator[Mistake]:
    """Self-approval made possible, or impossible to give: who asks may be needed to decide."""
    for loaded, index, edge in _edges(business):
        askers = _askers(loaded.lane, business.company)
        for number, step in enumerate(edge.steps):
            pool = _pool(step.who, business.company)
            stuck = [person for person in askers if person in pool and len(pool - {person}) < edge.quorum]
            if stuck:
                name = _name(business.company, stuck[0])
                message = f"when {name} asks, {step.who} has too few to decide without {name}"
                at: Pointer = ("approve", index, "steps", number, "who")
                hint = "Add somebody who may not ask, or take them out of may_ask."
                yield loaded.page.mistake(at, message, hint)


def missing_managers(business: Business) -> Iterator[Mistake]:
    """Edges that go to the requester's manager, where somebody who may ask has none."""
    for loaded, index, edge in _edges(business):
        alone = [
            person
            for person in _askers(loaded.lane, business.company)
            if (found := business.company.person(person)) is not None and found.manager is None
        ]
        for number, step in enumerate(edge.steps):
            if step.who == _REQUESTER and alone:
                told = listed([_name(business.company, person) for person in alone])
                at: Pointer = ("approve", index, "steps", number, "who")
                message = f"{told} may ask and has no manager, so this step is passed over"
                yield loaded.page.mistake(at, message, "Give them a manager, or name a group here.")


def _edges(business: Business) -> Iterator[tuple[LoadedLane, int, ApprovalEdge]]:
    for loaded in business.lanes.values():
        yield from ((loaded, index, edge) for index, edge in enumerate(loaded.lane.approve))


def _askers(lane: Lane, company: Company) -> list[str]:
    """Those who may ask, in the order of company.yaml."""
    found: set[str] = set()
    for who in lane.may_ask:
        kind, _, name = who.partition(":")
        found |= {"group": set(company.groups.get(name, ())), "person": {name}}.get(kind, set())
    active = [person.id for person in company.people if person.active]
    return active if "everyone" in lane.may_ask else [person for person in active if person in found]


def _pool(who: str, company: Company) -> frozenset[str]:
    kind, _, name = who.partition(":")
    return frozenset(company.groups.get(name, ())) if kind == "group" else frozenset({name} if kind == "person" else ())


def _name(company: Company, person: str) -> str:
    found = company.person(person)
    return found.name if found is not None else person
