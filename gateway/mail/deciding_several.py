"""A letter that answers our list of decisions: each number is answered through the one door, alone, or nothing is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select

from contracts.answers import OutcomeKind
from contracts.vocabulary import OPEN_DECISIONS, Became, Message
from engine.answering import answer, spoken_as
from escalation.card import CardView
from escalation.decisions import Outcome
from escalation.list_words import Plan, plan_of
from escalation.phrases import Meaning
from escalation.plain_words import Said
from escalation.reading import card_view
from gateway.mail.case import Case
from gateway.mail.deciding import NOT_BY_MAIL, decision_row, send_to_slack
from gateway.mail.several import Entry, asked_back, told, understood
from gateway.mail.wording import own_words, without_name
from notifications.mail.doors import takes_letters
from notifications.mail.tokens import Token
from storage import deliveries, tasks
from storage.database import Unit
from storage.directory import Person
from storage.failpoints import passing
from storage.outbox import LISTED
from storage.tables.traffic import outbox

_TWO_VOICES = "The letter says one thing as text and another as it is shown."
_NOT_ALIKE = "What you answered together is not alike: answer each by its number."


@dataclass(frozen=True, slots=True)
class _Shown:
    """A decision as our list had it: its number there is its place, from 1; `saw` is the digest of its proposal."""

    decision: int
    saw: str


def on_list_reply(case: Case, person: Person, token: Token) -> None:
    """Take the answers of somebody proven; raises what storage raises, and then it goes on where it stopped."""
    with case.deployment.database.transaction(case.company) as unit:
        if not deliveries.begin_handling(unit, case.delivery.key):
            return
        shown = _shown(unit, token) if token.person == person.id else ()
        if not shown:
            case.settle(unit, Became.QUARANTINE, why=f"it answers no list that was sent to {person.id}")
            return
        plan = _understood(case, unit, person, shown)
        if plan.doubts:
            _ask_back(case, unit, person, shown=shown, plan=plan)
    if not plan.doubts:
        _decide_each(case, person, shown=shown, plan=plan)
    case.deployment.wakeups.courier()


def _shown(unit: Unit, token: Token) -> tuple[_Shown, ...]:
    """What the letter listed that was sent with this address; nothing for an address that we never sent."""
    mine = (outbox.c.company == unit.company) & (outbox.c.id == token.letter) & (outbox.c.person == token.person)
    query = select(outbox.c.details).where(mine, outbox.c.message == Message.REMINDER)
    details = unit.connection.execute(query).scalar_one_or_none() or {}
    return tuple(_Shown(one["decision"], one["saw"]) for one in details.get(LISTED, ()))


def _understood(case: Case, unit: Unit, person: Person, shown: Sequence[_Shown]) -> Plan:
    """What both parts of the letter say; parts that differ are a doubt, and so is one answer to what is not alike."""
    letter = case.letter
    plan = plan_of(without_name(own_words(letter.text), person.name), len(shown))
    if letter.html_text is not None and not plan.doubts:
        other = plan_of(without_name(own_words(letter.html_text), person.name), len(shown))
        if _gist(other) != _gist(plan):
            return replace(plan, doubts=(_TWO_VOICES,))
    together = [shown[number - 1].decision for number in sorted(plan.together)]
    return plan if plan.doubts or _are_alike(unit, together) else replace(plan, doubts=(_NOT_ALIKE,))


def _gist(plan: Plan) -> Any:
    """What a plan decides, without the words of its reasons: the parts of a letter break their lines elsewhere."""
    said = {number: (one.meaning, one.amount, one.who) for number, one in plan.answers.items()}
    return said, plan.together, bool(plan.doubts)


def _are_alike(unit: Unit, numbers: Sequence[int]) -> bool:
    """As on every other surface: of one edge of one lane; which of them are still open is told for each."""
    rows = [row for row in (decision_row(unit, number) for number in numbers) if row is not None]
    return len({(tasks.load(unit, row.task).lane, row.edge) for row in rows}) <= 1


def _ask_back(case: Case, unit: Unit, person: Person, *, shown: Sequence[_Shown], plan: Plan) -> None:
    """At most once a day for a letter of which nothing at all was understood: perhaps nobody reads our answers."""
    answering = case.answer if understood(plan, len(shown)) else case.answer_seldom
    answering(unit, person, asked_back(plan, _cards(unit, person, shown)), listed=_kept(shown))
    for one in shown:
        deliveries.answer_part(unit, case.delivery.key, str(one.decision), {"kind": "asked back"})
    case.settle(unit, Became.IGNORED, reference="list:", why="nothing decided: not every answer could be told")


def _decide_each(case: Case, person: Person, *, shown: Sequence[_Shown], plan: Plan) -> None:
    """Each in a transaction of its own, with what came of it; a second try goes on behind the last one."""
    key = case.delivery.key
    for one, said in ((shown[number - 1], said) for number, said in plan.answers.items()):
        with case.deployment.database.transaction(case.company) as unit:
            if not deliveries.begin_handling(unit, key):
                return
            if str(one.decision) in deliveries.answered_so_far(unit, key):
                continue
            outcome = _decide(case, unit, person, one=one, said=said)
            deliveries.answer_part(unit, key, str(one.decision), {"kind": outcome.kind, "sentence": outcome.sentence})
        passing("decide.after_commit")
        if outcome.wake is not None:
            case.deployment.wakeups.wake(case.company, outcome.wake)
    _tell(case, person, shown)


def _decide(case: Case, unit: Unit, person: Person, *, one: _Shown, said: Said) -> Outcome:
    row = decision_row(unit, one.decision)
    is_open = row is not None and row.state in OPEN_DECISIONS
    if (
        row is not None
        and is_open
        and said.meaning is not Meaning.ASK
        and not takes_letters(unit, row.number, case.deployment)
    ):
        send_to_slack(unit, row, person)
        return Outcome(OutcomeKind.NOT_OFFERED, NOT_BY_MAIL)
    spoken = spoken_as(said, decision=one.decision, person=person.id, via="mail")
    return answer(case.deployment, unit, replace(spoken, saw=one.saw))


def _tell(case: Case, person: Person, shown: Sequence[_Shown]) -> None:
    with case.deployment.database.transaction(case.company) as unit:
        if not deliveries.begin_handling(unit, case.delivery.key):
            return
        kept: Mapping[str, Any] = deliveries.answered_so_far(unit, case.delivery.key)
        entries = [
            Entry(number, card, kept.get(str(card.number)))
            for number, card in enumerate(_cards(unit, person, shown), start=1)
        ]
        case.answer(unit, person, told(entries), listed=_kept(shown))
        answered = ", ".join(f"{entry.card.number} {entry.came['kind']}" for entry in entries if entry.came)
        case.settle(unit, Became.DECISION, reference=f"list:{len(kept)} of {len(shown)}", why=answered[:300])


def _kept(shown: Sequence[_Shown]) -> list[dict[str, Any]]:
    return [asdict(one) for one in shown]


def _cards(unit: Unit, person: Person, shown: Sequence[_Shown]) -> list[CardView]:
    return [card_view(unit, one.decision, person.id) for one in shown]
