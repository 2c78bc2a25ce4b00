"""Knows the names that the files of a business give and use: what could not be read was most likely one of them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel

from contracts.loading.fields import Place, bare, field_place

Owner = tuple[str, str]
KEYS = "keys of "

_STEP, _WORKER, _FIELD, _PERSON, _GROUP, _KPI, _JOB = "step", "worker", "field", "person", "group", "KPI", "job"
_SCOPES = ("Lane", "Company", "Workspace", "Portfolio")
_GIVEN: Mapping[Owner, str] = {
    ("Step", "name"): _STEP,
    ("Step", "writes"): _FIELD,
    ("Lane", f"{KEYS}workers"): _WORKER,
    ("PersonDeclaration", "id"): _PERSON,
    ("Company", f"{KEYS}groups"): _GROUP,
    ("Company", f"{KEYS}systems"): "system",
    ("Company", f"{KEYS}slack_channels"): "channel",
    ("KPI", "name"): _KPI,
    ("Portfolio", "id"): "portfolio",
    ("Objective", "title"): "objective",
    ("Requirement", "name"): "rule",
    ("FailureRule", "name"): "failure",
    ("Lane", f"{KEYS}derive"): "derived",
    ("Lane", f"{KEYS}probes"): "probe",
    ("Lane", "lane"): "lane",
    ("WorkerDeclaration", "job"): _JOB,
}
"""Where a name is given to something, and what kind of thing that is."""
_USED: Mapping[Owner, str] = {
    owner: role
    for role, owners in {
        _STEP: [
            *(("Step", "after"), ("Step", "recheck"), ("Requirement", "before"), ("Requirement", "amend")),
            *(("ApprovalEdge", "before"), ("ApprovalEdge", "revise"), ("Probe", "before"), ("Reviewing", "step")),
        ],
        _WORKER: [
            ("Step", "worker"),
            ("Step", "peer"),
            ("WorkerDeclaration", "next"),
            ("WorkerDeclaration", "escalates"),
        ],
        _FIELD: [
            *(("WorkerDeclaration", "takes"), ("WorkerDeclaration", "gives")),
            *(("Step", "accepts_suspect"), ("Step", f"{KEYS}fresh")),
        ],
        _PERSON: [
            *(("Lane", "owner"), ("WorkerDeclaration", "accountable"), ("Company", "last_resort")),
            *(("PersonDeclaration", "manager"), ("Portfolio", "manager"), ("Objective", "owner")),
            *(("Company", "groups"), ("Company", "slack_channels")),
            *(("Prerequisite", "person"), ("Prerequisite", "owner")),
        ],
        _GROUP: [("Prerequisite", "group"), ("ApprovalEdge", "each"), *((one, "approvers") for one in _SCOPES)],
        _KPI: [("Lane", "serves"), ("WorkerDeclaration", "kpi"), ("KeyResult", "kpis")],
        "portfolio": [("Lane", "portfolio")],
        "objective": [("KPI", "objective")],
        "function": [("Step", "run"), ("Tactic", "run"), ("WorkerDeclaration", "coordinates")],
        "model": [("Step", "gives"), ("Lane", "request")],
        "read": [("WorkerDeclaration", "reads"), ("Probe", "read"), ("Prerequisite", "answers")],
        "effect": [("WorkerDeclaration", "writes"), ("Undo", "by")],
        "tool": [("System", "tool")],
        "artifact": [("WorkerDeclaration", "evidence"), ("Step", "evidence")],
        "runtime": [("WorkerDeclaration", "runtime")],
        "failure": [("Tactic", "after")],
        "channel": [(one, "channels") for one in _SCOPES],
        "system": [(one, "data_sources") for one in _SCOPES],
        "somebody": [("SilenceStep", "who"), ("Limit", "who"), ("Lane", "may_ask")],
    }.items()
    for owner in owners
}
"""Where something is named."""
_WITHIN: Iterable[tuple[str, re.Pattern[str]]] = (
    (_PERSON, re.compile(r"\bperson:([a-z][a-z0-9-]*)")),
    (_GROUP, re.compile(r"\bgroup:([a-z][a-z0-9-]*)")),
    (_FIELD, re.compile(r"\b(?:state|known)\.([a-z][a-z0-9_]*)")),
    ("derived", re.compile(r"\bderived\.([a-z][a-z0-9_]*)")),
    ("probe", re.compile(r"\bprobe\.([a-z][a-z0-9_]*)")),
    ("rule", re.compile(r'"rule ([^"]+)"')),
    ("system", re.compile(r'"([a-z][a-z0-9-]*)\.[a-z_][a-z0-9_]*"')),
)
"""What is named within text, wherever that stands."""


def role_of(owner: Owner) -> str | None:
    """The kind of thing that a field gives a name to, or names."""
    return _GIVEN.get(owner) or _USED.get(owner)


def names_one(owner: Owner) -> bool:
    """Whether a field gives a name that nothing beside it may have, too."""
    return _GIVEN.get(owner, _JOB) != _JOB


@dataclass(slots=True)
class Names:
    """The names of things by kind: those that are `given`, and those that are `used`, by the fields that use them."""

    given: dict[str, dict[str, None]] = field(default_factory=dict)
    used: dict[str, dict[str, set[Owner]]] = field(default_factory=dict)
    lists: dict[Owner, list[list[str]]] = field(default_factory=dict)
    """The lists of names that stand in a field somewhere."""

    def give(self, role: str, names: Iterable[str]) -> None:
        """Know of things that are there."""
        self.given.setdefault(role, {}).update(dict.fromkeys(names))

    def read(self, model: type[BaseModel], data: object) -> None:
        """Know of what a file says, as far as it can be read."""
        whole = Place(model, (model.__name__, ""))
        for owner, text in _texts(whole, data):
            if owner in _GIVEN:
                self.give(_GIVEN[owner], [text])
            elif owner in _USED:
                self.use(_USED[owner], text, owner)
        for owner, names in _lists(whole, data):
            self.lists.setdefault(owner, []).append(names)
        text = json.dumps(data, ensure_ascii=False)
        for role, pattern in _WITHIN:
            for name in pattern.findall(text):
                self.use(role, name)

    def use(self, role: str, name: str, owner: Owner = ("", "")) -> None:
        """Know of something that is named."""
        self.used.setdefault(role, {}).setdefault(name, set()).add(owner)

    def missing(self, role: str) -> list[str]:
        """What is named, and not there."""
        there = {**self.given.get(role, {}), **(self.given.get(_GROUP, {}) if role == _PERSON else {})}
        return [name for name in self.used.get(role, {}) if name not in there]

    def missing_at(self, owner: Owner) -> list[str]:
        """What is named somewhere, and would have been given its name in such a field."""
        return self.missing(_GIVEN[owner]) if owner in _GIVEN else []

    def likely(self, owner: Owner) -> list[str]:
        """What may have stood in such a field, the likeliest first."""
        role = role_of(owner)
        if role is None:
            return []
        if owner in _GIVEN:
            return self.missing(role) or ([*self.given.get(role, {})] if role == _JOB else [])
        if role == "somebody":
            return [*(f"group:{one}" for one in self.given.get(_GROUP, {})), "manager-of:requester"]
        there = self.given.get(role) or dict.fromkeys(self.used.get(role, {}))
        used = self.used.get(role, {})
        free = [name for name in there if owner not in used.get(name, ())]
        return [*free, *(name for name in there if name not in free)]


def _texts(place: Place, data: object) -> Iterator[tuple[Owner, str]]:
    """Every text of a file that its model has a place for, with the field that it stands in; keys of mappings as well."""
    model, name = place.owner
    kind = bare(place.kind)
    if isinstance(data, str):
        yield place.owner, data
    elif isinstance(data, dict) and not _is_model(kind):
        yield from (((model, f"{KEYS}{name}"), key) for key in data)
    for inner, value in _inner(kind, place.owner, data):
        yield from _texts(inner, value)


def _lists(place: Place, data: object) -> Iterator[tuple[Owner, list[str]]]:
    """Every list of texts of a file, with the field that it stands in."""
    kind = bare(place.kind)
    if isinstance(data, list) and data and all(isinstance(one, str) for one in data):
        yield place.owner, data
    for inner, value in _inner(kind, place.owner, data):
        yield from _lists(inner, value)


def _inner(kind: Any, owner: Owner, data: object) -> Iterator[tuple[Place, object]]:
    """What lies just within something, with its place."""
    if _is_model(kind):
        written = data if isinstance(data, dict) else {}
        named = ((name, written.get(info.alias or name, written.get(name))) for name, info in kind.model_fields.items())
        yield from ((field_place(kind, name), found) for name, found in named if found is not None)
    elif isinstance(data, dict):
        inner = (get_args(kind) or (Any,))[-1]
        yield from ((Place(inner, owner), value) for value in data.values())
    elif isinstance(data, list):
        inner = (get_args(kind) or (Any,))[0]
        yield from ((Place(inner, owner), value) for value in data)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
