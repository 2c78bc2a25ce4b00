"""Takes somebody's word that a result is wrong, tells who answers for it, and ends it: with its cause, or as a mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.answers import OutcomeKind
from contracts.loaded import Business
from contracts.vocabulary import ENDED, CauseClass, Message, TaskState
from engine.switches import heed
from escalation.approvers import named, names
from escalation.missing import in_vain
from escalation.telling import tell
from escalation.voices import Outcome
from storage import incidents as kept
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone, person
from storage.incidents import Incident, IncidentNotFound
from storage.outbox import Letter
from storage.tasks import Task, TaskNotFound, load
from storage.transitions import remark

LONGEST = 1000
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of a result: `delivery` is the key of what brought it, the same for every copy of it.

    `cause` and `minutes` (what it took to put right) as far as they know.
    """

    task: int
    person: str
    words: str
    via: str
    delivery: str
    cause: CauseClass | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """How somebody closes an incident; what is left out stays as it was reported."""

    incident: int
    person: str
    via: str
    cause: CauseClass | None = None
    minutes: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How somebody takes an incident back that was a mistake, and why."""

    incident: int
    person: str
    via: str
    because: str


@dataclass(frozen=True, slots=True)
class Heard(Outcome):
    """What the person is told, and which incident it is about, if any."""

    incident: int | None = None


def called(cause: CauseClass) -> str:
    """A cause as people read it: "stale facts"."""
    return cause.replace("_", " ")


CAUSES = ", ".join(called(cause) for cause in CauseClass)
"""All of them in a row, for whoever has to choose."""


def report(unit: Unit, business: Business, said: Report) -> Heard:
    """Put on record that a result is wrong, inside the caller's transaction; a copy, and a second word of the same
    person while their first is open, make no second incident.
    """
    said = replace(said, words=_plain(said.words))
    try:
        task = load(unit, said.task, lock=True)
    except TaskNotFound:
        in_vain(unit, said.person, f"task T-{said.task}")
        return Heard(OutcomeKind.UNKNOWN, f"There is no task T-{said.task}.")
    refusal = _refusal(unit, task, said)
    if refusal is not None:
        return refusal
    before = kept.said_before(unit, task=task.number, person=said.person, delivery=said.delivery)
    if before is not None:
        incident, is_copy = before
        if not is_copy:
            _keep_words(unit, task, incident, said)
        return _already(unit, business, incident)
    return _put_on_record(unit, business, task, said)


def _plain(words: str) -> str:
    """The words as the record can keep them: PostgreSQL keeps no NUL."""
    return words.replace("\x00", "").strip()[:LONGEST]


def _refusal(unit: Unit, task: Task, said: Report) -> Heard | None:
    who = person(unit, said.person)
    if who is None or not who.active:
        return Heard(OutcomeKind.INACTIVE, "Your account is not active here, so nothing was put on record.")
    if not said.words:
        return Heard(OutcomeKind.INCOMPLETE, "Say in a few words what is wrong.")
    if not _fits(said.minutes):
        return Heard(OutcomeKind.INCOMPLETE, _BAD_MINUTES)
    if task.state is TaskState.CANCELLED:
        return Heard(OutcomeKind.NOT_OFFERED, f"{task.name} was cancelled, so it has no result.")
    if task.state not in ENDED:
        return Heard(OutcomeKind.BUSY, f"{task.name} has no result yet. Say so when it has ended, or cancel it.")
    return None


_BAD_MINUTES = f"Say whole minutes between 0 and {MOST_MINUTES}."


def _fits(minutes: int | None) -> bool:
    return minutes is None or 0 <= minutes <= MOST_MINUTES


def _put_on_record(unit: Unit, business: Business, task: Task, said: Report) -> Heard:
    incident = Incident(
        number=kept.next_number(unit),
        task=task.number,
        lane=task.lane,
        worker=task.worker,
        reported_by=said.person,
        via=said.via,
        sentence=said.words,
        reported_at=unit.now,
        cause=said.cause,
        correction_s=_seconds(said.minutes),
    )
    kept.add(unit, incident, delivery=said.delivery)
    content = {"incident": incident.number, "words": said.words, "via": said.via}
    known = {"cause": said.cause, "minutes": said.minutes, "worker": task.worker}
    remark(unit, task, Said("said_wrong", f"person:{said.person}", content | known))
    owner = owner_of(unit, business, incident)
    outbox.put(unit, letter_of(incident, owner))
    tell(unit, task.number, ended=False)
    heed(unit, business, task.lane, actor=f"person:{said.person}")
    sentence = f"Thank you. It is on record as incident {incident.number}, and {named(unit, owner)} looks into it."
    return Heard(OutcomeKind.REPORTED, sentence, incident=incident.number)


def _keep_words(unit: Unit, task: Task, incident: Incident, said: Report) -> None:
    content = {"incident": incident.number, "words": said.words, "via": said.via}
    remark(unit, task, Said("said_wrong_again", f"person:{said.person}", content))


def _already(unit: Unit, business: Business, incident: Incident) -> Heard:
    who, number = named(unit, owner_of(unit, business, incident)), incident.number
    stands = f"{who} looks into it" if incident.closed_at is None else f"it is {_closed(incident)}"
    return Heard(OutcomeKind.ALREADY, f"That is on record already, as incident {number}; {stands}.", incident=number)


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60


def answerable(business: Business, lane: str, worker: str) -> tuple[str, ...]:
    """Who may close an incident, the nearest first: whoever answers for the worker, the lane's owner, the last resort."""
    loaded = business.lanes.get(lane)
    declared = loaded.lane.workers.get(worker) if loaded is not None else None
    people = [declared.accountable] if declared is not None else []
    people += [loaded.lane.owner] if loaded is not None else []
    return tuple(dict.fromkeys((*people, business.company.last_resort)))


def owner_of(unit: Unit, business: Business, incident: Incident) -> str:
    """The nearest of them who is there."""
    people = answerable(business, incident.lane, incident.worker)
    active = {one.id for one in everyone(unit, people) if one.active}
    return next((one for one in people if one in active), people[-1])


def letter_of(incident: Incident, owner: str) -> Letter:
    """What its owner is told, once; written anew it shows how the incident stands then."""
    dedupe, details = f"incident:{incident.number}", {"incident": incident.number}
    return Letter(Message.INCIDENT, dedupe, person=owner, task=incident.task, details=details)


def close(unit: Unit, business: Business, said: Closing) -> Heard:
    """Close an incident inside the caller's transaction, if whoever asks answers for it and its cause is known."""
    said = replace(said, because=_plain(said.because))
    incident = _locked(unit, said)
    if isinstance(incident, Heard):
        return incident
    people = answerable(business, incident.lane, incident.worker)
    refused = _refused(unit, incident, said.person, people=people, word="close")
    return refused or _unready(unit, incident, said) or _end(unit, business, incident, said)


def _locked(unit: Unit, said: Closing | Withdrawal) -> Incident | Heard:
    """The incident that is meant, locked until the transaction ends; or that there is none, on their trail."""
    try:
        return kept.find(unit, said.incident, lock=True)
    except IncidentNotFound as error:
        in_vain(unit, said.person, f"incident {said.incident}")
        return Heard(OutcomeKind.UNKNOWN, str(error))


def _refused(unit: Unit, incident: Incident, person: str, *, people: Sequence[str], word: str) -> Heard | None:
    """What somebody is told who may not end it in that way, on their trail; None for one of the `people`."""
    if _may(unit, people, person):
        return None
    note(unit, f"person:{person}", Said(f"{word}_refused", f"person:{person}", {"incident": incident.number}))
    sentence = f"Only {names(everyone(unit, people))} can {word} incident {incident.number}; your try is on record."
    return Heard(OutcomeKind.NOT_ENTITLED, sentence, incident=incident.number)


def _may(unit: Unit, people: Sequence[str], person_id: str) -> bool:
    who = person(unit, person_id)
    return who is not None and who.active and who.id in people


def _unready(unit: Unit, incident: Incident, said: Closing) -> Heard | None:
    number = incident.number
    if incident.closed_at is not None:
        return _ended(unit, incident)
    if (said.cause or incident.cause) is None:
        sentence = f"Incident {number} can't be closed without a cause. Say which: {CAUSES}."
        return Heard(OutcomeKind.INCOMPLETE, sentence, incident=number)
    if said.minutes is None and incident.correction_s is None:
        sentence = f"Say how many minutes it took to put incident {number} right; 0 if none."
        return Heard(OutcomeKind.INCOMPLETE, sentence, incident=number)
    return None if _fits(said.minutes) else Heard(OutcomeKind.INCOMPLETE, _BAD_MINUTES, incident=number)


def _ended(unit: Unit, incident: Incident) -> Heard:
    word = "withdrawn" if incident.withdrawn else "closed"
    sentence = f"Incident {incident.number} is {word} already, by {named(unit, incident.closed_by)}."
    return Heard(OutcomeKind.ALREADY, sentence, incident=incident.number)


def _end(unit: Unit, business: Business, incident: Incident, said: Closing) -> Heard:
    cause = said.cause or incident.cause
    if cause is None:
        raise ValueError("an incident without a cause stays open")
    given = _seconds(said.minutes)
    closed = replace(
        incident,
        cause=cause,
        correction_s=incident.correction_s if given is None else given,
        because=said.because,
        recurs=kept.earlier(unit, incident, cause),
        closed_at=unit.now,
        closed_by=said.person,
    )
    _write(unit, business, closed, Said("wrong_closed", f"person:{said.person}", _content(closed)))
    return Heard(OutcomeKind.CLOSED, f"Incident {closed.number} is closed: {ending(closed)}.", incident=closed.number)


def _write(unit: Unit, business: Business, closed: Incident, said: Said) -> None:
    """How it ended, on its row, on the task's trail, and in every message about it."""
    kept.close(unit, closed)
    remark(unit, load(unit, closed.task, lock=True), said)
    outbox.put(unit, letter_of(closed, owner_of(unit, business, closed)))
    tell(unit, closed.task, ended=False)
    _tell_the_reporter(unit, closed)


def _content(closed: Incident) -> Mapping[str, Any]:
    told = {"cause": closed.cause, "correction_s": closed.correction_s, "because": closed.because}
    return {"incident": closed.number, "recurs": closed.recurs, **told}


def ending(closed: Incident) -> str:
    """Why it was and what it took: "stale facts, 12 min to put right, the same again as incident 3", or that it was a mistake."""
    if closed.withdrawn:
        return "withdrawn, it was a mistake"
    if closed.cause is None or closed.correction_s is None:
        raise ValueError("an open incident has no ending")
    took = f"{closed.correction_s // 60} min to put right" if closed.correction_s else "nothing to put right"
    again = f", the same again as incident {closed.recurs}" if closed.recurs is not None else ""
    return f"{called(closed.cause)}, {took}{again}"


def outcome_of(unit: Unit, closed: Incident) -> str:
    """Who ended it and how, as a sentence."""
    who = named(unit, closed.closed_by)
    return f"{who} withdrew it: “{closed.because}”" if closed.withdrawn else f"{who} closed it: {ending(closed)}."


def _closed(incident: Incident) -> str:
    return ending(incident) if incident.withdrawn else f"closed: {ending(incident)}"


def _tell_the_reporter(unit: Unit, closed: Incident) -> None:
    if closed.reported_by == closed.closed_by:
        return
    sentence = f"You said that the result of T-{closed.task} is wrong. {outcome_of(unit, closed)}"
    dedupe, details = f"incident:{closed.number}:closed", {"sentence": sentence}
    outbox.put(unit, Letter(Message.NOTICE, dedupe, person=closed.reported_by, task=closed.task, details=details))


def may_withdraw(business: Business, incident: Incident) -> tuple[str, ...]:
    """Who may take an incident back: whoever said it, and the lane's owner; not who answers for the worker alone."""
    loaded = business.lanes.get(incident.lane)
    owner = [loaded.lane.owner] if loaded is not None else []
    return tuple(dict.fromkeys((incident.reported_by, *owner)))


def withdraw(unit: Unit, business: Business, said: Withdrawal) -> Heard:
    """Take an open incident back inside the caller's transaction: it was a mistake, stays on record, and counts no more."""
    said = replace(said, because=_plain(said.because))
    incident = _locked(unit, said)
    if isinstance(incident, Heard):
        return incident
    refused = _refused(unit, incident, said.person, people=may_withdraw(business, incident), word="withdraw")
    if refused is not None:
        return refused
    if incident.closed_at is not None:
        return _ended(unit, incident)
    if not said.because:
        return Heard(OutcomeKind.INCOMPLETE, "Say why it was a mistake: it stays on record.", incident=incident.number)
    return _take_back(unit, business, incident, said)


def _take_back(unit: Unit, business: Business, incident: Incident, said: Withdrawal) -> Heard:
    withdrawn = replace(incident, because=said.because, closed_at=unit.now, closed_by=said.person, withdrawn=True)
    content = {"incident": withdrawn.number, "because": said.because, "via": said.via}
    _write(unit, business, withdrawn, Said("wrong_withdrawn", f"person:{said.person}", content))
    sentence = f"Incident {withdrawn.number} is withdrawn. It stays on record, and counts no more."
    return Heard(OutcomeKind.WITHDRAWN, sentence, incident=withdrawn.number)
