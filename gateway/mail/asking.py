"""A letter to a lane becomes a task when its lines say all that is needed; else one answer asks for what is missing."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel

from contracts.loaded import LoadedLane
from contracts.vocabulary import ENDED, Became
from engine.intake import Accepted, Draft, NotAccepted, accept, may_ask, not_open
from gateway.mail.case import Case
from gateway.mail.changing import on_second_thought
from gateway.mail.complaints import says_wrong
from gateway.mail.drafts import Thread, thread_of
from gateway.mail.requests import found_in, question_for, read_request
from gateway.mail.wording import own_words
from storage import deliveries
from storage.database import Unit
from storage.directory import Person
from storage.letters import MailDraft, keep_mail_draft, mail_draft
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
        wake = None
        if at_work is not None:
            wake = on_second_thought(case, unit, person, at_work)
        elif isinstance(request, dict):
            _ask(case, unit, person, lane=lane, thread=thread, said=said, wrong=request)
    if wake is not None:
        case.deployment.wakeups.wake(case.company, wake)
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
        on_second_thought(case, unit, person, thread.task)
    else:
        draft = _kept(case, unit, person, lane=lane, thread=thread, said=said)
        question = question_for(lane.request_model, wrong, title=lane.lane.title)
        if said:
            case.answer(unit, person, question, draft=draft.thread)
        else:
            case.answer_seldom(unit, person, question)
        case.settle(unit, Became.IGNORED, why=f"asked for what is missing: {', '.join(wrong)}")


def _refuse(case: Case, unit: Unit, person: Person, sentence: str) -> None:
    case.answer_seldom(unit, person, sentence)
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
