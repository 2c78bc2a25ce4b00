"""Makes the reference of the contract's files off their models: tables for people, JSON Schemas for editors."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from contracts import company, contract, observing, running, scope
from contracts.company import Company
from contracts.contract import Lane
from contracts.declared import Declared, Examples
from contracts.scope import Scope
from contracts.switch import Switch
from contracts.systems import api, files, mail, slack, sql
from contracts.taking_over import Takeover
from tests.architecture.sources import ROOT

SCHEMAS = ROOT / "docs" / "schema"
MODELS: Mapping[str, type[BaseModel]] = {"lane": Lane, "company": Company}
_LANE = (
    *(
        contract.Lane,
        contract.WorkerDeclaration,
        contract.CostProfile,
        scope.WorkerBudget,
        contract.Step,
        contract.Condition,
        Takeover,
        contract.Reviewing,
    ),
    *(
        contract.Requirement,
        Examples,
        contract.ApprovalEdge,
        contract.SilenceStep,
        running.Retries,
        running.Isolation,
        contract.Telling,
    ),
    *(contract.Tactic, contract.FailureRule, contract.Patience, observing.Derived, observing.Probe, Switch),
)
_TREE = (scope.Scope, scope.Budget, scope.Caps, scope.Cap, scope.Policy)
_COMPANY = (
    *(company.Company, company.Workspace, company.Portfolio, company.PersonDeclaration, company.System),
    *(sql.SqlSystem, sql.SqlRead, sql.SqlEffect, files.FilesSystem),
    *(api.HttpSystem, api.HttpRead, api.HttpEffect, api.HttpLook, api.HttpKeys, api.HttpPages),
    *(mail.MailSystem, mail.Copies, mail.MailEffect, slack.SlackSystem, slack.SlackEffect, slack.SlackDelete),
    *(company.Objective, company.KeyResult, company.KPI, company.Price),
)
_TITLES: Mapping[type[BaseModel], str] = {
    contract.Lane: "lane.yaml",
    contract.WorkerDeclaration: "a worker",
    contract.CostProfile: "cost of a worker",
    contract.Step: "a step",
    contract.Condition: "when",
    Takeover: "taking over",
    contract.Reviewing: "reviews",
    contract.Requirement: "a rule of require",
    Examples: "examples",
    contract.ApprovalEdge: "an edge of approve",
    contract.SilenceStep: "a step of an edge",
    running.Retries: "retries",
    running.Isolation: "isolation",
    contract.Tactic: "a tactic",
    contract.FailureRule: "a rule of failures",
    contract.Patience: "patience with people",
    contract.Telling: "tell",
    observing.Derived: "a derived fact",
    observing.Probe: "a probe",
    Switch: "a switch",
    scope.Scope: "anywhere in the tree",
    scope.Budget: "budget",
    scope.WorkerBudget: "budget of a worker",
    scope.Caps: "caps of a blast radius",
    scope.Cap: "a cap",
    scope.Policy: "a policy",
    company.Company: "company.yaml",
    company.Workspace: "a workspace",
    company.Portfolio: "a portfolio",
    company.PersonDeclaration: "a person",
    company.System: "a system",
    sql.SqlSystem: "sql of a system",
    sql.SqlRead: "a read of sql",
    sql.SqlEffect: "an effect of sql",
    api.HttpSystem: "http of a system",
    api.HttpRead: "a read of http",
    api.HttpEffect: "an effect of http",
    api.HttpLook: "look of an effect of http",
    api.HttpKeys: "keys of an effect of http",
    api.HttpPages: "pages of keys",
    files.FilesSystem: "files of a system",
    mail.MailSystem: "mail of a system",
    mail.Copies: "copies of mail",
    mail.MailEffect: "an effect of mail",
    slack.SlackSystem: "slack of a system",
    slack.SlackEffect: "an effect of slack",
    slack.SlackDelete: "a deletion of slack",
    company.Objective: "an objective",
    company.KeyResult: "a key result",
    company.KPI: "a KPI",
    company.Price: "a price",
}


def schema_files() -> dict[str, str]:
    """The JSON Schema of each kind of file, by its name in docs/schema/."""
    return {f"{name}.json": _schema(model) for name, model in MODELS.items()}


def lane_reference() -> str:
    """Every key of a lane file."""
    return _tables(_LANE)


def tree_reference() -> str:
    """Every key that a company, a workspace, a portfolio and a lane share."""
    return _tables(_TREE)


def company_reference() -> str:
    """Every key of company.yaml."""
    return _tables(_COMPANY)


def _schema(model: type[BaseModel]) -> str:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(dialect | model.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def _tables(models: tuple[type[Declared], ...]) -> str:
    return "\n".join(_table(model) for model in models)


def _table(model: type[Declared]) -> str:
    schema = model.model_json_schema()
    needed, own = schema.get("required", []), _own(model)
    rows = [
        f"| `{name}` | {_written(part, schema)}{'' if name in needed else ', optional'} | {_one_line(part)} |"
        for name, part in schema["properties"].items()
        if name in own
    ]
    above = (
        "\nAnd all that may stand anywhere in the tree.\n" if issubclass(model, Scope) and model is not Scope else ""
    )
    head = f"**{_TITLES[model]}** – {' '.join((model.__doc__ or '').split())}\n"
    return "\n".join([head, "| key | is | what it says |", "| --- | --- | --- |", *rows]) + f"\n{above}"


def _own(model: type[Declared]) -> set[str]:
    """The names of a model's own fields, as files write them; those that all levels of the tree share stand apart."""
    shared = Scope.model_fields if issubclass(model, Scope) and model is not Scope else {}
    return {info.alias or name for name, info in model.model_fields.items() if name not in shared}


def _one_line(part: Mapping[str, Any]) -> str:
    return " ".join(str(part.get("description", "")).split()).replace("|", "\\|")


def _written(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What is written there, in words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        titles = {model.__name__: title for model, title in _TITLES.items()}
        return titles.get(name) or _written(schema["$defs"][name], schema)
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_kinds(part["anyOf"], schema)))
    if "enum" in part or "const" in part:
        return " or ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    return _plain(part, schema)


def _kinds(parts: list[Mapping[str, Any]], schema: Mapping[str, Any]) -> Iterator[str]:
    """A number may also be written as text that holds one; nothing at all is `optional`."""
    numbers = any(part.get("type") == "number" for part in parts)
    for part in parts:
        if part.get("type") != "null" and not (numbers and part.get("type") == "string"):
            yield _written(part, schema)


def _plain(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    match part.get("type"):
        case "array":
            return f"list: {_written(part['items'], schema)}"
        case "object":
            inner = [*part.get("patternProperties", {}).values(), part.get("additionalProperties")][0]
            return f"mapping: {_written(inner, schema)}" if isinstance(inner, dict) else "mapping"
        case "string" if "(s|m|h|d)" in part.get("pattern", ""):
            return "duration"
        case "string":
            return "date" if part.get("format") == "date" else "text"
        case None:
            return "JSONLogic"
        case kind:
            return {"integer": "whole number", "number": "number", "boolean": "true or false"}[str(kind)]
