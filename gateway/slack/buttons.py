"""What a pressed button does; its value carries ids only, and everything is looked up and authorised again."""

from collections.abc import Callable

from slack_sdk import WebClient

from contracts.vocabulary import Answer, Became
from engine.amending import changeable
from engine.answering import Spoken, answer
from engine.intake import may_ask
from engine.telling import TaskView, task_view
from escalation import attention
from escalation.card import CardView, Exchange
from escalation.handing import candidates_of
from escalation.reading import DecisionNotFound, card_view
from gateway.slack import decision_forms, modals
from gateway.slack.bodies import Malformed
from gateway.slack.case import Case
from gateway.slack.commands import open_form, open_why
from gateway.slack.notes import DecisionNote, RequestNote, TaskNote, read
from gateway.slack.opening import Fresh, change_view, open_view
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from notifications.local_time import local
from notifications.slack import actions
from notifications.slack.pages import render_more
from storage.directory import Person
from storage.outbox import was_asked
from storage.tasks import TaskNotFound

NOTHING_SUCH = "There is no such decision."


def on_approve(case: Case, client: WebClient, person: Person) -> None:
    """One press decides."""
    said = _decision(case)
    if said is None:
        _crafted(case, client, person)
        return
    spoken = Spoken(said.decision, person.id, Answer.APPROVE, "slack", saw=said.saw)
    settled = Settled(Became.DECISION, f"{Answer.APPROVE}:{said.decision}")
    carry_out(case, client, person, settled, lambda unit: answer(case.deployment, unit, spoken))


def on_reject(case: Case, client: WebClient, person: Person) -> None:
    """A no needs its reason."""
    _open_on_decision(case, client, person, lambda card, note: modals.rejection(note, card.question, card.labels[1]))


def on_change(case: Case, client: WebClient, person: Person) -> None:
    """The values that may be changed, as they are now."""
    said = _decision(case)
    with case.deployment.database.transaction(case.company) as unit:
        found = changeable(case.deployment, unit, said.decision) if said is not None else None
    if found is None:
        _open_on_decision(case, client, person, lambda card, note: render_more(card, note.written()))
        return

    def form(card: CardView, note: DecisionNote) -> dict[str, object]:
        place = note.model_copy(update={"lane": found.lane, "effect": found.effect})
        shown = decision_forms.changes_form(case.business, place, card.question, found.values)
        return shown or render_more(card, note.written())

    _open_on_decision(case, client, person, form)


def on_revise(case: Case, client: WebClient, person: Person) -> None:
    """What the worker should do otherwise."""
    _open_on_decision(case, client, person, lambda card, note: decision_forms.revision(note, card.question))


def on_hand_over(case: Case, client: WebClient, person: Person) -> None:
    """Who decides instead."""

    def form(card: CardView, note: DecisionNote) -> dict[str, object]:
        with case.deployment.database.transaction(case.company) as unit:
            able = candidates_of(unit, note.decision, person.id)
        people = {one.name: one.id for one in able}
        if not people:
            return render_more(card, note.written())
        return decision_forms.handing_over(note, card.question, people)

    _open_on_decision(case, client, person, form)


def on_snooze(case: Case, client: WebClient, person: Person) -> None:
    """When to be reminded."""
    _open_on_decision(
        case, client, person, lambda card, note: decision_forms.snoozing(note, card.question, _deadline(card))
    )


def _deadline(card: CardView) -> str:
    return f"Decide by {local(card.due_at, card.timezone)}." if card.due_at and not card.clock_stopped else ""


def on_ask(case: Case, client: WebClient, person: Person) -> None:
    """A question to the requester."""
    _open_on_decision(case, client, person, lambda card, note: modals.question_back(note, card.question))


def on_more(case: Case, client: WebClient, person: Person) -> None:
    """Everything that is known about the decision."""
    _open_on_decision(case, client, person, lambda card, note: render_more(card, note.written()))


def on_answer(case: Case, client: WebClient, person: Person) -> None:
    """The requester answers a question."""
    _open_on_decision(
        case, client, person, lambda card, note: modals.answer_back(note, card.question, _open_question(card))
    )


def _open_question(card: CardView) -> Exchange | None:
    return next((one for one in reversed(card.exchanges) if one.answer is None), None)


def _open_on_decision(
    case: Case, client: WebClient, person: Person, view: Callable[[CardView, DecisionNote], dict[str, object]]
) -> None:
    said = _decision(case)
    card = _card(case, said.decision, person) if said else None
    if said is None or card is None:
        _crafted(case, client, person)
        return
    if case.payload.get("view", {}).get("type") == "modal":
        above = read(DecisionNote, case.payload["view"].get("private_metadata", ""))
        change_view(case, client, view(card, DecisionNote(decision=said.decision, saw=said.saw, channel=above.channel)))
        return
    note = DecisionNote(decision=said.decision, saw=said.saw, channel=case.channel)
    action = case.payload["actions"][0]
    fresh = Fresh(action["action_id"], action["value"])
    open_view(case, client, view(card, note), person=person, fresh=fresh)


def _decision(case: Case) -> DecisionNote | None:
    said = actions.pressed(case.payload["actions"][0].get("value"))
    return DecisionNote(decision=said.decision, saw=said.saw) if said and said.decision else None


def _card(case: Case, decision: int, person: Person) -> CardView | None:
    """The card, for those alone to whom one was sent: a made-up number must not show what it stands for."""
    with case.deployment.database.transaction(case.company) as unit:
        if not was_asked(unit, decision, person.id):
            return None
        try:
            card = card_view(unit, decision, person.id)
        except DecisionNotFound:
            return None
        if card.answers:
            attention.opened(unit, decision, int(card.task.removeprefix("T-")), person.id)
        return card


def _crafted(case: Case, client: WebClient, person: Person) -> None:
    case.ignore("no decision that they were asked")
    tell(case, client, NOTHING_SUCH, person=person)


def on_why(case: Case, client: WebClient, person: Person) -> None:
    """The Why page of the task, or of whatever else the button is about."""
    said = actions.pressed(case.payload["actions"][0].get("value"))
    what = (said.what or (f"T-{said.task}" if said.task else None)) if said else None
    open_why(case, client, person, what) if what else _crafted(case, client, person)


def on_cancel(case: Case, client: WebClient, person: Person) -> None:
    """Asked once more: whether they may is found out when they mean it."""
    task = _task(case)
    if task is None:
        _crafted(case, client, person)
        return
    action = case.payload["actions"][0]
    view = modals.cancellation(TaskNote(task=task.number, channel=case.channel), task.headline)
    open_view(case, client, view, person=person, fresh=Fresh(action["action_id"], action["value"]))


def _task(case: Case) -> TaskView | None:
    said = actions.pressed(case.payload["actions"][0].get("value"))
    try:
        with case.deployment.database.transaction(case.company) as unit:
            return task_view(unit, (said.task if said else None) or 0)
    except TaskNotFound:
        return None


def on_open(case: Case, client: WebClient, person: Person) -> None:
    """The button that brings a fresh trigger after a form did not open in time."""
    try:
        note = read(RequestNote, case.payload["actions"][0].get("value") or "")
    except Malformed:
        case.ignore("a value that is not ours")
        return
    open_form(case, client, person, note)


def on_lane_chosen(case: Case, client: WebClient, person: Person) -> None:
    """The choice of a lane changes the modal into that lane's form."""
    chosen = (case.payload["actions"][0].get("selected_option") or {}).get("value")
    lane = case.business.lanes.get(chosen) if isinstance(chosen, str) else None
    view = case.payload.get("view")
    if lane is None or view is None or not may_ask(lane, person):
        case.ignore("no lane of theirs")
        return
    note = read(RequestNote, view.get("private_metadata", ""))
    change_view(case, client, modals.request_form(lane, note.channel))
