"""A proposal as a decider would have it: the changed arguments, held against the contract's rules before anybody says yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select

from contracts.contract import ApprovalEdge
from contracts.facts import FactType
from contracts.loaded import LoadedLane
from contracts.rules import parse_facts
from contracts.wording import fill, reasoned, shown
from engine.deployment import Deployment
from engine.versions import lane_of
from escalation.approvers import named
from escalation.voices import Amended, Voice
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import judged_facts
from storage.tasks import load

_GONE = "what it was judged on is not on record any more, so nobody can tell whether it holds."


class NotChangeable(ValueError):
    """What somebody wants to change can't be changed so; `str()` is a sentence for them."""


@dataclass(frozen=True, slots=True)
class Changeable:
    """The effect of a decision whose arguments can be changed: its lane and name, and the values as they are."""

    lane: str
    effect: str
    values: Mapping[str, Any]


def changeable(deployment: Deployment, unit: Unit, decision: int) -> Changeable | None:
    """What a decider may change here; None when nothing, or when there is no such decision."""
    try:
        row, lane, _ = _known(deployment, unit, decision)
    except LookupError:
        return None
    args, allowed = row.proposal.get("args", {}), row.terms.get("changeable", ())
    values = {name: args[name] for name in allowed if name in args}
    return Changeable(lane.lane.lane, row.proposal["effect"], values) if values else None


def argument_types(deployment: Deployment, unit: Unit, decision: int) -> dict[str, FactType]:
    """The types of the arguments of what a decision is about; raises LookupError."""
    row, lane, _ = _known(deployment, unit, decision)
    found = {name: lane.schema.at(f"effect.args.{name}") for name in row.proposal.get("args", {})}
    return {name: kind for name, kind in found.items() if kind is not None}


def amend(deployment: Deployment, unit: Unit, voice: Voice, changes: Mapping[str, Any]) -> Amended:
    """The proposal with these changes; raises NotChangeable, and LookupError when there is nothing to change."""
    row, lane, step = _known(deployment, unit, voice.decision)
    args = _changed(row, lane, changes)
    proposal = {**row.proposal, "args": args}
    edge, rule = next(((edge, rule) for edge, rule in lane.edges if edge.name == row.edge), (None, None))
    facts = _facts(unit, row, step)
    if edge is None or rule is None or facts is None:
        return Amended(proposal, row.card, fallen=_GONE)
    facts = {**facts, "effect": {"name": proposal["effect"], "args": args}, "now": int(unit.now.timestamp())}
    verdict = rule.verdict(parse_facts(facts))
    card = {**_card(unit, row, lane, voice, edge=edge, facts=facts), "because": verdict.sentence}
    return Amended(proposal, card, fallen=_fallen(lane, edge, facts), asks=verdict.asks)


def _known(deployment: Deployment, unit: Unit, decision: int) -> tuple[Row[Any], LoadedLane, str]:
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == decision)
    row = unit.connection.execute(query).one_or_none()
    if row is None or row.task is None:
        raise LookupError(f"there is no decision {decision}")
    task = load(unit, row.task)
    return row, lane_of(deployment, unit, task.lane, task.lane_hash), task.step


def _changed(row: Row[Any], lane: LoadedLane, changes: Mapping[str, Any]) -> dict[str, Any]:
    allowed, before = row.terms.get("changeable", ()), row.proposal.get("args", {})
    spec = lane.effects.get(row.proposal.get("effect", ""))
    wrong = [name for name in changes if name not in allowed]
    if spec is None or wrong or not allowed:
        which = f"only {', '.join(allowed)}" if allowed else "nothing"
        raise NotChangeable(f"Here {which} can be changed. Reject it, or send it back with what should be otherwise.")
    try:
        model = spec.args_model.model_validate({**before, **changes})
    except ValidationError as error:
        first = error.errors()[0]
        raise NotChangeable(f"{first['loc'][0] if first['loc'] else 'It'}: {first['msg']}.") from error
    return model.model_dump(mode="json")


def _facts(unit: Unit, row: Row[Any], step: str) -> dict[str, Any] | None:
    """What the proposal's rules were last held against."""
    mine = (judged_facts.c.company == unit.company) & (judged_facts.c.task == row.task) & (judged_facts.c.step == step)
    query = select(judged_facts.c.facts).where(mine).order_by(judged_facts.c.version.desc()).limit(1)
    found: dict[str, Any] | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def _fallen(lane: LoadedLane, edge: ApprovalEdge, facts: Mapping[str, Any]) -> str | None:
    """Why the first requirement that does not hold does not; they are all judged once more when it is carried out."""
    handle = parse_facts(facts)
    for requirement, rule in lane.requirements:
        if requirement.before == edge.before and not rule.verdict(handle).passes:
            return fill(requirement.because, facts, lane.schema)
    return None


def _card(
    unit: Unit, row: Row[Any], lane: LoadedLane, voice: Voice, *, edge: ApprovalEdge, facts: Mapping[str, Any]
) -> dict[str, Any]:
    who = named(unit, voice.person)
    difference = "; ".join(_differences(row, lane, facts))
    return {
        **row.card,
        "question": fill(edge.question, facts, lane.schema),
        "recommendation": reasoned(f"{who} would have it so: {difference}", voice.reason),
        "facts": [fill(line, facts, lane.schema) for line in edge.state],
        "alternatives": [fill(line, facts, lane.schema) for line in edge.alternatives],
        "changed": [*row.card.get("changed", []), f"{who}: {difference}"],
        "follows": row.number,
    }


def _differences(row: Row[Any], lane: LoadedLane, facts: Mapping[str, Any]) -> list[str]:
    before, after = row.proposal["args"], facts["effect"]["args"]
    changed = [name for name in after if after[name] != before.get(name)]
    return [
        f"{name.replace('_', ' ')} {_shown(lane, name, before.get(name))} → {_shown(lane, name, after[name])}"
        for name in changed
    ]


def _shown(lane: LoadedLane, name: str, value: Any) -> str:
    return shown(value, lane.schema.at(f"effect.args.{name}"))
