"""Reads a decision as one person's card."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from contracts.answers import OutcomeKind, cell
from contracts.mistakes import listed
from contracts.vocabulary import OF_BLOCKERS, OPEN_DECISIONS, Answer, DecisionKind, DecisionState
from escalation.approvers import named
from escalation.blockers import waiting_by_lane
from escalation.card import CardView, Exchange
from escalation.saying import handed_on, said
from escalation.voting import voters
from storage.database import Unit
from storage.directory import Person, person
from storage.tables.deciding import decisions, questions, timers, votes

_MOST_LANES = 4
_NO_ANSWER = (OutcomeKind.ALREADY, OutcomeKind.NOT_OFFERED)


class DecisionNotFound(LookupError):
    """This company has no such decision."""


def card_view(unit: Unit, decision: int, reader: str) -> CardView:
    """The card as `reader` sees it now; raises DecisionNotFound."""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == decision)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise DecisionNotFound(f"there is no decision {decision}")
    who = person(unit, reader)
    zone = who.timezone if who else "UTC"
    state = DecisionState(row.state)
    counted = state in OPEN_DECISIONS and reader in voters(unit, decision)
    return CardView(
        number=row.number,
        kind=DecisionKind(row.kind),
        state=state,
        task=f"T-{row.task}",
        asked_by=named(unit, row.requester),
        question=row.card["question"],
        recommendation=row.card["recommendation"],
        why_you=f"{row.card['because']} ({row.entitled_words})",
        silence=_silence(unit, row, zone),
        facts=(*row.card["facts"], *_waiting(unit, row)),
        tried=row.card["tried"],
        moves=row.card["moves"],
        alternatives=tuple(row.card["alternatives"]),
        cost=row.card["cost"],
        due_at=row.due_at,
        clock_stopped=state is DecisionState.ASKED_BACK,
        exchanges=_exchanges(unit, decision),
        outcome=None if state in OPEN_DECISIONS else said(unit, row, who),
        reader=reader,
        timezone=zone,
        proposal_digest=row.proposal_digest,
        evidence=tuple(row.card["evidence"]),
        verdicts=tuple(row.card["verdicts"]),
        labels=tuple(row.card.get("labels") or ("Approve", "Reject")),
        changed=(*row.card.get("changed", ()), *(f"sent back: {words}" for words in row.card.get("sent_back", ()))),
        progress=_progress(unit, row),
        yours=_yours(unit, row, who, counted=counted),
        answers=frozenset() if counted else _answers(row, who),
    )


def _yours(unit: Unit, row: Row[Any], who: Person | None, *, counted: bool) -> str:
    """What the reader has done about an open decision, which leaves it to others."""
    if counted:
        return "You approved this; others are still asked."
    if row.state not in OPEN_DECISIONS or who is None or who.id in row.entitled:
        return ""
    return handed_on(unit, row, who.id)


def _progress(unit: Unit, row: Row[Any]) -> str:
    """Whose yes is counted while others are waited for: "1 of 2 approved: Ada Byron"."""
    if row.quorum < 2 or row.state not in OPEN_DECISIONS:
        return ""
    mine = (votes.c.company == unit.company) & (votes.c.decision == row.number) & (votes.c.answer == Answer.APPROVE)
    found = list(unit.connection.execute(select(votes.c.person).where(mine).order_by(votes.c.at)).scalars())
    who = f": {', '.join(named(unit, one) for one in found)}" if found else ""
    return f"{len(found)} of {row.quorum} approved{who}"


def _answers(row: Row[Any], who: Person | None) -> frozenset[Answer]:
    """What this reader may say now: nothing once it is decided or handed over."""
    if row.state not in OPEN_DECISIONS or who is None or who.id not in row.entitled:
        return frozenset()
    kind, state = DecisionKind(row.kind), DecisionState(row.state)
    found = {one for one in Answer if cell(kind, state, one).outcome not in _NO_ANSWER}
    return frozenset(found if row.terms.get("changeable") else found - {Answer.CHANGE})


def _exchanges(unit: Unit, decision: int) -> tuple[Exchange, ...]:
    mine = (questions.c.company == unit.company) & (questions.c.decision == decision)
    rows = unit.connection.execute(select(questions).where(mine).order_by(questions.c.ordinal))
    return tuple(Exchange(named(unit, row.asked_by), row.question, row.answer) for row in rows)


def _silence(unit: Unit, row: Row[Any], zone: str) -> str:
    """What happens if the reader does nothing: "reminder 13:30, then Ada Byron, rejected tomorrow 10:30"."""
    mine = (timers.c.company == unit.company) & (timers.c.decision == row.number) & timers.c.fired_at.is_(None)
    query = select(timers.c.due_at).where(mine, timers.c.kind == "remind").order_by(timers.c.due_at).limit(1)
    reminder = unit.connection.execute(query).scalar_one_or_none()
    parts = [f"reminder {_when(reminder, unit.now, zone)}"] if reminder else []
    later = row.silence["steps"][row.silence_index + 1 :]
    parts += [f"then {step['words']}" for step in later]
    end = row.due_at + timedelta(seconds=sum(_length(step) for step in later))
    last = "asked again" if row.kind in OF_BLOCKERS else "rejected"
    return ", ".join([*parts, f"{last} {_when(end, unit.now, zone)}"])


def _waiting(unit: Unit, row: Row[Any]) -> list[str]:
    """How many tasks an escalation holds up now, if any: later ones join it."""
    if row.kind not in OF_BLOCKERS:
        return []
    found = waiting_by_lane(unit, row.proposal["blocker"])
    count = sum(found.values())
    if not count:
        return []
    told = f"{count} {'task waits' if count == 1 else 'tasks wait'}"
    return [f"{told}: {_by_lane(found)}" if len(found) > 1 else told]


def _by_lane(found: Mapping[str, int]) -> str:
    """Where they wait: "41 in Refund an order, 20 in Publish a post and 7 in 2 more lanes"."""
    named = [f"{many} in {title}" for title, many in list(found.items())[:_MOST_LANES]]
    others = list(found.values())[_MOST_LANES:]
    return listed(
        [*named, f"{sum(others)} in {len(others)} more lane{'s' if len(others) > 1 else ''}"] if others else named
    )


def _length(step: Mapping[str, Any]) -> int:
    return int(step["for_s"])


def _when(moment: datetime, now: datetime, zone: str) -> str:
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    day = (local.date() - today).days
    prefix = {0: "", 1: "tomorrow "}.get(day, local.strftime("%-d %b "))
    return prefix + local.strftime("%H:%M")


def last_decision(unit: Unit, task: int) -> int | None:
    """The newest decision of a task."""
    mine = (decisions.c.company == unit.company) & (decisions.c.task == task)
    query = select(decisions.c.number).where(mine).order_by(decisions.c.number.desc()).limit(1)
    found: int | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def decision_line(unit: Unit, task: int) -> str:
    """One line on a task's newest decision for its requester: who is asked until when, or who decided what."""
    number = last_decision(unit, task)
    if number is None:
        return ""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == number)
    row = unit.connection.execute(query).one()
    asker = person(unit, row.requester)
    if row.state not in OPEN_DECISIONS:
        return said(unit, row, asker)
    if row.state == DecisionState.ASKED_BACK:
        return "A question to you is open; the clock is stopped until you answer."
    zone = asker.timezone if asker else "UTC"
    return f"Asked {row.entitled_words}, who have until {_when(row.due_at, unit.now, zone)}."
