"""A letter to a lane becomes a task when its lines say all that is needed; else one answer asks for what is missing."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel

from contracts.loaded import LoadedLane
from contracts.vocabulary import ENDED, Became, Message
from engine.intake import Accepted, Draft, NotAccepted, accept, may_ask, not_open
from engine.telling import task_view
from gateway.mail.case import Case
from gateway.mail.complaints import says_wrong
from gateway.mail.drafts import Thread, thread_of
from gateway.mail.requests import found_in, question_for, read_request
from gateway.mail.wording import own_words
from notifications.slack import actions
from storage import deliveries, outbox
from storage.database import Unit
from storage.directory import Person
from storage.letters import MailDraft, keep_mail_draft, mail_draft
from storage.outbox import Letter
from storage.tasks import load


def on_request(case: Case, person: Person, lane: LoadedLane) -> None:
    """Take a letter from somebody proven; raises what storage raises, and then it is looked at again."""
    said = found_in(lane.request_model, own_words(case.letter.text))
    with case.deployment.database.transaction(case.company) as unit:
        if not deliveries.begin_handling(unit, case.delivery.key):
            return
        thread = thread_of(unit, case.letter.thread, person=person.id, lane=lane.lane.lane)
        before = thread.draft.values if thread.draft else {}
        request = read_request(lane.request_model, {**before, **said})
        at_work = _at_work(unit, thread)
        if isinstance(request, dict):
            _ask(case, unit, person, lane=lane, thread=thread, said=said, wrong=request)
        elif at_work is not None:
            _goes_on(case, unit, person, at_work, seldom=False)
    if isinstance(request, BaseModel) and at_work is None:
        _accept(case, person, lane=lane, thread=thread, request=request)
    case.deployment.wakeups.courier()


def _at_work(unit: Unit, thread: Thread) -> int | None:
    """The task that a letter's thread is about, as long as it lives: what is asked there may be meant in its place."""
    if thread.draft is not None or thread.task is None or load(unit, thread.task).state in ENDED:
        return None
    return thread.task


def _ask(
    case: Case,
    unit: Unit,
    person: Person,
    *,
    lane: LoadedLane,
    thread: Thread,
    said: Mapping[str, str],
    wrong: Mapping[str, str],
) -> None:
    if thread.draft is None and thread.task is not None and says_wrong(case, unit, person, thread.task):
        return
    if not may_ask(lane, person):
        _refuse(case, unit, person, not_open(lane))
    elif thread.draft is None and thread.task is not None:
        _goes_on(case, unit, person, thread.task)
    else:
        draft = _kept(case, unit, person, lane=lane, thread=thread, said=said)
        question = question_for(lane.request_model, wrong, title=lane.lane.title)
        if said:
            case.answer(unit, person, question, draft=draft.thread)
        else:
            case.answer_seldom(unit, person, question)
        case.settle(unit, Became.IGNORED, why=f"asked for what is missing: {', '.join(wrong)}")


def _goes_on(case: Case, unit: Unit, person: Person, task: int, *, seldom: bool = True) -> None:
    """A letter changes nothing; while it can be changed, its requester gets the button for it where buttons work."""
    words = f"T-{task} goes on as it was asked: a letter in its thread changes nothing."
    if load(unit, task).requester == person.id and task_view(unit, task).changeable:
        words += " To change it, press Change in the message about it that you get in Slack."
        details = {"sentence": f"T-{task} is changed here, not by a letter.", "button": actions.change_button(task)}
        outbox.put(unit, Letter(Message.NOTICE, f"change:{task}", person=person.id, task=task, details=details))
    _refuse(case, unit, person, f"{words} To ask for something else, write a new letter.", seldom=seldom)


def _refuse(case: Case, unit: Unit, person: Person, sentence: str, *, seldom: bool = True) -> None:
    (case.answer_seldom if seldom else case.answer)(unit, person, sentence)
    case.settle(unit, Became.IGNORED, why=sentence[:300])


def _kept(
    case: Case, unit: Unit, person: Person, *, lane: LoadedLane, thread: Thread, said: Mapping[str, str]
) -> MailDraft:
    """The draft with what this letter adds, kept until the rest comes."""
    begun = thread.draft or MailDraft(_name(case, unit), person.id, lane.lane.lane, {}, unit.now, None)
    draft = replace(begun, values={**begun.values, **said})
    keep_mail_draft(unit, draft)
    return draft


def _name(case: Case, unit: Unit) -> str:
    """Its Message-ID, by which answers find it; the key when it has none, or shares it with another letter."""
    written = case.letter.message_id
    return written if written and mail_draft(unit, written) is None else case.first_key


def _accept(case: Case, person: Person, *, lane: LoadedLane, thread: Thread, request: BaseModel) -> None:
    draft = _draft(case, person, lane=lane, thread=thread, request=request)
    try:
        accepted = accept(case.deployment, case.company, draft)
    except NotAccepted as refusal:
        _refused(case, person, str(refusal))
        return
    if isinstance(accepted, Accepted) and thread.draft is not None:
        with case.deployment.database.transaction(case.company) as unit:
            keep_mail_draft(unit, replace(thread.draft, task=accepted.task))


def _draft(case: Case, person: Person, *, lane: LoadedLane, thread: Thread, request: BaseModel) -> Draft:
    # The key is that of the letter which began it, not its Message-ID alone: two letters may share one (faults row 49).
    form_key = f"mail:{thread.draft.thread}" if thread.draft else case.first_key
    origin = {
        "surface": "mail",
        "address": person.email,
        "message_id": case.letter.message_id,
        "subject": case.letter.subject,
        "references": list(case.letter.thread),
    }
    return Draft(
        lane=lane.lane.lane,
        requester=person.id,
        request=request.model_dump(mode="json"),
        origin=origin,
        form_key=form_key,
        delivery=case.delivery.key,
        answer=case.thread(),
    )


def _refused(case: Case, person: Person, sentence: str) -> None:
    with case.deployment.database.transaction(case.company) as unit:
        case.answer(unit, person, sentence)
        case.settle(unit, Became.IGNORED, why=sentence[:300])
