"""What somebody sees of a decision on the page, and the way of their answer to the one door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pydantic import BaseModel

from contracts.answers import OutcomeKind
from contracts.vocabulary import Answer
from engine.answering import Spoken, answer
from engine.deployment import Deployment
from escalation import attention
from escalation.card import CardView
from escalation.decisions import Outcome
from escalation.missing import in_vain
from escalation.plain_words import LONGEST_REASON
from escalation.questions import answer_question
from escalation.readers import reach
from escalation.reading import card_view
from gateway.pages.doorstep import Posted, TurnedAway, nothing_here
from gateway.pages.forms import ANSWERING, OWN_NO, OWN_YES, Answered, Form, forms_of, mended, read_answer, spoken
from gateway.slack.modals import AnswerBack
from storage.database import Unit
from storage.directory import Person
from storage.failpoints import passing

_WORDS = frozenset({*(str(one) for one in Answer), ANSWERING, OWN_YES, OWN_NO})
STATUS: Mapping[OutcomeKind, int] = {
    OutcomeKind.ALREADY: 409,
    OutcomeKind.CHANGED: 409,
    OutcomeKind.EXPIRED: 409,
    OutcomeKind.NOT_OFFERED: 409,
    OutcomeKind.INCOMPLETE: 422,
    OutcomeKind.AGAINST_RULES: 422,
    OutcomeKind.ABOVE_LIMIT: 422,
    OutcomeKind.NOT_ENTITLED: 403,
    OutcomeKind.OWN_REQUEST: 403,
    OutcomeKind.INACTIVE: 403,
}
BESIDE_THE_FORM = (OutcomeKind.INCOMPLETE, OutcomeKind.AGAINST_RULES, OutcomeKind.ABOVE_LIMIT)


@dataclass(frozen=True, slots=True)
class Sight(Answered):
    """A decision as one person sees it now, with the forms that they may send."""

    card: CardView
    forms: tuple[Form, ...]


def look(deployment: Deployment, company: str, who: Person, decision: int, *, begins: bool) -> Sight:
    """The decision as it is now; raises TurnedAway, on their trail, when it is not theirs to see.

    `begins` is false for who only reads what came of their answer: their time over the next one does not run yet.
    """
    with deployment.database.transaction(company) as unit:
        found = _sight(deployment, unit, who, decision)
        if found is None:
            in_vain(unit, who.id, f"decision {decision}")
        elif begins and found.card.answers:
            attention.opened(unit, decision, int(found.card.task.removeprefix("T-")), who.id)
    if found is None:
        raise nothing_here()
    return found


def _sight(deployment: Deployment, unit: Unit, who: Person, decision: int) -> Sight | None:
    theirs = reach(unit, decision, who)
    if theirs is None:
        return None
    card = card_view(unit, decision, who.id)
    return Sight(card, forms_of(deployment, unit, card, who, theirs))


def take(deployment: Deployment, company: str, who: Person, decision: int, posted: Posted) -> Sight:
    """Take what was posted to the door, and the decision as it is then; raises TurnedAway."""
    word = posted.one("say")
    if word not in _WORDS:
        raise TurnedAway(400, "Not understood", "That is no answer of this page. Nothing was decided.")
    with deployment.database.transaction(company) as unit:
        before = _sight(deployment, unit, who, decision)
        form = next((one for one in before.forms if one.takes(word)), None) if before is not None else None
    if before is None or form is None:
        return _not_offered(deployment, company, who, decision, word=word, posted=posted)
    given = posted.first_of_each()
    said = read_answer(form, given, who.timezone)
    if isinstance(said, dict):
        return replace(before, forms=mended(before.forms, word, given, said, who.timezone), status=422)
    outcome = _carried_out(deployment, company, _change(deployment, who, decision, said, word=word, posted=posted))
    after = look(deployment, company, who, decision, begins=False)
    if outcome.kind in BESIDE_THE_FORM:
        forms = mended(after.forms, word, given, {"": outcome.sentence}, who.timezone)
        return replace(after, forms=forms, status=STATUS[outcome.kind])
    return replace(after, said=outcome.sentence, status=STATUS.get(outcome.kind, 200))


def _change(
    deployment: Deployment, who: Person, decision: int, said: BaseModel, *, word: str, posted: Posted
) -> Callable[[Unit], Outcome]:
    if isinstance(said, AnswerBack):
        return _to_the_question(who, decision, said.answer)
    told = spoken(said, decision=decision, person=who.id, word=word, saw=posted.one("saw"))
    return lambda unit: answer(deployment, unit, told)


def _to_the_question(who: Person, decision: int, words: str) -> Callable[[Unit], Outcome]:
    return partial(answer_question, decision=decision, person_id=who.id, answer=words, via="page")


def _carried_out(deployment: Deployment, company: str, change: Callable[[Unit], Outcome]) -> Outcome:
    """One transaction, then wake-ups; raises TurnedAway for what is not here."""
    with deployment.database.transaction(company) as unit:
        outcome = change(unit)
    passing("decide.after_commit")
    if outcome.kind is OutcomeKind.UNKNOWN:
        raise nothing_here()
    if outcome.wake is not None:
        deployment.wakeups.wake(company, outcome.wake)
    deployment.wakeups.courier()
    return outcome


def _not_offered(
    deployment: Deployment, company: str, who: Person, decision: int, *, word: str, posted: Posted
) -> Sight:
    """What its reader is not offered goes to the door all the same: it knows why not, and puts the try on record."""
    outcome = _carried_out(deployment, company, _tried(deployment, who, decision, word=word, posted=posted))
    with deployment.database.transaction(company) as unit:
        after = _sight(deployment, unit, who, decision)
    if after is None:
        raise nothing_here()
    return replace(after, said=outcome.sentence, status=STATUS.get(outcome.kind, 200))


def _tried(
    deployment: Deployment, who: Person, decision: int, *, word: str, posted: Posted
) -> Callable[[Unit], Outcome]:
    if word == ANSWERING:
        return _to_the_question(who, decision, posted.one("answer", longest=LONGEST_REASON) or "–")
    reason = posted.one("reason", longest=LONGEST_REASON).strip() or None
    own, bare = word in (OWN_YES, OWN_NO), Answer(word.removeprefix("own "))
    told = Spoken(decision, who.id, bare, "page", reason=reason, saw=posted.one("saw"), own=own)
    return lambda unit: answer(deployment, unit, told)
