"""Carries an effect from intended over performed to verified, and never performs where nobody has looked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.authoring import Deterministic, Governance, Seen
from contracts.failed import Failed
from contracts.keepable import unkeepable_text
from contracts.lifecycle import Event
from contracts.parts import Partly
from contracts.vocabulary import EffectClass, EffectState, FailureCase, FailureClass
from contracts.wording import fill
from engine import (
    blocking,
    branching,
    caps,
    doubting,
    fanning,
    freshness,
    going_back,
    heeding,
    looking,
    moving_together,
    parts,
    pausing,
    steps,
    undoing,
    unmade,
    world,
)
from engine.course import Course
from engine.failing import understood
from engine.keeping import as_answered
from engine.moving_together import Intended, end
from engine.parts import Follows
from engine.reconciling import RESTORED
from engine.world import Effect
from engine.writes import Extra, OfWorld, both
from escalation.approvals import use_up
from storage.database import Unit
from storage.transitions import Happening


def intend(course: Course, effect: Effect, authority: str) -> Effect | None:
    """Commit that an effect is about to be performed, with all that led to it; raises engine.caps.Reached.

    None when that is written with others, so that the effect is performed in a moment.
    """
    content = {
        "effect": effect.tool,
        "key": effect.key,
        **({"undoes": effect.undoes} if effect.undoes is not None else {}),
        "digest": effect.digest,
        "authority": authority,
        "verdicts": [[one.rule, one.holds, one.sentence] for one in course.judged],
    }
    intended, columns = [Happening(Event.INTENDED, content)], {"tries": 0}
    effect, room = replace(effect, intended_at=course.bench.now()), caps.taking(course, effect)
    lift = steps.lifting(course)
    if lift is None and room is None and moving_together.may_intend_later(course, effect):
        moving_together.intend(course, intended, columns, effect)
        return None

    def extra(unit: Unit) -> None:
        use_up(unit, course.task.number)
        if lift is not None:
            lift(unit)

    course.commit(
        intended,
        columns,
        point="intend",
        of_world=OfWorld(begun=[world.as_begun(effect, company=course.task.company)], uses=room.uses if room else ()),
        extra=extra if lift is not None else None,
        first=room,
    )
    return effect


def go_on(course: Course, intended: Intended) -> bool:
    """Carry out an effect that was written with others, unless that was a while ago or its system is down by now: then a
    look comes first, as after a runner's death.
    """
    if intended.is_sure and world.system_of(intended.effect) not in course.bench.down:
        return carry_out(course, intended.effect)
    return carry_on(course, intended.effect)


def carry_out(course: Course, effect: Effect, *, earlier: Effect | None = None) -> bool:
    """Perform, look and settle; True when the effect is verified and the task can go on.

    Since the record was restored from a backup, the world may show what it does not know: then a look comes first.
    """
    if RESTORED in course.task.origin:
        return _after_restore(course, effect)
    return _perform(course, effect, earlier=earlier)


def _after_restore(course: Course, effect: Effect) -> bool:
    if effect.effect_class is EffectClass.NEITHER:
        return doubting.doubt(
            course, effect, "The record was restored from a backup, and nobody can look whether it happened."
        )
    seen, failure = looking.look(course, effect)
    if seen is not None:
        return _shown(course, effect, seen)
    return _unseen(course, effect, failure) if failure is not None else _perform(course, effect)


def _perform(course: Course, effect: Effect, *, earlier: Effect | None = None) -> bool:
    """Call the world; `earlier` is the effect as an earlier call of it was made, of which a look has shown nothing."""
    course.used.calls += 1
    try:
        answer = world.perform(course.bench, effect)
    except (Deterministic, Governance) as error:
        failure = understood(course, error, system=world.system_of(effect))
        return _refused(course, effect, failure, earlier=earlier)
    except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: whatever it raises leaves the outcome to a look
        return _settle(course, effect, None, failure=understood(course, error, system=world.system_of(effect)))
    return _settle(course, replace(effect, state=EffectState.PERFORMED), answer, failure=None)


def carry_on(course: Course, effect: Effect) -> bool:
    """Go on with an effect that an earlier shift left open: look first, perform only what the world does not show."""
    if effect.finding is not None:
        return _found(course, effect, effect.finding)
    if effect.effect_class is EffectClass.NEITHER:
        return _carry_on_unseen(course, effect)
    early = effect.effect_class is EffectClass.READABLE and effect.state is EffectState.INTENDED
    if early and not _stops(course, effect) and not looking.has_arrived(course, effect):
        return looking.look_when_it_has_arrived(course, effect)
    return not looking.waits_for_probe(course, effect) and _look_first(course, effect)


def _look_first(course: Course, effect: Effect) -> bool:
    seen, failure = looking.look(course, effect)
    if seen is not None:
        return _shown(course, effect, seen)
    if failure is not None or effect.state is not EffectState.INTENDED or effect.missing:
        return _unseen(course, effect, failure)
    if _stops(course, effect):
        return _let_go(course, effect)
    return carry_out(course, _resume(course, effect), earlier=effect)


def _stops(course: Course, effect: Effect) -> bool:
    """Whether the task is to end before the effect is performed once more."""
    return heeding.is_wanted(course) or (undoing.is_ending(course) and effect.undoes is None)


def _carry_on_unseen(course: Course, effect: Effect) -> bool:
    """Nobody can look: done is only what is known to be missing, since a person has said so or the call itself proved it."""
    if unmade.is_known(course, effect):
        if _stops(course, effect) and not effect.missing:
            return _let_go(course, effect)
        unmade.forget(course)
        return carry_out(course, _resume(course, effect, effect.seen))
    if effect.state is not EffectState.DISPROVED or not effect.missing:
        return doubting.doubt(course, effect, "Nobody can look whether it happened, and it is never repeated.")
    return not looking.waits_for_probe(course, effect) and carry_out(course, _resume(course, effect, effect.seen))


def _shown(course: Course, effect: Effect, seen: Seen | Partly, failure: Failed | None = None) -> bool:
    """The world shows the effect, or parts of it; `failure` is how its call broke off just now."""
    if isinstance(seen, Seen):
        return _verified(course, effect, seen)
    broke_off = failure.sentence if failure else course.told.get(doubting.IN_DOUBT, {}).get(effect.key)
    given = {"has_arrived": looking.has_arrived(course, effect), "stops": _stops(course, effect)}
    follows = parts.what_follows(effect, seen, **given, failed=broke_off is not None)
    back = looking.back_to_verifying(course, effect)
    if follows is Follows.WAITS:
        return _wait_for_the_rest(course, effect, seen, broke_off)
    if follows is Follows.ENDS:
        return parts.end(course, effect, seen, happenings=back)
    if follows is Follows.STUCK:
        why = broke_off or "It was performed once more, and nothing came of that."
        parts.stop(course, effect, seen, why, happenings=back)
        return False
    course.told = {name: value for name, value in course.told.items() if name != doubting.IN_DOUBT}
    return carry_out(course, _resume(course, effect, world.as_parts(seen)), earlier=effect)


def _wait_for_the_rest(course: Course, effect: Effect, found: Partly, broke_off: str | None) -> bool:
    """What is missing may only be late: look again, soon at first, and when all of it must have shown."""
    if broke_off is not None:
        course.told = {**course.told, doubting.IN_DOUBT: {effect.key: broke_off}}
        effect = replace(effect, state=EffectState.UNKNOWN)
    _, operation = world.operation_of(course.bench, effect)
    settled = world.settled_at(operation, effect)
    when = min(world.next_look(operation, effect, course.bench.now()) or settled, settled)
    return looking.look_later(course, effect, when, shown=world.as_parts(found))


def _let_go(course: Course, effect: Effect) -> bool:
    """The task ends and the world does not show the effect: given up once no call can be on its way any more."""
    if not looking.has_arrived(course, effect):
        return looking.look_when_it_has_arrived(course, effect)
    course.happenings.extend(looking.back_to_verifying(course, effect))
    beside = both(_given_up(effect), caps.giving_back(course, effect))
    if undoing.is_ending(course):
        undoing.goes_on(course, beside=beside)
        return True
    heeding.end(course, gives_up=effect.key, beside=beside)
    return False


def _found(course: Course, effect: Effect, finding: Mapping[str, Any]) -> bool:
    """A person has seen that it happened. What the world itself shows, if it does by now, is the better proof."""
    looked = effect.effect_class is not EffectClass.NEITHER
    seen = looking.look(course, effect)[0] if looked else None
    if isinstance(seen, Partly):
        return _shown(course, effect, seen)
    if seen is not None:
        return _verified(course, effect, seen)
    at = int(course.bench.now().timestamp())
    return _verified(course, effect, Seen(f"seen by {finding['name']}", effect.args, at), answers=False)


def _settle(course: Course, effect: Effect, answer: Any, *, failure: Failed | None) -> bool:
    effect = replace(effect, answer=as_answered(answer))
    if effect.effect_class is EffectClass.NEITHER:
        return _settle_unseen(course, effect, answer, failure)
    seen, blind = looking.look(course, effect)
    is_passing = failure is not None and failure.kind is FailureClass.TRANSIENT
    if seen is not None and not (is_passing and isinstance(seen, Partly)):
        return _shown(course, effect, seen, failure)
    if failure is None:
        return _unseen(course, effect, blind)
    return _failed(course, effect, failure)


def _settle_unseen(course: Course, effect: Effect, answer: Any, failure: Failed | None) -> bool:
    """Nobody can look: but for a call that has changed nothing, a person is told, at most with what it says of its parts."""
    if failure is not None and failure.nothing_done:
        return unmade.climbs(course, effect, failure)
    if not isinstance(answer, Partly) or unkeepable_text(world.as_parts(answer)):
        return doubting.doubt(course, effect, "Nobody can look whether it happened.")
    why = "The call itself says so; nobody can look."
    parts.ask(course, effect, answer, why, happenings=looking.back_to_verifying(course, effect))
    return False


def _resume(course: Course, effect: Effect, shown: dict[str, Any] | None = None) -> Effect:
    """Commit that the effect is performed once more: a look has shown that it has not happened, or only in part."""
    content = {"key": effect.key, "performs": effect.performs + 1, **(shown or {})}
    again = replace(effect, performs=effect.performs + 1, state=EffectState.INTENDED, seen=shown)

    def extra(unit: Unit) -> None:
        columns = {"performs": again.performs, "state": again.state, "intended_at": unit.now}
        world.note(unit, effect, **columns, **({"seen": shown} if shown else {}))

    now = course.commit([Happening(Event.RESUMED, content)], {}, point="intend", extra=extra)
    return replace(again, intended_at=now)


def _verified(course: Course, effect: Effect, seen: Seen, *, answers: bool = True) -> bool:
    """It has happened; what a person has seen is no answer of a system that may still be down."""
    different = world.differs(effect, seen)
    if different:
        return doubting.disproved(course, effect, {name: list(pair) for name, pair in different.items()})
    shown = {"reference": seen.reference, "at": seen.at, **seen.args}
    happenings = [
        *looking.back_to_verifying(course, effect),
        Happening(Event.PERFORMED, {"key": effect.key, "answered": effect.answer is not None}),
        Happening(Event.VERIFIED, {"key": effect.key, "reference": seen.reference, "equal": sorted(effect.args)}),
    ]
    extra = steps.lifting(course, changed=[world.system_of(effect)] if answers else [])
    settled = world.as_verified(effect, shown, course.bench.now())
    if effect.undoes is not None:
        return _goes_back(course, happenings, settled, extra)
    model = course.lane.outputs[course.step_name]
    output = model.model_validate({name: shown[name] for name in model.model_fields}, strict=False)
    document = output.model_dump(mode="json")
    if course.item is None:
        course.state = {**course.state, course.step.writes: document}
        freshness.confirm(course, effect.tool)
    if course.item is not None:
        return _item_done(course, document, happenings, settled=settled, extra=extra)
    goes_back = heeding.is_wanted(course) and effect.undo is not None and Event.CANCELLED in effect.undo["after"]
    return (_goes_back if goes_back else _go_on)(course, happenings, settled, extra)


def _goes_back(course: Course, happenings: list[Happening], settled: dict[str, Any], extra: Extra | None) -> bool:
    """Something was taken back, or is about to be because the task is cancelled: it is not completed by that."""
    course.commit(happenings, {"tries": 0}, point="verify", extra=extra, of_world=OfWorld(settled=[settled]))
    return True


def _item_done(
    course: Course,
    document: dict[str, Any],
    happenings: list[Happening],
    *,
    settled: dict[str, Any],
    extra: Extra | None,
) -> bool:
    """An item has come out well: the list goes on."""
    fanning.take_in(course, document)
    happenings.append(fanning.item_done(course, document))
    course.commit(happenings, {"tries": 0}, point="verify", extra=extra, of_world=OfWorld(settled=[settled]))
    fanning.put_down(course)
    return True


def _go_on(course: Course, happenings: list[Happening], settled: dict[str, Any], extra: Extra | None) -> bool:
    facts = course.facts(course.bench.now())
    tell, schema = course.lane.lane.tell, course.lane.schema
    if not branching.advance(course):
        done, verified = fill(tell.done, facts, schema), fill(tell.verified, facts, schema)
        course.told = {**course.told, "done": done, "verified": verified}
        happenings.append(Happening(*steps.completed(course.told)))
        columns = {"sentence": done, "holds_subject": False}
        end(course, happenings, columns, point="verify", extra=extra, of_world=OfWorld(settled=[settled]))
        return False
    course.commit(happenings, {}, point="verify", extra=extra, of_world=OfWorld(settled=[settled]))
    return True


def _unseen(course: Course, effect: Effect, failure: Failed | None) -> bool:
    """Performed, and the world does not show it (yet), or could not be looked at: look again, then ask a human."""
    _, operation = world.operation_of(course.bench, effect)
    broke_off = course.told.get(doubting.IN_DOUBT, {}).get(effect.key)
    is_certain = failure is None and broke_off is not None and looking.has_arrived(course, effect)
    when = None if is_certain else world.next_look(operation, effect, course.bench.now())
    if when is not None:
        return looking.look_later(course, effect, when)
    why = failure.sentence if failure else broke_off or "It was performed, but can't be read back."
    return doubting.doubt(course, effect, why)


def _failed(course: Course, effect: Effect, failure: Failed) -> bool:
    """The call failed and a look shows nothing: the ladder decides; before any repeat it is looked at once more."""
    _, operation = world.operation_of(course.bench, effect)
    course.happenings.extend(looking.back_to_verifying(course, effect))
    if failure.kind is FailureClass.TRANSIENT:
        wait = operation.timeout_s + operation.settle_s if effect.effect_class is EffectClass.READABLE else 0.0
        hold = pausing.Open(used=world.used(effect), not_before_s=wait)
        pausing.after_failure(course, failure, effect=hold)
        return False
    if looking.has_arrived(course, effect):
        return doubting.doubt(course, effect, failure.sentence)
    course.told = {**course.told, doubting.IN_DOUBT: {effect.key: failure.sentence}}
    return looking.look_when_it_has_arrived(course, replace(effect, state=EffectState.UNKNOWN))


def _refused(course: Course, effect: Effect, failure: Failed, *, earlier: Effect | None) -> bool:
    """The world said no. If a look agrees the task fails, or reads anew what has changed; if not, a human sees both.

    A no to a repeated key may be to the earlier call, which the world does not show yet: that is waited for.
    """
    is_proven = effect.effect_class is EffectClass.NEITHER and failure.nothing_done and not effect.missing
    seen, blind = (None, None) if is_proven else looking.look(course, effect)
    if isinstance(seen, Partly) or (seen is not None and earlier is not None):
        return _shown(course, effect, seen, failure)
    if seen is not None or blind is not None:
        return doubting.doubt(course, effect, failure.sentence)
    if earlier is not None and not looking.has_arrived(course, earlier):
        return looking.look_when_it_has_arrived(course, effect)
    course.happenings.extend(looking.back_to_verifying(course, effect))
    found = "Nothing was changed." if is_proven else "It was read back: nothing was changed."
    told = replace(failure, sentence=f"{failure.sentence} {found}")
    beside = both(_given_up(effect), caps.giving_back(course, effect))
    if effect.undoes is not None:
        blocking.cannot_take_back(course, told.sentence, beside=beside)
        return False
    if told.case == FailureCase.CHANGED and going_back.reads_anew(course, told, beside=beside):
        return False
    pausing.after_failure(course, told, effect=pausing.Settled(used=world.used(effect), beside=beside))
    return False


def _given_up(effect: Effect) -> Extra:
    return lambda unit: world.note(
        unit,
        effect,
        state=EffectState.DISPROVED,
        looks=effect.looks + 1,
        answer=effect.answer,
        finding=world.NOTHING_HAPPENED,
    )
