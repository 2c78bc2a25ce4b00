"""Takes delivery reports: an address that a letter of ours came back from is marked, and a card goes another way."""

from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import OPEN_DECISIONS, Became, Message
from gateway.mail.case import Case
from gateway.mail.letter import Report
from storage import deliveries, outbox
from storage.database import Unit
from storage.letters import mark_undeliverable
from storage.outbox import Letter as Outgoing
from storage.tables.deciding import decisions
from storage.tables.traffic import outbox as rows

_ASKING = {Message.CARD, Message.QUESTION}


def on_report(case: Case) -> None:
    """Mark what failed for good (RFC 3464, 2.3.3); a delay or a success changes nothing, and nobody is answered."""
    failed = [one for one in case.letter.reports if one.action == "failed" and not one.status.startswith("4")]
    with case.deployment.database.transaction(case.company) as unit:
        if not deliveries.begin_handling(unit, case.delivery.key):
            return
        marked = [one.recipient for one in failed if _mark(unit, one)]
        why = (
            f"a delivery report: {', '.join(marked)} can't be reached" if marked else "a delivery report of no failure"
        )
        case.settle(unit, Became.IGNORED, why=why)
    case.deployment.wakeups.courier()


def _mark(unit: Unit, report: Report) -> bool:
    """Only a report on a letter that we sent to that very address counts: anybody can write one."""
    row = _sent(unit, report.original_message_id)
    if row is None or (row.channel or "").lower() != report.recipient:
        return False
    mark_undeliverable(unit, report.recipient, f"came back: {report.status or 'no reason given'}"[:200])
    if row.message in _ASKING and _is_open(unit, row.decision):
        outbox.put(unit, _in_slack(row))
    return True


def _sent(unit: Unit, message_id: str | None) -> Row[Any] | None:
    mine = (rows.c.company == unit.company) & (rows.c.team == "mail") & (rows.c.ts == (message_id or ""))
    return unit.connection.execute(select(rows).where(mine).limit(1)).one_or_none()


def _is_open(unit: Unit, decision: int | None) -> bool:
    mine = (decisions.c.company == unit.company) & (decisions.c.number == decision)
    state = unit.connection.execute(select(decisions.c.state).where(mine)).scalar_one_or_none()
    return state in OPEN_DECISIONS


def _in_slack(row: Row[Any]) -> Outgoing:
    return Outgoing(
        Message(row.message),
        f"{row.dedupe}:slack",
        person=row.person,
        task=row.task,
        decision=row.decision,
        details={**row.details, "surface": "slack"},
    )
