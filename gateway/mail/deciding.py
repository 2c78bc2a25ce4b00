"""A letter to a reply address answers a decision: only its own person's, proven, and only where the contract says so."""

from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import OPEN_DECISIONS, Became, DecisionState, Message
from engine.answering import answer, is_final, spoken_as
from escalation.decisions import Outcome, OutcomeKind
from escalation.phrases import Meaning
from escalation.plain_words import LONGEST_REASON, Said
from escalation.questions import answer_question
from gateway.mail.case import Case
from gateway.mail.replies import WHAT_TO_WRITE, read_reply
from gateway.mail.wording import own_words
from notifications.mail import tokens
from notifications.mail.doors import takes_letters
from notifications.mail.tokens import Token
from storage import deliveries, outbox
from storage.database import Unit
from storage.directory import Person
from storage.failpoints import passing
from storage.outbox import Letter as Outgoing
from storage.tables.deciding import decisions

NOT_BY_MAIL = "This can't be decided by mail. The same card is in your Slack messages: please decide there."
NO_WORDS = "I found no words of yours in that letter. Write the answer above the quoted letter."
_TOLD_ANYWAY = {OutcomeKind.DECIDED}
"""The outcome of a decision goes to everybody who had the card, in its thread."""


def on_reply(case: Case, person: Person, token: Token) -> None:
    """Take an answer from somebody proven; raises what storage raises, and then it is looked at again."""
    with case.deployment.database.transaction(case.company) as unit:
        if not deliveries.begin_handling(unit, case.delivery.key):
            return
        outcome = _taken(case, unit, person, token)
    passing("decide.after_commit")
    if outcome is not None and outcome.wake is not None:
        case.deployment.wakeups.wake(case.company, outcome.wake)
    case.deployment.wakeups.courier()


def _taken(case: Case, unit: Unit, person: Person, token: Token) -> Outcome | None:
    row = decision_row(unit, token.decision)
    if row is None or token.person != person.id:
        why = f"its reply address was made for {token.person}, and {person.id} wrote it"
        case.settle(unit, Became.QUARANTINE, why=why)
        return None
    if row.state == DecisionState.ASKED_BACK and row.requester == person.id:
        return _answered(case, unit, person, token)
    reply = read_reply(case.letter)
    if reply.meaning is Meaning.NOTHING:
        case.answer_seldom(unit, person, WHAT_TO_WRITE if reply.words else NO_WORDS)
        case.settle(unit, Became.IGNORED, why="nothing decided: its first line could not be told")
        return None
    if reply.meaning is Meaning.ASK:
        asked = spoken_as(reply, decision=token.decision, person=person.id, via="mail")
        outcome = answer(case.deployment, unit, asked)
        return _settled(case, unit, person, Became.ANSWER, f"ask:{token.decision}", outcome)
    return _voted(case, unit, person, row=row, reply=reply)


def decision_row(unit: Unit, number: int) -> Row[Any] | None:
    """The decision with that number, if this company has it."""
    mine = (decisions.c.company == unit.company) & (decisions.c.number == number)
    return unit.connection.execute(select(decisions).where(mine)).one_or_none()


def _answered(case: Case, unit: Unit, person: Person, token: Token) -> Outcome | None:
    """The requester's words to a question that was asked back."""
    words = own_words(case.letter.text)[: 2 * LONGEST_REASON]
    if not words:
        case.answer_seldom(unit, person, NO_WORDS)
        case.settle(unit, Became.IGNORED, why="an answer without words")
        return None
    outcome = answer_question(unit, decision=token.decision, person_id=person.id, answer=words, via="mail")
    return _settled(case, unit, person, Became.ANSWER, f"answer:{token.decision}", outcome)


def _voted(case: Case, unit: Unit, person: Person, *, row: Row[Any], reply: Said) -> Outcome | None:
    written = case.purpose.written_token
    if row.state in OPEN_DECISIONS and not takes_letters(unit, row.number, case.deployment):
        send_to_slack(unit, row, person)
        case.answer_seldom(unit, person, NOT_BY_MAIL)
        case.settle(unit, Became.IGNORED, why="its edge does not allow deciding by mail")
        return None
    if row.state in OPEN_DECISIONS and not tokens.is_open(unit, written):
        case.settle(unit, Became.QUARANTINE, why="its reply address was never handed out, or is used up")
        return None
    spoken = spoken_as(reply, decision=row.number, person=person.id, via="mail")
    outcome = answer(case.deployment, unit, spoken)
    if is_final(outcome):
        tokens.use_up(unit, written)
    return _settled(case, unit, person, Became.DECISION, f"{spoken.answer}:{row.number}", outcome)


def send_to_slack(unit: Unit, row: Row[Any], person: Person) -> None:
    """The card, for a decision that takes no letters."""
    dedupe, details = f"card:{row.number}:{person.id}:slack", {"surface": "slack"}
    outbox.put(
        unit,
        Outgoing(Message.CARD, dedupe, person=person.id, task=row.task, decision=row.number, details=details),
    )


def _settled(case: Case, unit: Unit, person: Person, became: Became, reference: str, outcome: Outcome) -> Outcome:
    """Mark the letter, and tell the person what came of it unless the decision's own letters do."""
    case.settle(unit, became, reference=reference, why=outcome.kind)
    if outcome.kind not in _TOLD_ANYWAY:
        case.answer(unit, person, outcome.sentence)
    return outcome
