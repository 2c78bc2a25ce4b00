"""Forms that were sent in: checked purely before the answer, carried out from the kept row after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel
from slack_sdk import WebClient

from contracts.loaded import Business
from contracts.vocabulary import Answer, Became
from engine.intake import Draft, NotAccepted, accept
from escalation.cancelling import cancel
from escalation.decisions import Outcome, Voice, decide
from escalation.questions import answer_question, ask_back
from gateway.slack import modals, together
from gateway.slack.bodies import Malformed, Payload
from gateway.slack.case import Case
from gateway.slack.forms import parse
from gateway.slack.home import show_home
from gateway.slack.notes import DecisionNote, RequestNote, TaskNote, read
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from storage.database import Unit
from storage.directory import Person


@dataclass(frozen=True, slots=True)
class _Word:
    """A form about a decision: its model, and what it says there."""

    model: type[BaseModel]
    answer: str
    change: Callable[[Unit, DecisionNote, str, BaseModel], Outcome]


def errors_of(business: Business, view: Payload) -> Mapping[str, str]:
    """A sentence by block_id for each field that has to be mended, {} when the form is good. Pure.

    Raises Malformed for a view whose note is not ours.
    """
    if view["callback_id"] == together.FORM:
        return together.errors_of(view)
    model = _model(business, view)
    if model is None:
        return {}
    found = parse(model, view["state"]["values"])
    return found if isinstance(found, dict) else {}


def _model(business: Business, view: Payload) -> type[BaseModel] | None:
    if view["callback_id"] == modals.REQUEST:
        lane = business.lanes.get(read(RequestNote, view["private_metadata"]).lane or "")
        if lane is None:
            raise Malformed("a form of no lane")
        return lane.request_model
    if view["callback_id"] == modals.CANCELLATION:
        read(TaskNote, view["private_metadata"])
        return modals.Cancellation
    word = WORDS.get(view["callback_id"])
    if word is not None:
        read(DecisionNote, view["private_metadata"])
    return word.model if word else None


def on_request(case: Case, client: WebClient, person: Person) -> None:
    """A lane's form becomes a task, once, however often it comes."""
    view = case.payload["view"]
    note = read(RequestNote, view["private_metadata"])
    try:
        accept(case.deployment, case.company, _draft(case, person, note))
    except NotAccepted as refusal:
        case.ignore(str(refusal))
        tell(_at(case, note.channel), client, str(refusal), person=person)
        return
    if _at(case, note.channel).is_from_home:
        show_home(case, client, person)


def _draft(case: Case, person: Person, note: RequestNote) -> Draft:
    view = case.payload["view"]
    lane = case.business.lanes.get(note.lane or "")
    request = parse(lane.request_model, view["state"]["values"]) if lane else {}
    if isinstance(request, dict):
        # It was good when it was answered: the lane's file has changed since, or is gone.
        raise NotAccepted("The form has changed meanwhile. Please ask again with /chargehand.")
    origin = {"surface": "slack", "team": case.team, "channel": note.channel, "user": case.slack_user}
    return Draft(
        lane=note.lane or "",
        requester=person.id,
        request=request.model_dump(mode="json"),
        origin=origin,
        form_key=f"slack:{case.team}:{view['id']}",
        delivery=case.key,
    )


def _at(case: Case, channel: str | None) -> Case:
    """The case as if it came from where the form was opened: a submission itself names no channel."""
    return case if channel is None else case.moved(channel)


def on_word(case: Case, client: WebClient, person: Person) -> None:
    """A rejection, a question back or an answer."""
    view = case.payload["view"]
    word, note = WORDS[view["callback_id"]], read(DecisionNote, view["private_metadata"])
    said = parse(word.model, view["state"]["values"])
    if isinstance(said, dict):
        case.ignore("the form has changed meanwhile")
        return
    became = Became.DECISION if word.answer == Answer.REJECT else Became.ANSWER
    settled = Settled(became, f"{word.answer}:{note.decision}")
    carry_out(_at(case, note.channel), client, person, settled, lambda unit: word.change(unit, note, person.id, said))


def on_cancellation(case: Case, client: WebClient, person: Person) -> None:
    """A task ends because somebody wants it, if they may and it can."""
    view = case.payload["view"]
    note = read(TaskNote, view["private_metadata"])
    said = parse(modals.Cancellation, view["state"]["values"])
    reason = said.reason if isinstance(said, modals.Cancellation) else None
    settled = Settled(Became.TASK, f"T-{note.task}")
    ending = partial(cancel, task=note.task, person_id=person.id, reason=reason, via="slack")
    carry_out(_at(case, note.channel), client, person, settled, ending)


def _reject(unit: Unit, note: DecisionNote, person: str, said: Any) -> Outcome:
    return decide(unit, Voice(note.decision, person, Answer.REJECT, said.reason, "slack", note.saw))


def _ask(unit: Unit, note: DecisionNote, person: str, said: Any) -> Outcome:
    return ask_back(unit, decision=note.decision, person_id=person, question=said.question, via="slack")


def _answer(unit: Unit, note: DecisionNote, person: str, said: Any) -> Outcome:
    return answer_question(unit, decision=note.decision, person_id=person, answer=said.answer, via="slack")


WORDS: Mapping[str, _Word] = {
    modals.REJECTION: _Word(modals.Rejection, "reject", _reject),
    modals.QUESTION: _Word(modals.QuestionBack, "ask", _ask),
    modals.ANSWER: _Word(modals.AnswerBack, "answer", _answer),
}
