"""What becomes of a proposal: refused by a rule, put to a human at an edge, or carried out with its authority."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.authoring import Proposal
from contracts.canonical import digest
from contracts.contract import ApprovalEdge, Limit
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.vocabulary import DecisionKind, EffectState, Message, WaitingFor
from contracts.wording import fill, shown
from engine import branching, caps, effects, ending, pausing, staging, steps, trust
from engine.caps import Reached
from engine.corrections import overwritten
from engine.cost import cost_so_far
from engine.course import Course
from engine.desk import Call
from engine.judging import CONDITION, Edge, Fallen, edges_that_ask, first_fallen
from engine.world import Effect
from escalation.approvals import Approval, rival
from escalation.opening import Asking, next_number, open_decision
from escalation.revising import REASONS
from escalation.wishes import CHANGED, changes_of
from storage import artifacts
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.outbox import Letter
from storage.transitions import Happening


@dataclass(frozen=True, slots=True)
class Bound:
    """A proposal with the key and digest to which a decision is bound; with `undoes` it takes that effect back."""

    proposal: Proposal[Any]
    revision: int
    key: str
    document: Mapping[str, Any]
    undoes: Effect | None = None

    @property
    def digest(self) -> str:
        """sha256 over the RFC 8785 form of what would be carried out."""
        return digest(self.document)


def bind(course: Course, proposal: Proposal[Any], revision: int, *, undoes: Effect | None = None) -> Bound:
    """Give a proposal its key, the same for every try of it; that of an undo begins with the key of what it undoes."""
    of = f"{course.task.company}/{course.task.name}/{course.step_name}/{course.ordinal}"
    key = f"{of}/{revision}" if undoes is None else f"{undoes.key}/undo/{revision}"
    document = {
        "effect": proposal.tool,
        "args": dict(proposal.args),
        "because": proposal.because,
        "key": key,
        "contract": course.task.lane_hash,
        "task": course.task.name,
    }
    return Bound(proposal, revision, key, document, undoes)


def rebind(course: Course, approval: Approval) -> Bound:
    """The proposal that an approval is bound to."""
    document = approval.document
    proposal: Proposal[Any] = Proposal(document["effect"], document["args"], document["because"])
    return Bound(proposal, int(str(document["key"]).rpartition("/")[2]), document["key"], document)


def weigh(course: Course, bound: Bound, approvals: Sequence[Approval]) -> bool:
    """Judge a proposal and do what follows; True when its effect is verified and the task can go on."""
    # The rules that the step's guard tried are tried again below, now with the effect.
    course.judged[:] = [one for one in course.judged if one.step != course.step_name or one.kind == CONDITION]
    suspected = trust.suspicion(course)
    if suspected is not None:
        trust.stop(course, suspected, letters=_to_deciders(course, approvals, suspected.sentence))
        return False
    facts = course.facts(course.bench.now(), {"name": bound.proposal.tool, "args": dict(bound.proposal.args)})
    fallen = first_fallen(course, facts, with_effect=True)
    if isinstance(fallen, Fallen) and not _goes_on_otherwise(course, bound, fallen):
        steps.stop_at(course, fallen, letters=_to_deciders(course, approvals, fallen.sentence))
    if isinstance(fallen, Fallen):
        return False
    asking = fallen or overwritten(course, bound.proposal) or edges_that_ask(course, facts)
    if isinstance(asking, Failed):
        pausing.after_failure(course, asking)
        return False
    given = {one.edge: one for one in approvals if one.proposal_digest == bound.digest}
    missing = [edge for edge in asking if edge.edge.name not in given]
    if not missing and not given:
        missing = [edge for edge in [staging.edge_of_stage(course, bound.proposal.tool)] if edge is not None]
    if missing:
        return _ask(course, bound, missing[0], facts)
    return carry_out(course, bound, list(given.values()))


def _goes_on_otherwise(course: Course, bound: Bound, fallen: Fallen) -> bool:
    """Whether the contract has another way for a proposal that breaks a rule, and it is tried now."""
    proposed = Call(bound.proposal.tool, bound.proposal.args)
    return course.item is None and pausing.goes_on_otherwise(course, steps.fallen_failure(fallen), proposed)


def carry_out(course: Course, bound: Bound, given: Sequence[Approval]) -> bool:
    """Intend, perform and verify a proposal that may be carried out; True when the task can go on.

    False, too, when it is intended with others: then it goes on once that is written.
    """
    authority = _authority(course, given) if given or bound.undoes is None else _BY_CONTRACT
    proposal, undo = bound.proposal, course.step.undo
    effect = Effect(
        key=bound.key,
        task=course.task.number,
        step=course.step_name,
        ordinal=course.ordinal if bound.undoes is None else bound.undoes.ordinal,
        revision=bound.revision,
        tool=proposal.tool,
        effect_class=_effect_class(course, proposal.tool),
        args=dict(proposal.args),
        because=proposal.because,
        digest=bound.digest,
        authority=authority,
        state=EffectState.INTENDED,
        performs=1,
        looks=0,
        intended_at=course.task.accepted_at,
        answer=None,
        undo=undo.model_dump(mode="json") if undo is not None and bound.undoes is None else None,
        undoes=bound.undoes.key if bound.undoes is not None else None,
    )
    course.told = {**course.told, "authority": authority}
    try:
        intended = effects.intend(course, effect, authority)
    except Reached as reached:
        caps.stop(course, reached)
        return False
    return intended is not None and effects.carry_out(course, intended)


_BY_CONTRACT = "No approval was needed: its contract says that it is taken back when the task ends like this."


def _effect_class(course: Course, tool: str) -> Any:
    return course.lane.effects[tool].operation.effect_class


def _authority(course: Course, given: Sequence[Approval]) -> str:
    if given:
        return ", ".join(f"Approved by {one.by} (decision {one.number}{_marked(one)})" for one in given) + "."
    below = [one.sentence for one in course.judged if one.kind == "approve"]
    return f"No approval was needed: {'; '.join(below)}." if below else "No approval was needed: no edge applies."


def _ask(course: Course, bound: Bound, edge: Edge, facts: Mapping[str, Any]) -> bool:
    if branching.goes_on_elsewhere(course, edge.edge.because, tries=course.task.tries):
        return False
    with course.bench.connection.transaction() as unit:
        other = rival(unit, subject=course.task.subject, task=course.task.number)
        number = next_number(unit)
    if other is not None:
        sentence = f"Already asked: {course.task.subject} waits for a decision in T-{other}."
        ending.refuse(course, "already asked", sentence, {"task": f"T-{other}"})
        return False
    put_to_people(course, bound, edge, facts, number=number)
    return False


def put_to_people(course: Course, bound: Bound, edge: Edge, facts: Mapping[str, Any], *, number: int) -> None:
    """Open a decision on exactly what would be carried out; the task waits for it."""
    card = _card(course, bound, edge, facts)
    asking = Asking(
        task=course.task,
        kind=DecisionKind.APPROVAL,
        edge=edge.edge.name,
        card=card,
        proposal=bound.document,
        quorum=edge.edge.quorum,
        steps=edge.edge.steps,
        last_resort=course.bench.business.company.last_resort,
        terms=terms_of(course.lane, edge.edge),
    )
    _wait_for(course, asking, number, bound, edge.edge.because)


def _marked(approval: Approval) -> str:
    return ", their own request, break-glass" if approval.broken_glass else ""


def terms_of(lane: LoadedLane, edge: ApprovalEdge) -> dict[str, Any]:
    """What the contract says of deciding at an edge, as it is kept on the decision."""
    again = lane.lane.step(edge.revise or edge.before)
    runtime = lane.lane.workers[again.worker].runtime
    limits = [
        {"who": one.who, "of": one.of, "at_most": one.at_most, "shown": _shown_limit(lane, edge, one)}
        for one in edge.limits
    ]
    return {
        "limits": limits,
        "changeable": list(edge.changeable),
        "unanimous": edge.unanimous,
        "each": list(edge.each),
        "four_eyes": edge.four_eyes,
        "break_glass": edge.break_glass,
        "at_last": edge.at_last,
        "revise": {"step": again.name, "worker": again.worker, "runtime": runtime},
    }


def _shown_limit(lane: LoadedLane, edge: ApprovalEdge, limit: Limit) -> str:
    return shown(limit.at_most, lane.schemas[edge.before].at(f"effect.args.{limit.of}"))


def _wait_for(course: Course, asking: Asking, number: int, bound: Bound, sentence: str) -> None:
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.DECISION,
        "waiting_on": str(number),
        "due_at": None,
        "holds_subject": False,
        "sentence": sentence,
    }
    content = {"decision": number, "kind": asking.kind, "edge": asking.edge, "proposal_digest": bound.digest}
    course.commit(
        [Happening(Event.ASKED, content)],
        columns,
        point="ask",
        extra=lambda unit: open_decision(unit, _with_cost(unit, asking), number=number),
    )


def _with_cost(unit: Unit, asking: Asking) -> Asking:
    """What was spent is known when it is written: the attempts that led here are in the same transaction."""
    return replace(asking, card={**asking.card, "cost": cost_so_far(unit, asking.task.number)})


def _card(course: Course, bound: Bound, edge: Edge, facts: Mapping[str, Any]) -> dict[str, Any]:
    schema, declared = course.lane.schema, edge.edge
    kept = [artifact.name for _, _, left in course.results for artifact in left.artifacts]
    return {
        "question": fill(declared.question, facts, schema),
        "recommendation": f"Recommended: approve. {bound.proposal.because}",
        "because": edge.verdict.sentence,
        "facts": [fill(line, facts, schema) for line in declared.state],
        "tried": _held(course),
        "moves": declared.moves,
        "alternatives": [fill(line, facts, schema) for line in declared.alternatives],
        "evidence": kept or _saved(course),
        "verdicts": [f"{one.rule}: {one.sentence}" for one in course.judged],
        "changed": _changed(course),
        "sent_back": list(course.told.get(REASONS, ())),
    }


def _changed(course: Course) -> list[str]:
    """What the requester has changed of the request, for those who may have been asked for it as it was."""
    who = course.bench.requester(course.task.requester)
    told = course.told.get(CHANGED)
    return [f"{who.name if who is not None else course.task.requester}: {told}"] if told else []


def _held(course: Course) -> str:
    """What was looked at before a person is asked, so that they need not do it again."""
    held = [one.rule for one in course.judged if one.kind == "require"]
    return f"{', '.join(held)}: all hold" if held else "nothing had to be looked at first"


def _saved(course: Course) -> list[str]:
    with course.bench.connection.transaction() as unit:
        after = changes_of(course.way).at
        return [name for name, _ in artifacts.of_task(unit, course.task.number, after=after)]


def _to_deciders(course: Course, given: Sequence[Approval], why: str) -> list[Letter]:
    """What was approved no longer holds: those who approved it hear that it was not carried out, and why."""
    sentence = f"{course.task.name} was approved, but not carried out: {why}"
    details = {"sentence": sentence}
    number = course.task.number
    return [
        Letter(Message.NOTICE, f"not-carried-out:{one.number}", person=one.person, task=number, details=details)
        for one in given
    ]
