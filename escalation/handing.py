"""Handing a decision over: one person's seat goes to somebody else who may decide it, or who stands in for them."""

from typing import Any

from sqlalchemy import Row, select, update

from contracts.answers import OutcomeKind
from escalation import seats
from escalation.admitting import asked_of, refused
from escalation.approvers import names, resolve
from escalation.opening import send_cards
from escalation.voices import Outcome, Voice
from escalation.voting import approvals, voters
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person, person
from storage.tables.deciding import decisions


def hand_over(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """Give a locked decision's seat to somebody else; the giver stays informed and decides no more."""
    able = candidates(unit, row, who)
    taker = next((one for one in able if one.id == voice.to), None)
    if taker is None:
        sentence = f"You can hand this over to {names(able)}." if able else "There is nobody to hand this over to."
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, sentence))
    entitled = seats.without(row.entitled, who.id, taker.id)
    if who.id in voters(unit, row.number):
        sentence = "Your answer is already counted, so there is nothing left to hand over."
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, sentence))
    if approvals(unit, row.number) + len(set(entitled) - voters(unit, row.number)) < row.quorum:
        sentence = f"{taker.name} is asked as well: with both seats in one hand too few would be left to agree."
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, sentence))
    _seat(unit, row, who, taker, entitled)
    _on_record(unit, row, voice, taker)
    return Outcome(OutcomeKind.HANDED_OVER, f"Handed over: {taker.name} is asked in your place.")


def candidates(unit: Unit, row: Row[Any], who: Person) -> list[Person]:
    """Whom this person can hand the decision to: everybody it may come to, and their own manager and substitute."""
    asked = [one for step in row.silence["steps"] for it in asked_of(step) for one in _asked(unit, row, it)]
    above = person(unit, who.manager) if who.manager else None
    found = {one.id: one for one in [*asked, *([above] if above is not None and above.active else [])]}
    given = seats.gave_away(row)
    return [one for one in found.values() if one.id not in {who.id, row.requester} and one.id not in given]


def candidates_of(unit: Unit, decision: int, giver: str) -> list[Person]:
    """The same for ids; nobody when there is no such decision or person."""
    mine = (decisions.c.company == unit.company) & (decisions.c.number == decision)
    row, who = unit.connection.execute(select(decisions).where(mine)).one_or_none(), person(unit, giver)
    return candidates(unit, row, who) if row is not None and who is not None else []


def _asked(unit: Unit, row: Row[Any], who: str) -> list[Person]:
    return resolve(unit, who, requester=row.requester)


def _seat(unit: Unit, row: Row[Any], who: Person, taker: Person, entitled: list[str]) -> None:
    words = row.entitled_words if taker.id in row.entitled else f"{row.entitled_words} or {taker.name}"
    mine = (decisions.c.company == unit.company) & (decisions.c.number == row.number)
    values = {"entitled": entitled, "entitled_words": words, "seats": seats.handed(row, who.id, taker.id)}
    unit.connection.execute(update(decisions).where(mine).values(**values))
    if taker.id not in row.entitled:
        send_cards(unit, row.number, row.task, [taker.id])
    outbox.show_again(unit, decision=row.number)


def _on_record(unit: Unit, row: Row[Any], voice: Voice, taker: Person) -> None:
    content = {"to": taker.id, "via": voice.via, "reason": voice.reason}
    note(unit, f"decision:{row.number}", Said("handed_over", f"person:{voice.person}", content))
