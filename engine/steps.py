"""Takes one step of a task: guards, the worker's code at its desk, and what its output or proposal leads to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import select

from contracts.authoring import Before, Governance, Proposal, Review
from contracts.contract import Step
from contracts.failed import Failed
from contracts.keepable import unkeepable
from contracts.lifecycle import Event
from contracts.loading.facts import ITEM
from contracts.reviewing import WrongReview
from contracts.rules import Verdict
from contracts.vocabulary import FailureCase, FailureClass, Otherwise
from contracts.wording import fill
from engine import blocking, branching, ending, freshness, pausing, reviewing, standing, trust
from engine.course import Course
from engine.desk import Kept, WorkerDesk
from engine.failing import understood
from engine.failures import plain
from engine.going_back import OBJECTIONS, amend, may_be_amended
from engine.isolation import Place
from engine.judging import Fallen, first_fallen, is_guarded
from engine.moving_together import end
from engine.pad import Pad
from engine.purse import meter
from engine.records import Attempt, denials, finished
from engine.writes import Extra
from escalation import outages
from escalation.revising import REASONS
from storage import circuits
from storage.database import Unit
from storage.outbox import Letter
from storage.tables.work import attempts
from storage.tasks import Task
from storage.transitions import Happening

STORE = "the store of artifacts"
"""What stands in the way of tasks whose evidence can't be kept."""
UNASKED = Failed(FailureClass.DETERMINISTIC, "contract", "A step that only reads asked for a change.")


@dataclass(frozen=True, slots=True)
class Tried:
    """What one try of a step's code gave: its output, its proposal, or why it failed."""

    output: BaseModel | None
    proposal: Proposal[Any] | None
    failure: Failed | None
    kept: Kept


def guard(course: Course) -> bool:
    """Whether the step may begin; if a requirement does not hold, the task is refused or blocked and committed."""
    suspected = trust.suspicion(course)
    if suspected is not None:
        trust.stop(course, suspected)
        return False
    if not is_guarded(course):
        return True
    facts = course.facts(course.bench.now())
    fallen = first_fallen(course, facts, with_effect=False)
    if isinstance(fallen, Failed):
        pausing.after_failure(course, fallen, down=fallen.system in course.bench.down)
    elif fallen is not None:
        stop_at(course, fallen)
    return fallen is None


def leave_out(course: Course, verdict: Verdict) -> None:
    """Go past a step whose condition does not hold: its field is null from now on."""
    condition = course.step.when
    told = fill(condition.because, course.facts(course.bench.now()), course.lane.schema) if condition else ""
    course.state = {**course.state, course.step.writes: None}
    content = {"step": course.step_name, "sentence": told, "reads": dict(verdict.reads)}
    course.happenings.append(Happening(Event.LEFT_OUT, content))


def stop_undecided(course: Course, verdict: Verdict) -> None:
    """Block the task at a step of which it can't be told whether it is taken."""
    sentence = f"Nobody can tell whether {course.step_name} is to be done: {verdict.failed}."
    if branching.goes_on_elsewhere(course, sentence, tries=course.task.tries):
        return
    blocking.block(course, Failed(FailureClass.JUDGMENT, f"rule {verdict.name}", sentence), sentence)


def stop_at(course: Course, fallen: Fallen, *, letters: Sequence[Letter] = ()) -> None:
    """Refuse or block the task at a requirement that does not hold, as the requirement says, and tell whom it touches."""
    rule = fallen.requirement.name
    if course.item is not None:
        ending.refuse(course, rule, fallen.sentence, fallen.verdict.reads)
        return
    if reviewing.is_made_again(course, fallen, letters):
        return
    if may_be_amended(course, fallen.requirement):
        amend(course, fallen.requirement, fallen.sentence, letters=letters)
        return
    if fallen.requirement.otherwise is Otherwise.REFUSED:
        ending.refuse(course, rule, fallen.sentence, fallen.verdict.reads, letters=letters)
        return
    failure = fallen_failure(fallen)
    if branching.goes_on_elsewhere(course, fallen.sentence, tries=course.task.tries):
        return
    reason = f"{fallen.sentence} This was not retried because the contract was not satisfied."
    blocking.block(course, failure, reason, letters=letters)


def fallen_failure(fallen: Fallen) -> Failed:
    """A requirement that does not hold, as the ladder reads it."""
    cause = f"rule {fallen.requirement.name}"
    return Failed(FailureClass.DETERMINISTIC, cause, fallen.sentence, case=FailureCase.CONTRACT)


def run(course: Course, step: Step) -> Tried:
    """Run a step's code once at its desk and note the attempt; whatever it raises becomes a failure."""
    started = course.bench.now()
    rights, clock = standing.rights(course, _who(course, step)), course.bench.now
    tactic, before = (course.tactic, _before(course)) if step.name == course.step_name else ("", ())
    desk = WorkerDesk(
        rights,
        course.bench.systems,
        step=step.name,
        clock=clock,
        pad=Pad(course.bench, course.task, step.name),
        meter=meter(course.bench.business.company, rights.worker, clock),
        tactic=tactic,
        before=before,
    )
    desk.objection = course.way.get(OBJECTIONS, {}).get(step.name)
    desk.revisions = tuple(course.told.get(REASONS, ()))
    run = f"{step.name}/{tactic}" if f"{step.name}/{tactic}" in course.lane.functions else step.name
    try:
        given = _given(course, run, desk)
        answer = _answer(course, step, run, given, desk)
        _unharmed(course, step, run, given, desk)
        tried = _checked(course, step, answer, desk)
    except Exception as error:  # noqa: BLE001 - the worker's code is a stranger's: whatever it raises is a failure of its step
        system = desk.left.failing.system if desk.left.failing is not None else ""
        tried = Tried(None, None, understood(course, error, system=system), desk.left)
    _note(course, step, tried, started)
    return tried


def _answer(course: Course, step: Step, run: str, given: dict[str, Any], desk: WorkerDesk) -> Any:
    """What the step's code gives."""
    place = Place(course.bench.watch, course.task.number, course.lane.lane.isolation)
    return place.run(course.lane.functions[run], given, desk, seconds=step.deadline)


def _who(course: Course, step: Step) -> str:
    """Who does a step now: a step that is only read again is its own worker's, whatever the rung."""
    return course.worker if step.name == course.step_name else step.worker


def _before(course: Course) -> tuple[Before, ...]:
    """The failed tries of the step as its worker reads them."""
    return tuple(
        Before(
            worker=one.worker,
            tactic=one.tactic,
            kind=one.failure_class,
            case=one.failure_case,
            cause=one.cause,
            sentence=one.sentence,
            used=tuple(one.used),
            kept=tuple(one.kept),
            notes=tuple(one.notes),
        )
        for one in course.history
    )


def _given(course: Course, run: str, desk: WorkerDesk) -> dict[str, Any]:
    """What a step's code is given, by parameter: copies, so that nobody writes into the record by changing them.

    The field of a step that was left out is null.
    """
    found = {"desk": desk, **{where: _model(*pair) for where, pair in _sources(course, run).items()}}
    found |= _item(course)
    return {parameter: found.get(where) for parameter, where in course.lane.arguments[run].items()}


def _sources(course: Course, run: str) -> dict[str, tuple[type[BaseModel], Mapping[str, Any]]]:
    lane = course.lane
    known = {"request": (lane.request_model, course.task.request)}
    known |= {
        f"state.{name}": (lane.state_models[name], kept) for name, kept in course.known.items() if kept is not None
    }
    return {where: known[where] for where in lane.arguments[run].values() if where in known}


def _item(course: Course) -> dict[str, Any]:
    """The item at work, as its type has it."""
    if course.item is None:
        return {}
    return {ITEM: TypeAdapter(course.lane.items[course.step_name]).validate_python(course.item.item, strict=False)}


def _model(model: type[BaseModel], document: Mapping[str, Any]) -> BaseModel:
    return model.model_validate(_copied(document), strict=False)


def _copied(value: Any) -> Any:
    """A copy of a JSON value that shares nothing with it that could be changed."""
    if isinstance(value, Mapping):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value


def _unharmed(course: Course, step: Step, run: str, given: Mapping[str, Any], desk: WorkerDesk) -> None:
    """Keep that a worker has changed what it was only given to read; its change goes nowhere."""
    sources = _sources(course, run)
    for parameter, where in course.lane.arguments[run].items():
        if where in sources and given[parameter] != _model(*sources[where]):
            job = course.lane.lane.workers[_who(course, step)].job
            desk.refused(where, f"{job} changed {where}, which {step.name} does not write; nothing of it was kept.")


def _checked(course: Course, step: Step, answer: Any, desk: WorkerDesk) -> Tried:
    kept = desk.left
    missing = [name for name in step.evidence if name not in {artifact.name for artifact in kept.artifacts}]
    if missing:
        return Tried(None, None, _broken(f"The evidence {', '.join(missing)} was not saved."), kept)
    if step.reviews is not None:
        return _reviewed(course, step, answer, kept)
    if step.name in course.lane.proposes:
        if isinstance(answer, Proposal):
            return Tried(None, _within_rights(course, step, answer, desk), None, kept)
        return Tried(None, None, _broken(f"The worker of {step.name} proposed nothing."), kept)
    return _output(course.lane.outputs[step.name], answer, kept)


def _output(model: type[BaseModel], answer: Any, kept: Kept) -> Tried:
    """The answer in the shape of its model and no wider, however it was made; raises ValidationError."""
    if not isinstance(answer, model):
        return Tried(None, None, _broken(f"The worker gave no {model.__name__}, which its contract promises."), kept)
    document = answer.model_dump(mode="json", include=set(model.model_fields), warnings=False)
    unkept = unkeepable(document)
    if unkept is not None:
        return Tried(None, None, _broken(f"The worker gave a {model.__name__} in which {plain(unkept)}."), kept)
    return Tried(model.model_validate(document, strict=False), None, None, kept)


def _reviewed(course: Course, step: Step, answer: Any, kept: Kept) -> Tried:
    if not isinstance(answer, Review):
        sentence = f"The worker of {step.name} gave no verdict, and a comment without one is not done."
        return Tried(None, None, _broken(sentence), kept)
    try:
        return Tried(reviewing.as_kept(course, step, answer), None, None, kept)
    except WrongReview as error:
        return Tried(None, None, _broken(str(error)), kept)


def _within_rights(course: Course, step: Step, given: Proposal[Any], desk: WorkerDesk) -> Proposal[Any]:
    """The proposal, checked again: a worker can make one by hand, or change what its desk gave; raises Governance."""
    try:
        return standing.rights(course, _who(course, step)).proposal(
            str(given.tool), dict(given.args), plain(given.because)
        )
    except Governance as refusal:
        desk.refused(str(given.tool), refusal.sentence)
        raise


def _broken(sentence: str) -> Failed:
    return Failed(FailureClass.DETERMINISTIC, "contract", sentence, case=FailureCase.CONTRACT)


def _note(course: Course, step: Step, tried: Tried, started: Any) -> None:
    failure = tried.failure
    outcome = "failed" if failure else "proposed" if tried.proposal else "done"
    ended = course.bench.now()
    sentence = failure.sentence if failure else " ".join(tried.kept.notes)
    kind, cause = (failure.kind, failure.cause) if failure else (None, None)
    who, calls = _who(course, step), tried.kept.calls
    item = course.item.ordinal if course.item is not None else None
    course.used.add(started, ended, calls, by=who)
    course.attempts.append(Attempt(step.name, who, started, ended, outcome, sentence, kind, cause, calls, item))
    course.happenings.extend(denials(who, step.name, tried.kept))


def keep_output(course: Course, step: Step, output: BaseModel, kept: Kept) -> None:
    """Hold a step's output until the next commit; "finished" means committed."""
    document = output.model_dump(mode="json")
    course.state = {**course.state, step.writes: document}
    trust.mark(course, step, kept)
    freshness.mark(course, step, kept)
    if step.name in course.way.get(OBJECTIONS, {}):
        met = {name: why for name, why in course.way[OBJECTIONS].items() if name != step.name}
        course.way = {**course.way, OBJECTIONS: met}
    course.happenings.append(finished(step.name, document, course.keep(step.name, document, kept)))


def keep_evidence(course: Course, step: Step, proposal: Proposal[Any], kept: Kept) -> None:
    """Hold what a proposing step saved, noted and read: the grounds of its proposal."""
    course.keep(step.name, {"proposed": proposal.tool, "args": dict(proposal.args)}, kept)


def complete(course: Course) -> bool:
    """End the task well: every step is finished; False, because nothing is left to do."""
    facts = course.facts(course.bench.now())
    told = {"done": fill(course.lane.lane.tell.done, facts, course.lane.schema)}
    told["verified"] = fill(course.lane.lane.tell.verified, facts, course.lane.schema)
    course.told = {**course.told, **told}
    columns = {"sentence": told["done"], "holds_subject": False}
    end(course, [Happening(*completed(course.told))], columns, point="step", extra=lifting(course))
    return False


def lifting(course: Course, *, changed: Collection[str] = ()) -> Extra | None:
    """What lifts the blockers of a step that had been stopped and works again, for every task that waits on them.

    `changed` are systems that have just shown an effect. A task that was never stopped has nothing to lift.
    """
    return partial(_lift, course, changed) if course.task.fence > 1 or course.probing else None


def _lift(course: Course, changed: Collection[str], unit: Unit) -> None:
    by = course.bench.actor
    answered = {read["what"].partition(".")[0] for _, _, kept in course.results for read in kept.reads}
    answered |= {*changed, *course.answered}
    circuits.close(unit, answered, runtime=course.bench.claimant.runtime)
    outages.over(unit, course.task.lane, _over(course, unit, answered), proven=answered, by=by)


def _over(course: Course, unit: Unit, answered: set[str]) -> set[str]:
    """The causes that this task has just been seen to get past."""
    task = course.task
    systems = {name.partition(".")[0] for name in (*course.lane.reads, *course.lane.effects)}
    systems -= set(course.bench.down) - answered
    rules = {f"rule {one.rule}" for one in course.judged if one.holds}
    mine = (attempts.c.company == unit.company) & (attempts.c.task == task.number)
    met = unit.connection.execute(select(attempts.c.cause).where(mine, attempts.c.cause.is_not(None))).scalars()
    stored = {STORE} if any(one.goes_to_store for _, _, kept in course.results for one in kept.artifacts) else set()
    return systems | rules | set(met) | course.passed | stored | {contract_cause(task), trouble_cause(task)}


def contract_cause(task: Task) -> str:
    """What stands in the way of a task whose version of the contract can't be run."""
    return f"contract {task.lane_hash[:12]}"


def trouble_cause(task: Task) -> str:
    """What stands in the way of a task at which our own code has failed."""
    return f"trouble with {task.name}"


def completed(told: Mapping[str, Any]) -> tuple[Event, dict[str, Any]]:
    """The event that ends a task well."""
    return Event.COMPLETED, {"sentence": told.get("done", "")}
