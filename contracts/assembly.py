"""Puts a lane together from its parts, its company and the tools, when all of them agree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from contracts.budgets import allowances_of
from contracts.canonical import digest
from contracts.checker.deadlines import deadline_mistakes
from contracts.checker.deciding import deciding_mistakes
from contracts.checker.each import each_mistakes
from contracts.checker.freshness import freshness_mistakes
from contracts.checker.graph import graph_mistakes
from contracts.checker.inheritance import cap_mistakes, lane_scope_mistakes, policy_mistakes
from contracts.checker.observing import need_mistakes, observing_mistakes
from contracts.checker.outputs import output_mistakes
from contracts.checker.overwriting import overwriting_mistakes
from contracts.checker.prerequisites import prerequisite_mistakes
from contracts.checker.references import reference_mistakes, steps_placed
from contracts.checker.reviews import review_mistakes
from contracts.checker.rights import (
    effects_known,
    effects_of,
    only_mistakes,
    operation_mistakes,
    proposal_mistakes,
    tier_mistakes,
)
from contracts.checker.rules import CompiledRules, compile_rules
from contracts.checker.sentences import sentence_mistakes
from contracts.checker.switches import switch_mistakes
from contracts.checker.trusting import trusting_mistakes
from contracts.checker.undoing import undo_mistakes, undo_of
from contracts.checker.workers import agreement_mistakes
from contracts.company import Company
from contracts.limits import limits_of
from contracts.loaded import EffectSpec, LoadedLane
from contracts.loading.coordinators import bind_coordinator
from contracts.loading.facts import KNOWN, ArgumentsDiffer, LaneSchemas, schemas_of
from contracts.loading.lanes import LaneParts, lane_parts, load_code, missing_files, read_lane
from contracts.loading.modules import Code
from contracts.loading.pages import Page
from contracts.loading.steps import Binding, bind_steps
from contracts.loading.tools import Tool
from contracts.loading.versions import versions_of
from contracts.mistakes import BusinessMistakes, Findings

_SUBJECT, _KNOWN = (re.compile(rf"(?<![\w.]){group}\.[a-z]") for group in ("subject", KNOWN))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What comes of checking a lane against the tools."""

    effects: Mapping[str, EffectSpec]
    schemas: LaneSchemas
    rules: CompiledRules
    tools: Mapping[str, Tool]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lanes are checked against; None for what has mistakes of its own."""

    company: Company | None
    tools: Mapping[str, Tool] | None
    pages: dict[str, Page]
    """Pages that were read on the way, by file, because reading one takes longer than all the rest."""


def load_lane(folder: str, files: Mapping[str, bytes], around: Surroundings) -> LoadedLane:
    """The lane in a folder, checked against company and tools; raises BusinessMistakes.

    What depends on something that has mistakes of its own is not checked, so that one mistake is not told many times.
    """
    findings = Findings(list(missing_files(folder, files)))
    findings.settle()
    file = read_lane(folder, files, findings)
    if file is not None:
        around.pages[file.page.source.file] = file.page
    if file is not None and around.company is not None:
        findings.add(reference_mistakes(file.lane, file.page, around.company))
        findings.add(lane_scope_mistakes(file.lane, file.page, around.company))
        findings.add(switch_mistakes(file.lane, file.page))
        findings.add(prerequisite_mistakes(file.lane, file.page, around.company, around.tools))
        if around.tools is not None:
            findings.add(policy_mistakes(file.lane, file.page, around.company, around.tools))
            findings.add(cap_mistakes(file.lane, file.page, around.company, around.tools))
    company = around.company.company if around.company else "unknown"
    models, workers = load_code(company, folder, files, findings=findings)
    placed = file is not None and steps_placed(file.lane)
    loose = list(graph_mistakes(file.lane, file.page)) if file is not None and placed else []
    findings.add(loose)
    if file is None or models is None or not placed or loose:  # else rules would miss the facts of steps not reached
        raise BusinessMistakes(findings.mistakes)
    findings.add(trusting_mistakes(file.lane, file.page))
    parts = findings.attempt(partial(lane_parts, file, models))
    if parts is None:
        raise BusinessMistakes(findings.mistakes)
    return _assemble(parts, workers, around, findings=findings)


def _assemble(parts: LaneParts, workers: Code | None, around: Surroundings, *, findings: Findings) -> LoadedLane:
    bindings = findings.attempt(partial(bind_steps, parts, workers)) if workers is not None else None
    placing = partial(bind_coordinator, parts.lane, parts.page)
    coordinator = findings.attempt(partial(placing, workers)) if workers is not None else None
    tools = around.tools
    judged = findings.attempt(partial(_judge, parts, tools, bindings)) if tools is not None else None
    if workers is None or bindings is None or judged is None or around.company is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    findings.add(agreement_mistakes(parts.lane, parts.page, bindings))
    findings.settle()
    loaded = _loaded(parts, workers, around.company, bindings=bindings, judged=judged)
    return replace(loaded, coordinator=coordinator)


def _judge(parts: LaneParts, tools: Mapping[str, Tool], bindings: Mapping[str, Binding] | None) -> _Judged:
    lane, page = parts.lane, parts.page
    findings = Findings(list(operation_mistakes(lane, page, tools)))
    findings.add(tier_mistakes(lane, page, tools))
    findings.add(only_mistakes(lane, page, tools))
    findings.add(overwriting_mistakes(lane, page, tools))
    proposals = list(proposal_mistakes(lane, page, bindings or {}))
    findings.add(proposals)
    findings.add(each_mistakes(lane, page))
    findings.add(review_mistakes(lane, page, bindings or {}))
    findings.add(freshness_mistakes(lane, page, bindings or {}))
    findings.add(undo_mistakes(lane, page, tools, bindings or {}))
    if proposals or not effects_known(lane, tools):  # else every rule that reads the effect would tell it again
        raise BusinessMistakes(findings.mistakes)
    effects = partial(effects_of, lane, tools)
    findings.add(output_mistakes(lane, page, bindings=bindings or {}, outputs=parts.outputs, effects=effects))
    schemas = findings.attempt(partial(_schemas, parts, tools))
    rules = (
        findings.attempt(partial(_rules, parts, schemas, tools, _proposing(bindings))) if schemas is not None else None
    )
    if schemas is None or rules is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    undos = [undo_of(step.undo, tools) for step in lane.steps if step.undo is not None]
    proposed = [spec for step in lane.steps for spec in effects(step.name)]
    found = {spec.name: spec for spec in [*proposed, *undos] if spec is not None}
    return _Judged(found, schemas, rules, tools)


def _schemas(parts: LaneParts, tools: Mapping[str, Tool]) -> LaneSchemas:
    try:
        effects = partial(effects_of, parts.lane, tools)
        return schemas_of(parts.lane, parts.request, parts.state, effects=effects, items=parts.items)
    except ArgumentsDiffer as error:
        raise BusinessMistakes([parts.page.mistake(("workers",), str(error), key=True)]) from error


def _proposing(bindings: Mapping[str, Binding] | None) -> frozenset[str]:
    return frozenset(name for name, binding in (bindings or {}).items() if binding.proposes)


def _rules(
    parts: LaneParts, schemas: LaneSchemas, tools: Mapping[str, Tool], proposing: frozenset[str]
) -> CompiledRules:
    findings = Findings(list(need_mistakes(parts.lane, parts.page, schemas)))
    findings.add(deadline_mistakes(parts.lane, parts.page, schemas.whole))
    observed = list(observing_mistakes(parts.lane, parts.page, schemas, tools))
    findings.add(observed)
    if observed:  # else every rule and sentence that reads such a fact would tell it again
        raise BusinessMistakes(findings.mistakes)
    findings.add(sentence_mistakes(parts.lane, parts.page, schemas))
    findings.add(deciding_mistakes(parts.lane, parts.page, schemas))
    rules = findings.attempt(partial(compile_rules, parts.lane, parts.page, schemas, proposing))
    if rules is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    return rules


def _loaded(
    parts: LaneParts, workers: Code, company: Company, *, bindings: Mapping[str, Binding], judged: _Judged
) -> LoadedLane:
    lane = parts.lane
    models = "\n".join(parts.models.source.lines)
    code_hash = digest("\n".join(workers.source.lines))
    written = lane.model_dump_json()
    return LoadedLane(
        lane=lane,
        hash=digest({"lane": parts.page.data, "models": models}),
        code_hash=code_hash,
        versions=versions_of(lane, code_hash, judged.tools),
        request_model=parts.request,
        state_models=parts.state,
        outputs=parts.outputs,
        items=parts.items,
        functions={name: binding.function for name, binding in bindings.items()},
        arguments={name: binding.arguments for name, binding in bindings.items()},
        effects=judged.effects,
        reads=frozenset(read for worker in lane.workers.values() for read in worker.reads),
        proposes=frozenset(name for name, binding in bindings.items() if binding.proposes),
        schema=judged.schemas.whole,
        schemas=judged.schemas.before,
        requirements=judged.rules.requirements,
        edges=judged.rules.edges,
        limits=limits_of(company, lane),
        conditions=judged.rules.conditions,
        allowances=allowances_of(company, lane),
        failures=judged.rules.failures,
        failing=judged.schemas.failing,
        page=parts.page,
        reads_subject=_SUBJECT.search(written) is not None,
        dates_fields=_KNOWN.search(written) is not None or any(step.fresh for step in lane.steps),
    )
