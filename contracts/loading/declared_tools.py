"""Makes the tool of a system that company.yaml declares by its kind, and tells what can't be as it is declared."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts.canonical import digest
from contracts.company import System
from contracts.loaded import EffectSpec
from contracts.loading.answers import answers_of
from contracts.loading.pages import Page
from contracts.loading.tool import Tool
from contracts.mistakes import BusinessMistakes, Findings, Mistake, Pointer, listed
from contracts.systems import api, files, mail, slack, sql
from contracts.systems.building import Made, tool_of

KINDS = ("tool", "sql", "http", "files", "mail", "slack")
_MADE: Mapping[str, Callable[[Any], list[Made]]] = {
    "sql": sql.made_of,
    "http": api.made_of,
    "files": files.made_of,
    "mail": mail.made_of,
    "slack": slack.made_of,
}
_MISTAKES: Mapping[str, Callable[[Any, Page, Pointer], Iterator[Mistake]]] = {
    "sql": sql.mistakes_of,
    "http": api.mistakes_of,
    "files": files.mistakes_of,
    "mail": mail.mistakes_of,
    "slack": slack.mistakes_of,
}


def kinds_of(declared: System) -> list[str]:
    """By which of the kinds a system is declared; it should be one."""
    return [kind for kind in KINDS if getattr(declared, kind) is not None]


def declared_tool(system: str, declared: System, page: Page) -> Tool:
    """The tool of a system that is declared without code; raises BusinessMistakes."""
    at: Pointer = ("systems", system)
    kinds = kinds_of(declared)
    if len(kinds) != 1:
        told = f"{system} is declared {'by ' + listed(kinds) if kinds else 'by nothing'}"
        raise BusinessMistakes([page.mistake(at, told, f"Give it one of {listed(list(KINDS))}.", key=True)])
    (kind,) = kinds
    findings = Findings()
    if kind in _MISTAKES:
        findings.hold(_MISTAKES[kind], getattr(declared, kind), page, (*at, kind))
    if declared.settings:
        hint = f"What it is made with stands under {kind}."
        findings.add([page.mistake((*at, "settings"), "settings are for a tool of its own", hint, key=True)])
    findings.settle()
    made = _MADE[kind](getattr(declared, kind))
    return _tool(system, made, digest(declared.model_dump(mode="json")))


def _tool(system: str, made: list[Made], code_hash: str) -> Tool:
    operations = {one.operation.name: one.operation for one in made}
    found = tool_of(system, made)
    effects = {
        f"{system}.{one.operation.name}": EffectSpec(f"{system}.{one.operation.name}", one.operation, one.args)
        for one in made
        if one.operation.is_effect
    }
    return Tool(system, found, operations, effects, answers_of(found, operations.values()), code_hash)
