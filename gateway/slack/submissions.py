"""Forms that were sent in: checked purely before the answer, carried out from the kept row after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any

from pydantic import BaseModel
from slack_sdk import WebClient

from contracts.loaded import Business
from contracts.vocabulary import Answer, Became
from engine.answering import Spoken, answer
from engine.deployment import Deployment
from engine.intake import Draft, NotAccepted, NotKnown, accept
from escalation.cancelling import cancel
from escalation.decisions import Outcome
from escalation.questions import answer_question
from gateway.slack import change_forms, incident_forms, modals, together
from gateway.slack import decision_forms as forms
from gateway.slack.acting import acting
from gateway.slack.bodies import Malformed, Payload
from gateway.slack.case import Case
from gateway.slack.forms import parse
from gateway.slack.home import show_home, show_home_anew
from gateway.slack.notes import DecisionNote, IncidentNote, MeantNote, RequestNote, TaskNote, read
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from storage.at_the_door import ChatUser
from storage.database import Unit
from storage.directory import Person


@dataclass(frozen=True, slots=True)
class _Word:
    """A form about a decision: its model, and what it says there."""

    model: Callable[[Business, DecisionNote], type[BaseModel] | None]
    answer: str
    change: Callable[[Deployment, Unit, Spoken, Any], Outcome]


def errors_of(business: Business, view: Payload) -> Mapping[str, str]:
    """A sentence by block_id for each field that has to be mended, {} when the form is good. Pure.

    Raises Malformed for a view whose note is not ours.
    """
    if view["callback_id"] == together.FORM:
        return together.errors_of(view)
    if view["callback_id"] == change_forms.FORM:
        return change_forms.errors_of(business, view)
    model = _model(business, view)
    if model is None:
        return {}
    found = parse(model, view["state"]["values"])
    return found if isinstance(found, dict) else {}


def answer_to(business: Business, view: Payload, key: str) -> Mapping[str, Any]:
    """What Slack does with a form without errors: all is closed, or what differs is shown above it. Pure."""
    if view["callback_id"] == change_forms.FORM:
        return {"response_action": "push", "view": change_forms.meant_form(business, view, key)}
    return {"response_action": "clear"}


def _model(business: Business, view: Payload) -> type[BaseModel] | None:
    if view["callback_id"] == modals.REQUEST:
        lane = business.lanes.get(read(RequestNote, view["private_metadata"]).lane or "")
        if lane is None:
            raise Malformed("a form of no lane")
        return lane.request_model
    if view["callback_id"] == modals.CANCELLATION:
        read(TaskNote, view["private_metadata"])
        return modals.Cancellation
    if view["callback_id"] == change_forms.MEANT:
        read(MeantNote, view["private_metadata"])
        return change_forms.Meant
    if view["callback_id"] == incident_forms.WRONG:
        read(TaskNote, view["private_metadata"])
        return incident_forms.SaidWrong
    if view["callback_id"] == incident_forms.CLOSING:
        read(IncidentNote, view["private_metadata"])
        return incident_forms.Ended
    word = WORDS.get(view["callback_id"])
    return word.model(business, read(DecisionNote, view["private_metadata"])) if word is not None else None


def on_request(case: Case, client: WebClient) -> None:
    """A lane's form becomes a task, once, however often it comes; who sent it is looked up with that, as a rule."""
    note = read(RequestNote, case.payload["view"]["private_metadata"])
    user = ChatUser(case.team, case.slack_user or "")
    refusal = NotKnown() if case.actor.is_guest else _refusal(case, note, user)
    if refusal is None:
        if _at(case, note.channel).is_from_home:
            show_home_anew(case, client)
        return
    person = acting(case, client)
    if person is not None:
        _tell_of_request(case, client, person, note, refusal)


def _tell_of_request(case: Case, client: WebClient, person: Person, note: RequestNote, refusal: NotAccepted) -> None:
    """Tell why there is no task of it; whom only Slack knew before asks again, as the person who they are."""
    left = _refusal(case, note, person.id) if isinstance(refusal, NotKnown) else refusal
    if left is not None:
        case.ignore(str(left))
        tell(_at(case, note.channel), client, str(left), person=person)
    elif _at(case, note.channel).is_from_home:
        show_home(case, client, person)


def _refusal(case: Case, note: RequestNote, requester: str | ChatUser) -> NotAccepted | None:
    """Why there is no task of it, and nothing was written; None once there is one."""
    try:
        accept(case.deployment, case.company, _draft(case, requester, note))
    except NotAccepted as refusal:
        return refusal
    case.settled.set()
    return None


def _draft(case: Case, requester: str | ChatUser, note: RequestNote) -> Draft:
    view = case.payload["view"]
    lane = case.business.lanes.get(note.lane or "")
    request = parse(lane.request_model, view["state"]["values"]) if lane else {}
    if isinstance(request, dict):
        # It was good when it was answered: the lane's file has changed since, or is gone.
        raise NotAccepted("The form has changed meanwhile. Please ask again with /chargehand.")
    origin = {"surface": "slack", "team": case.team, "channel": note.channel, "user": case.slack_user}
    return Draft(
        lane=note.lane or "",
        requester=requester,
        request=request.model_dump(mode="json"),
        origin=origin,
        form_key=f"slack:{case.team}:{view['id']}",
        delivery=case.key,
    )


def _at(case: Case, channel: str | None) -> Case:
    """The case as if it came from where the form was opened: a submission itself names no channel."""
    return case if channel is None else case.moved(channel)


def on_word(case: Case, client: WebClient, person: Person) -> None:
    """An answer that needed more than a press, or the requester's answer to a question."""
    view = case.payload["view"]
    word, note = WORDS[view["callback_id"]], read(DecisionNote, view["private_metadata"])
    model = word.model(case.business, note)
    said = parse(model, view["state"]["values"]) if model is not None else {}
    if isinstance(said, dict):
        case.ignore("the form has changed meanwhile")
        return
    became = Became.ANSWER if word.answer in _NO_DECISION else Became.DECISION
    settled = Settled(became, f"{word.answer}:{note.decision}")
    spoken = Spoken(note.decision, person.id, Answer.REJECT, "slack", saw=note.saw)
    change = partial(word.change, case.deployment)
    carry_out(_at(case, note.channel), client, person, settled, lambda unit: change(unit, spoken, said))


def on_cancellation(case: Case, client: WebClient, person: Person) -> None:
    """A task ends because somebody wants it, if they may and it can."""
    view = case.payload["view"]
    note = read(TaskNote, view["private_metadata"])
    said = parse(modals.Cancellation, view["state"]["values"])
    reason = said.reason if isinstance(said, modals.Cancellation) else None
    settled = Settled(Became.TASK, f"T-{note.task}")
    ending = partial(cancel, task=note.task, person_id=person.id, reason=reason, via="slack")
    carry_out(_at(case, note.channel), client, person, settled, ending)


def _answered(answered: Answer, **parts: Callable[[Any], Any]) -> Callable[[Deployment, Unit, Spoken, Any], Outcome]:
    """Takes an answer with what its form holds; `parts` say where each part of it stands there."""

    def change(deployment: Deployment, unit: Unit, spoken: Spoken, said: Any) -> Outcome:
        given = {name: part(said) for name, part in parts.items()}
        return answer(deployment, unit, replace(spoken, answer=answered, **given))

    return change


def _to_the_question(deployment: Deployment, unit: Unit, spoken: Spoken, said: Any) -> Outcome:
    return answer_question(unit, decision=spoken.decision, person_id=spoken.person, answer=said.answer, via=spoken.via)


def _always(model: type[BaseModel]) -> Callable[[Business, DecisionNote], type[BaseModel]]:
    return lambda business, note: model


_NO_DECISION = ("answer", Answer.ASK)
_REASON = attrgetter("reason")
WORDS: Mapping[str, _Word] = {
    modals.REJECTION: _Word(_always(modals.Rejection), Answer.REJECT, _answered(Answer.REJECT, reason=_REASON)),
    modals.QUESTION: _Word(
        _always(modals.QuestionBack), Answer.ASK, _answered(Answer.ASK, reason=attrgetter("question"))
    ),
    modals.ANSWER: _Word(_always(modals.AnswerBack), "answer", _to_the_question),
    forms.CHANGES: _Word(
        forms.changes_model,
        Answer.CHANGE,
        _answered(Answer.CHANGE, reason=attrgetter("because"), changes=forms.changes_in),
    ),
    forms.REVISION: _Word(_always(forms.Revision), Answer.REVISE, _answered(Answer.REVISE, reason=_REASON)),
    forms.HANDING_OVER: _Word(
        _always(forms.HandingOver), Answer.HAND_OVER, _answered(Answer.HAND_OVER, reason=_REASON, to=attrgetter("to"))
    ),
    forms.SNOOZING: _Word(
        _always(forms.Snoozing), Answer.SNOOZE, _answered(Answer.SNOOZE, for_s=lambda said: forms.PAUSES[said.pause])
    ),
}
