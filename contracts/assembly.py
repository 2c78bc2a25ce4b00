"""Puts a lane together from its parts, its company and the tools, when all of them agree."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

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
from contracts.checker.worker_budgets import worker_budget_mistakes
from contracts.checker.workers import agreement_mistakes
from contracts.company import Company
from contracts.limits import limits_of
from contracts.loaded import EffectSpec, LoadedLane
from contracts.loading.coordinators import bind_coordinator
from contracts.loading.facts import KNOWN, ArgumentsDiffer, LaneSchemas, schemas_of
from contracts.loading.lanes import (
    LANE,
    LaneFile,
    LaneParts,
    LoadedCode,
    lane_parts,
    load_code,
    missing_files,
    read_lane,
)
from contracts.loading.modules import Code
from contracts.loading.pages import Page, read_page
from contracts.loading.steps import Binding, bind_steps
from contracts.loading.tool import Tool
from contracts.loading.versions import versions_of
from contracts.mistakes import BusinessMistakes, Findings, Pointer
from contracts.readings.agreed import first_good
from contracts.readings.doubted import doubted_places
from contracts.readings.files import names_around
from contracts.readings.names import Names
from contracts.readings.unsure import knows_who_does_what

_LAYERS = 3
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


def load_lane(folder: str, files: Mapping[str, bytes], around: Surroundings, findings: Findings) -> LoadedLane | None:
    """The lane in a folder, checked against company and tools; None, with the mistakes in `findings`, if there are any.

    What depends on something that has mistakes of its own is not checked, so that one mistake is not told many times.
    """
    findings.hold(missing_files, folder, files)
    if findings.mistakes:
        return None
    page = findings.attempt(read_page, f"{folder}/{LANE}", files[f"{folder}/{LANE}"])
    company = around.company.company if around.company else "unknown"
    code = load_code(company, folder, files, findings=findings)
    if page is None:
        return None
    around.pages[page.source.file] = page
    check = partial(_checked, code=code, around=around)
    names = cache(partial(names_around, files, folder))
    lane, found = first_good(partial(check, file) for file in read_lane(page, findings, names))
    if lane is None:
        found.take_over(_found_beyond(found, page, names, check))
    findings.take_over(found)
    return None if findings.mistakes else lane


_Check = Callable[[LaneFile], tuple[LoadedLane | None, Findings]]


def _found_beyond(found: Findings, page: Page, names: Callable[[], Names], check: _Check) -> Findings:
    """What else is wrong, taken for granted that what was found will be mended: it may have hidden the rest."""
    beyond = Findings()
    before: list[Pointer] = []
    for _ in range(_LAYERS):
        known = [*found.mistakes, *beyond.mistakes]
        doubted = doubted_places(page, known)
        if doubted == before:
            break
        _, now = first_good(partial(check, file) for file in read_lane(page, Findings(), names, doubted))
        beyond.take_over(now.without(known))
        before = doubted
    return beyond


def _checked(file: LaneFile, code: LoadedCode, around: Surroundings) -> tuple[LoadedLane | None, Findings]:
    """A lane as one reading of its file has it, and what is wrong with that; None where something is."""
    findings = Findings()
    _against_company(file, around, findings)
    models, workers = code
    placed = steps_placed(file.lane)
    if models is None or not placed or not findings.hold(graph_mistakes, file.lane, file.page):
        return None, findings  # else rules would miss the facts of steps not reached
    findings.hold(trusting_mistakes, file.lane, file.page)
    parts = findings.attempt(lane_parts, file, models)
    if parts is None:
        return None, findings
    return _assemble(parts, workers, around, findings), findings


def _against_company(file: LaneFile, around: Surroundings, findings: Findings) -> None:
    lane, page, company, tools = file.lane, file.page, around.company, around.tools
    if company is None:
        return
    findings.hold(reference_mistakes, lane, page, company)
    findings.hold(lane_scope_mistakes, lane, page, company)
    findings.hold(switch_mistakes, lane, page)
    findings.hold(worker_budget_mistakes, lane, page, company)
    findings.hold(prerequisite_mistakes, lane, page, company, tools)
    if tools is not None:
        findings.hold(policy_mistakes, lane, page, company, tools)
        findings.hold(cap_mistakes, lane, page, company, tools)


def _assemble(parts: LaneParts, workers: Code | None, around: Surroundings, findings: Findings) -> LoadedLane | None:
    bindings = bind_steps(parts, workers, findings) if workers is not None else None
    coordinator = findings.attempt(bind_coordinator, parts.lane, parts.page, workers) if workers is not None else None
    judged = _judge(parts, around.tools, bindings, findings) if around.tools is not None else None
    if workers is None or bindings is None or judged is None or around.company is None or findings.mistakes:
        return None
    loaded = _loaded(parts, workers, around.company, bindings=bindings, judged=judged)
    return replace(loaded, coordinator=coordinator)


def _judge(
    parts: LaneParts, tools: Mapping[str, Tool], bound: Mapping[str, Binding] | None, findings: Findings
) -> _Judged | None:
    lane, page, bindings = parts.lane, parts.page, bound or {}
    findings.hold(operation_mistakes, lane, page, tools)
    findings.hold(tier_mistakes, lane, page, tools)
    findings.hold(only_mistakes, lane, page, tools)
    findings.hold(overwriting_mistakes, lane, page, tools)
    is_proposed_well = findings.hold(proposal_mistakes, lane, page, bindings)
    findings.hold(each_mistakes, lane, page)
    findings.hold(review_mistakes, lane, page, bindings)
    findings.hold(freshness_mistakes, lane, page, bindings)
    findings.hold(undo_mistakes, lane, page, tools, bindings)
    if not is_proposed_well or not effects_known(
        lane, tools
    ):  # else every rule that reads the effect would tell it again
        return None
    effects = partial(effects_of, lane, tools)
    findings.hold(output_mistakes, lane, page, bindings=bindings, outputs=parts.outputs, effects=effects)
    schemas = findings.attempt(_schemas, parts, tools)
    is_sound = bound is not None and not findings.mistakes and knows_who_does_what(lane, page.gaps)
    if is_sound:  # else what is missing would be told of workers that lack it
        findings.hold(agreement_mistakes, lane, page, bindings)
    rules = _rules(parts, schemas, tools, _proposing(bindings), findings) if schemas is not None else None
    if schemas is None or rules is None or findings.mistakes:
        return None
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


def _proposing(bindings: Mapping[str, Binding]) -> frozenset[str]:
    return frozenset(name for name, binding in bindings.items() if binding.proposes)


def _rules(
    parts: LaneParts, schemas: LaneSchemas, tools: Mapping[str, Tool], proposing: frozenset[str], findings: Findings
) -> CompiledRules | None:
    lane, page = parts.lane, parts.page
    findings.hold(need_mistakes, lane, page, schemas)
    findings.hold(deadline_mistakes, lane, page, schemas.whole)
    if not findings.hold(observing_mistakes, lane, page, schemas, tools):
        return None  # else every rule and sentence that reads such a fact would tell it again
    findings.hold(sentence_mistakes, lane, page, schemas)
    findings.hold(deciding_mistakes, lane, page, schemas)
    return findings.attempt(compile_rules, lane, page, schemas, proposing)


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
        takeovers=judged.rules.takeovers,
        allowances=allowances_of(company, lane),
        failures=judged.rules.failures,
        failing=judged.schemas.failing,
        handing=judged.schemas.handing,
        page=parts.page,
        reads_subject=_SUBJECT.search(written) is not None,
        dates_fields=_KNOWN.search(written) is not None or any(step.fresh for step in lane.steps),
    )
