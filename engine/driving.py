"""Drives one claimed task as far as it goes: step after step, until it ends, waits or is lost to another runner."""

import time
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

from contracts.contract import Step
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.rules import Verdict
from contracts.vocabulary import FailureClass, Rung
from engine import (
    blocking,
    branching,
    budgets,
    circuits,
    effects,
    freshness,
    handing_on,
    heeding,
    judging,
    listing,
    losses,
    pausing,
    prerequisites,
    proposals,
    reviewing,
    standing,
    steps,
    taking_back,
    undoing,
    world,
)
from engine.bench import Bench
from engine.course import Course
from engine.failures import plain
from engine.hearing import WishHeard
from engine.moving_together import Intended, WaitingMove
from engine.passing_over import passes_over
from engine.versions import LaneMissing, lane_of, told_by
from engine.world import Effect
from escalation.approvals import Approval, unused
from escalation.wishes import changes_of
from storage.artifacts import NotKept
from storage.claims import may_be_poison
from storage.database import Unit
from storage.tasks import Task, load
from storage.transitions import Moved
from storage.tried import Tried, of_step

log = structlog.get_logger()


def drive(bench: Bench, task: Task, *, is_silent: bool = False) -> None:
    """Work on a claimed task; a task that somebody else has taken over meanwhile is left alone.

    With `is_silent` its peer has had its time: the step is not worked on, but goes to the next rung.

    An error that nobody foresaw parks this task, where its owner sees it, and spares the others of the shift; raises
    OperationalError when the record can't be reached. What it has come to may wait in `bench.waiting`.
    """
    _guarded(bench, task, partial(_drive, bench, task, is_silent=is_silent))


def go_on(bench: Bench, intended: Intended) -> None:
    """Go on with a task whose effect is written with those of others, as `drive` does."""
    _guarded(bench, intended.course.task, partial(_carry, intended.course, partial(_go_on, intended), []))


def move_alone(bench: Bench, one: WaitingMove) -> None:
    """Write by itself a move that could not be written with others, and go on from there, as `drive` does."""

    def work() -> None:
        one.alone()
        if one.effect is not None:
            _go_on(Intended(one.course, one.effect, time.monotonic()))

    _guarded(bench, one.course.task, partial(_carry, one.course, work, []))


def _go_on(intended: Intended) -> None:
    course = intended.course
    if effects.go_on(course, intended) or branching.has_turned(course):
        _take_all(course)


def _guarded(bench: Bench, task: Task, work: Callable[[], None]) -> None:
    try:
        work()
    except Moved:
        log.info("task.lost", company=task.company, task=task.name, fence=task.fence)
    except OperationalError:
        raise
    except NotKept as error:
        _not_kept(bench, task, str(error))
    except Exception as error:  # noqa: BLE001 - the runner's door: what nobody foresaw leaves a state that someone will see
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"  # the text and the values may be personal: they stay out
        log.error("task.unforeseen", company=task.company, task=task.name, error=type(error).__name__, where=where)
        sentence = f"Chargehand itself stopped at {task.name} with {type(error).__name__}."
        _set_aside(bench, task, Failed(FailureClass.DETERMINISTIC, steps.trouble_cause(task), sentence))


def _not_kept(bench: Bench, task: Task, why: str) -> None:
    """What a try has saved could not be kept, so nothing of it counts; the next one saves it again."""
    log.error("evidence.not_kept", company=task.company, task=task.name)
    sentence = f"The evidence of {task.name} can't be kept: {plain(why)}. Nothing of this try was written."
    failure = Failed(FailureClass.TRANSIENT, steps.STORE, sentence)
    _set_aside(
        bench, task, failure, action="make room where artifacts are kept, or bring that store back, then try again."
    )


def _set_aside(bench: Bench, task: Task, failure: Failed, *, action: str | None = None) -> None:
    with bench.connection.transaction() as unit:
        now = load(unit, task.number)
        effect = world.open_effect(unit, task.number)
    if (now.fence, now.lease_runner) != (task.fence, bench.claimant.runner):
        return
    course, hold = _stand_in(bench, now), blocking.Hold(subject=effect is not None)
    with suppress(Moved, WishHeard):
        blocking.block(course, failure, failure.sentence, event=Event.PARKED, action=action, hold=hold)


def _drive(bench: Bench, task: Task, *, is_silent: bool) -> None:
    try:
        _take_up(bench, task, is_silent=is_silent)
    except WishHeard as heard:
        _drive(bench, heard.task, is_silent=False)


def _take_up(bench: Bench, task: Task, *, is_silent: bool) -> None:
    lane, effect, given, history = _known(bench, task)
    if effect is None and heeding.is_wished(task) and heeding.stops_at_once(_stand_in(bench, task)):
        return
    if isinstance(lane, LaneMissing):
        _park(bench, task, str(lane), effect_open=effect is not None)
        return
    course = Course(
        bench,
        lane,
        task,
        state=dict(task.facts),
        step_name=task.step,
        told=dict(task.told),
        way=dict(task.way),
        rung=task.rung,
        peer=task.worker if task.rung is Rung.PEER else None,
        history=history,
    )
    if may_be_poison(task) and _is_poison(course):
        return
    if passes_over(course, effect, is_silent=is_silent):
        return
    _carry(course, partial(_go, course, effect, given), given)


def _carry(course: Course, work: Callable[[], None], given: list[Approval]) -> None:
    """Do it, unless somebody wants the task stopped; what is left to do after that is done.

    However it went, what was taken of budgets and not spent is given back: a disk that stays full would use up the day.
    """
    try:
        _carry_through(course, work, given)
    finally:
        budgets.settle(course)


def _carry_through(course: Course, work: Callable[[], None], given: list[Approval]) -> None:
    try:
        work()
    except WishHeard:
        _stop_where_it_can(course)
    if undoing.is_ending(course):
        taking_back.finish(course, given)


def _stop_where_it_can(course: Course) -> None:
    """Somebody wants it cancelled or changed: an effect that is under way is settled first, as after a runner's death.

    What somebody wants while it stops is heard, too: who changes their request and then cancels it, say.
    """
    with course.bench.connection.transaction() as unit:
        effect = world.open_effect(unit, course.task.number)
    if effect is None:
        with suppress(WishHeard):
            heeding.stops(course)
            return
        _stop_where_it_can(course)
        return
    course.state, course.step_name, course.turned = dict(course.task.facts), effect.step, False
    _go(course, effect, [])


def _known(
    bench: Bench, task: Task
) -> tuple[LoadedLane | LaneMissing, Effect | None, list[Approval], tuple[Tried, ...]]:
    """The lane and what earlier shifts left; a task that is claimed for the first time under a current lane has nothing."""
    current = bench.business.lanes.get(task.lane)
    if task.fence == 1 and current is not None and current.hash == task.lane_hash:
        return current, None, [], ()
    with bench.connection.transaction() as unit:
        lane = _lane(bench, unit, task)
        since = changes_of(task.way).version
        history = of_step(unit, task.number, task.step, after=since) if _has_failed(task) else ()
        return lane, world.open_effect(unit, task.number), unused(unit, task.number), history


def _has_failed(task: Task) -> bool:
    """Whether there may be tries of its step that have failed."""
    return task.tries > 0 or task.rung is not Rung.SELF or bool(task.told.get("tried"))


def _lane(bench: Bench, unit: Unit, task: Task) -> LoadedLane | LaneMissing:
    try:
        return lane_of(bench.deployment, unit, task.lane, task.lane_hash)
    except LaneMissing as missing:
        return missing


def _go(course: Course, effect: Effect | None, given: list[Approval]) -> None:
    stays = heeding.stops(course) if effect is None else undoing.leaves(course, effect)
    if stays:
        return
    if effect is not None:
        listing.take_up(course, effect)
        if not effects.carry_on(course, effect) and not branching.has_turned(course):
            return
    elif not prerequisites.met(course) or (
        given and not _carry_out_approved(course, given) and not branching.has_turned(course)
    ):
        return
    course.stays = False
    _take_all(course)


def _take_all(course: Course) -> None:
    """Take step after step, until nothing is left to take in this shift."""
    while not heeding.stops(course) and _take(course):
        pass


def _carry_out_approved(course: Course, given: list[Approval]) -> bool:
    """Read the facts again, then carry out the exact proposal that was approved, if its rules still hold."""
    course.stays, bound = True, proposals.rebind(course, given[-1])
    again = {*course.step.recheck, *freshness.too_old(course)}
    if not standing.lets(course, others=sorted(again)) or not budgets.allow(course, others=again):
        return False
    if not circuits.lets_carry_out(course, bound.proposal.tool, again) or not _read_again(course, again):
        return False
    return proposals.weigh(course, bound, given)


def _is_fresh(course: Course) -> bool:
    """Whether what the step rests on is as fresh as it wants, after what is too old was read again; if not, it is left."""
    old = freshness.too_old(course)
    if not old:
        return True
    ready = standing.lets(course, others=old) and budgets.allow(course, others=old) and circuits.let(course)
    return ready and _read_again(course, old)


def _read_again(course: Course, names: Collection[str]) -> bool:
    """Take steps that read again, in the order of the lane; what is too old even then is a failure of the one under way."""
    if not all(_again(course, step) for step in course.lane.lane.steps if step.name in names):
        return False
    lagging = freshness.too_old(course)
    if lagging:
        pausing.after_failure(course, freshness.still_old(course, lagging[0]))
    return not lagging


def _again(course: Course, step: Step) -> bool:
    if course.state.get(step.writes) is None:
        return True  # it was left out
    tried = steps.run(course, step)
    if tried.failure is not None or tried.output is None:
        _failed(course, tried)
        return False
    steps.keep_output(course, step, tried.output, tried.kept)
    return True


def _take(course: Course) -> bool:
    """Take the step that is next; True while there is another to take in this shift."""
    return _take_on(course) or branching.has_turned(course)


def _take_on(course: Course) -> bool:
    if handing_on.runs_elsewhere(course) or not _is_fresh(course):
        return False
    condition = judging.condition(course)
    if condition is not None and not condition.holds:
        return _past(course, condition)
    if not standing.lets(course) or not budgets.allow(course):
        return False
    if course.step.each is not None:
        return circuits.let(course) and listing.take(course)
    return _take_step(course)


def _take_step(course: Course) -> bool:
    if not steps.guard(course) or not circuits.let(course):
        return False
    step = course.step
    tried = steps.run(course, step)
    if tried.proposal is not None:
        steps.keep_evidence(course, step, tried.proposal, tried.kept)
        return proposals.weigh(course, proposals.bind(course, tried.proposal, _revision(course)), [])
    if tried.output is None:
        _failed(course, tried)
        return False
    steps.keep_output(course, step, tried.output, tried.kept)
    stops = step.reviews is not None and reviewing.ends_or_returns(course, step)
    return not stops and (branching.advance(course) or steps.complete(course))


def _past(course: Course, condition: Verdict) -> bool:
    """Go past a step that is not to be done; when nobody can tell whether it is, it waits for its owner."""
    if condition.holds is None:
        steps.stop_undecided(course, condition)
        return False
    steps.leave_out(course, condition)
    return branching.advance(course) or steps.complete(course)


def _revision(course: Course) -> int:
    if course.task.fence == 1:
        return 1
    with course.bench.connection.transaction() as unit:
        return world.next_revision(unit, course.task, course.step_name, 1)


def _failed(course: Course, tried: steps.Tried) -> None:
    failure = tried.failure or steps.UNASKED
    pausing.after_failure(course, failure, kept=tried.kept, down=failure.system in course.probing)


def _park(bench: Bench, task: Task, why: str, *, effect_open: bool) -> None:
    """A task whose lane can't be run here waits for it; it is looked at again, since a deployment may bring it."""
    failure = Failed(FailureClass.DETERMINISTIC, steps.contract_cause(task), plain(why))
    hold, action = blocking.Hold(subject=effect_open), f"deploy what {task.lane} needs, then try again."
    blocking.block(_stand_in(bench, task), failure, plain(why), event=Event.PARKED, action=action, hold=hold)


def _stand_in(bench: Bench, task: Task) -> Course:
    with bench.connection.transaction() as unit:
        lane = told_by(bench.business, unit, task.lane)
    told = dict(task.told)
    return Course(
        bench, lane, task, state=dict(task.facts), step_name=task.step, told=told, way=dict(task.way), stand_in=True
    )


def _is_poison(course: Course) -> bool:
    """Whether its runners died of the task, or so many only lost it that nothing will come of it; then it is parked."""
    with course.bench.connection.transaction() as unit:
        found = losses.losses_of(unit, course.task)
    is_lost = course.task.deaths >= course.lane.lane.retries.losses
    if found.are_poison:
        _park_poison(course, found)
    elif is_lost:
        _park_lost(course)
    return found.are_poison or is_lost


def _park_poison(course: Course, found: losses.Losses) -> None:
    who = "each" if found.killed == found.deaths else f"{found.killed} of them"
    how = f", {who} killed because a step had passed its deadline" if found.killed else ""
    sentence = f"{course.task.name} ended {found.deaths} runners{how}, so it is not tried again."
    _park_for_good(course, f"poison {course.task.name}", sentence)


def _park_lost(course: Course) -> None:
    sentence = (
        f"{course.task.deaths} runners in a row have lost {course.task.name} at {course.step_name}, and nothing came of it: "
        "they were stopped or lost the database, so it is not tried again."
    )
    _park_for_good(course, f"no progress of {course.task.name}", sentence)


def _park_for_good(course: Course, cause: str, sentence: str) -> None:
    """Nobody looks at it again before a person says so, and nobody else works on its subject."""
    failure = Failed(FailureClass.DETERMINISTIC, cause, sentence)
    blocking.block(course, failure, sentence, event=Event.PARKED, hold=blocking.Hold(subject=True, looks_again=False))
