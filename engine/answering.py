"""Takes an answer as somebody gave it, on whatever surface, to the door: names, amounts and times in words become values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from contracts import money
from contracts.answers import OutcomeKind
from contracts.facts import FactType
from contracts.money import NotMoney
from contracts.vocabulary import Answer
from engine.amending import NotChangeable, amend, argument_types, changeable
from engine.deployment import Deployment
from engine.versions import LaneMissing
from escalation.decisions import Outcome, Voice, decide
from escalation.handing import candidates_of
from escalation.moments import moment_of
from escalation.plain_words import Said
from storage.database import Unit
from storage.directory import Person, person


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer in somebody's own words: `changes` by argument, or an `amount` where only one can be changed; `to` is a
    name, id or address; the time of a snooze is `for_s` from now, or `until` as they said it.
    """

    decision: int
    person: str
    answer: Answer
    via: str
    reason: str | None = None
    saw: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    to: str | None = None
    for_s: int | None = None
    amount: str | None = None
    until: str | None = None
    own: bool = False


def spoken_as(said: Said, *, decision: int, person: str, via: str) -> Spoken:
    """The same words for the same answer: both lists hold the seven of E6; what means nothing is no answer."""
    return Spoken(
        decision,
        person,
        Answer(said.meaning),
        via,
        reason=said.words or None,
        amount=said.amount,
        to=said.who,
        until=said.until,
    )


def answer(deployment: Deployment, unit: Unit, spoken: Spoken) -> Outcome:
    """Decide inside the caller's transaction; what can't be understood is said only to who may answer at all."""
    return decide(unit, _ADDED.get(spoken.answer, _nothing)(deployment, unit, spoken, _voice(spoken)))


def _voice(spoken: Spoken) -> Voice:
    said = (spoken.decision, spoken.person, spoken.answer, spoken.reason, spoken.via, spoken.saw)
    return Voice(*said, own=spoken.own)


def _nothing(deployment: Deployment, unit: Unit, spoken: Spoken, voice: Voice) -> Voice:
    return voice


def _changed(deployment: Deployment, unit: Unit, spoken: Spoken, voice: Voice) -> Voice:
    try:
        types = argument_types(deployment, unit, spoken.decision)
        given = spoken.changes or _by_amount(deployment, unit, spoken)
        changes = {name: _value(name, value, types.get(name)) for name, value in given.items()}
        if not changes:
            return voice
        return replace(voice, amended=amend(deployment, unit, voice, changes))
    except (NotChangeable, LaneMissing) as error:
        return replace(voice, problem=str(error))
    except LookupError:
        return voice


def _by_amount(deployment: Deployment, unit: Unit, spoken: Spoken) -> Mapping[str, str]:
    """Which argument "only 300" means; raises NotChangeable when that could be several or none."""
    found = changeable(deployment, unit, spoken.decision) if spoken.amount else None
    names = list(found.values) if found is not None else []
    if spoken.amount is None:
        return {}
    if len(names) != 1:
        raise NotChangeable("Say what should be changed and to what: use the form on the card.")
    return {names[0]: spoken.amount}


def _value(name: str, given: Any, kind: FactType | None) -> Any:
    """What somebody wrote, as the argument's type has it; raises NotChangeable."""
    if not isinstance(given, str) or kind is None or kind.kind == "text":
        return given
    try:
        if kind.unit is not None and re.fullmatch("[A-Z]{3}", kind.unit):
            return money.parse(given, kind.unit)
        return _PLAIN[kind.kind](given)
    except (NotMoney, ValueError, KeyError) as error:
        reason = str(error) if isinstance(error, NotMoney) else f"“{given}” is no {kind.words()}."
        raise NotChangeable(f"{name}: {reason}") from error


_PLAIN: Mapping[str, Any] = {"integer": int, "number": float, "boolean": {"yes": True, "no": False}.__getitem__}


def _handed(deployment: Deployment, unit: Unit, spoken: Spoken, voice: Voice) -> Voice:
    wanted = (spoken.to or "").strip().lstrip("@").casefold()
    able = candidates_of(unit, spoken.decision, spoken.person)
    exact = [one for one in able if wanted in _called(one)]
    found = exact or [one for one in able if wanted == one.name.split()[0].casefold()]
    return replace(voice, to=found[0].id if len(found) == 1 else None)


def _called(person: Person) -> frozenset[str]:
    return frozenset({person.id.casefold(), person.name.casefold(), person.email.casefold()})


def _snoozed(deployment: Deployment, unit: Unit, spoken: Spoken, voice: Voice) -> Voice:
    if spoken.for_s is not None:
        return replace(voice, until=unit.now + timedelta(seconds=spoken.for_s))
    who = person(unit, spoken.person)
    return replace(voice, until=moment_of(spoken.until or "", unit.now, who.timezone if who else "UTC"))


_ADDED = {Answer.CHANGE: _changed, Answer.HAND_OVER: _handed, Answer.SNOOZE: _snoozed}


def is_final(outcome: Outcome) -> bool:
    """Whether an answer has ended its decision, so that it can't be answered once more."""
    return outcome.kind in (OutcomeKind.DECIDED, OutcomeKind.CHANGED_IT, OutcomeKind.SENT_BACK)
