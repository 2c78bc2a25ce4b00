"""Why a decision: who was asked by which edge, what they saw, who said what, and what followed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import DecisionState
from engine.scorecard.kpis import serves
from engine.whys.lines import SHORT, about, clock, contract, effect, evidence, moment, of, rights, trail
from engine.whys.page import Why, page
from escalation.approvers import named
from escalation.reading import DecisionNotFound
from storage.database import Unit
from storage.tables.deciding import decisions, questions, timers, votes
from storage.tables.work import effects
from storage.tasks import Task


def of_decision(unit: Unit, number: int) -> Why:
    """The page of a decision; raises escalation.reading.DecisionNotFound."""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == number)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise DecisionNotFound(f"there is no decision {number}")
    task, asked = about(unit, row.task)
    card = row.card or {}
    rows = (
        ("Asked", [f"{asked}, {moment(row.opened_at)}", f"by {named(unit, row.requester)}; {card.get('because', '')}"]),
        ("Who may", [f"{row.entitled_words}, {row.quorum} of them", *_silence(unit, number)]),
        ("Authorised", [decision_line(unit, row), contract(task)]),
        ("Asked back", _questions(unit, number)),
        ("Shown", [*card.get("facts", []), f"recommended: {card.get('recommendation', '')}"]),
        ("Rules", card.get("verdicts", [])),
        ("Rights", rights(unit, task, [task.step])),
        ("Changed", _changed(unit, task, row)),
        ("Cost", [str(card.get("cost", ""))]),
        ("Serves", serves(unit, task)),
        ("Evidence", evidence(unit, task.number)),
        ("Trail", [*trail(unit, f"decision:{number}"), *trail(unit, task.trail)]),
    )
    return page(f"decision {number}", str(card.get("question", asked)), f"{row.kind}, {row.state}", rows)


def decision_line(unit: Unit, row: Row[Any]) -> str:
    """Who decided what, when, on which proposal and card; or that nobody has yet."""
    bound = f"proposal {row.proposal_digest[:SHORT]}…, saw card {row.shown_digest[:SHORT]}…"
    if row.decided_by is None:
        word = "expired: nobody answered in time" if row.state == DecisionState.EXPIRED else "waits for an answer"
        return f"Decision {row.number} {word} ({bound})"
    mark = "BREAK-GLASS, their own request: " if row.broken_glass else ""
    after = f", as decision {row.successor}" if row.successor is not None else ""
    said = _votes(unit, row) or ([f"“{row.reason}”"] if row.reason else [])
    told = f" ({'; '.join(said)})" if said else ""
    return f"{mark}{named(unit, row.decided_by)} {row.state} {bound} at {clock(row.decided_at)}{after}{told}"


def _votes(unit: Unit, row: Row[Any]) -> list[str]:
    cast = select(votes).where(votes.c.company == unit.company, votes.c.decision == row.number)
    return [
        f"{named(unit, vote.person)}: {vote.answer}" + (f" “{vote.reason}”" if vote.reason else "")
        for vote in unit.connection.execute(cast.order_by(votes.c.at))
    ]


def _silence(unit: Unit, number: int) -> Sequence[str]:
    fired = select(timers).where(
        timers.c.company == unit.company, timers.c.decision == number, timers.c.fired_at.is_not(None)
    )
    found = unit.connection.execute(fired.order_by(timers.c.fired_at, timers.c.kind))
    return [f"{row.kind} at {clock(row.fired_at)}" for row in found]


def _questions(unit: Unit, number: int) -> list[str]:
    mine = select(questions).where(questions.c.company == unit.company, questions.c.decision == number)
    return [
        f"{named(unit, row.asked_by)}: {row.question} → {row.answer or 'not answered yet'}"
        for row in unit.connection.execute(mine.order_by(questions.c.ordinal))
    ]


def _changed(unit: Unit, task: Task, row: Row[Any]) -> list[str]:
    followed = [one for one in of(unit, effects, task.number, "intended_at") if one.digest == row.proposal_digest]
    return [effect(one) for one in followed]
