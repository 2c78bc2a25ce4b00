"""Says that a result is wrong, and closes an incident: by button and form, or by a reply in plain words."""

from functools import partial

from slack_sdk import WebClient

from contracts.vocabulary import ENDED, Became
from engine.incident_view import incident_view
from engine.incidents import Closing, Report, close, report
from engine.telling import task_view
from escalation.wrongness import Word, read
from gateway.slack import incident_forms
from gateway.slack.case import Case
from gateway.slack.forms import parse
from gateway.slack.notes import IncidentNote, TaskNote
from gateway.slack.notes import read as read_note
from gateway.slack.opening import Fresh, open_view
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from notifications.slack import actions
from storage.directory import Person
from storage.incidents import IncidentNotFound, find
from storage.tasks import TaskNotFound, load

NOTHING_SUCH = "There is no such result."
NO_INCIDENT = "There is no such incident."
WHAT_TO_WRITE = (
    "Do you mean that the result of T-{task} is wrong? Then press “Something is wrong” there, "
    "or write what is wrong, such as: this is wrong, it was another customer."
)


def on_wrong(case: Case, client: WebClient, person: Person) -> None:
    """The form that asks what is wrong."""
    said = actions.pressed(case.payload["actions"][0].get("value"))
    task = said.task if said else None
    try:
        with case.deployment.database.transaction(case.company) as unit:
            view = task_view(unit, task or 0)
    except TaskNotFound:
        case.ignore("no task of theirs")
        tell(case, client, NOTHING_SUCH, person=person)
        return
    note = TaskNote(task=view.number, channel=case.channel)
    open_view(case, client, incident_forms.saying(note, view.headline), person=person, fresh=_again(case))


def on_close(case: Case, client: WebClient, person: Person) -> None:
    """The form that asks why; whether they may is found out when they send it."""
    said = actions.pressed(case.payload["actions"][0].get("value"))
    try:
        with case.deployment.database.transaction(case.company) as unit:
            view = incident_view(unit, (said.incident if said else None) or 0)
    except IncidentNotFound:
        case.ignore("no incident of theirs")
        tell(case, client, NO_INCIDENT, person=person)
        return
    note = IncidentNote(incident=view.number, channel=case.channel)
    open_view(case, client, incident_forms.closing(note, view), person=person, fresh=_again(case))


def _again(case: Case) -> Fresh:
    action = case.payload["actions"][0]
    return Fresh(action["action_id"], action["value"])


def on_said_wrong(case: Case, client: WebClient, person: Person) -> None:
    """What was filled in goes on record."""
    view = case.payload["view"]
    note = read_note(TaskNote, view["private_metadata"])
    said = parse(incident_forms.SaidWrong, view["state"]["values"])
    if isinstance(said, dict):
        case.ignore("the form has changed meanwhile")
        return
    told = Report(note.task, person.id, said.wrong, "slack", case.key, said.cause, said.minutes)
    _put_on_record(_at(case, note.channel), client, person, told)


def on_closing(case: Case, client: WebClient, person: Person) -> None:
    """The incident ends with its cause, if they may close it."""
    view = case.payload["view"]
    note = read_note(IncidentNote, view["private_metadata"])
    said = parse(incident_forms.Ended, view["state"]["values"])
    if isinstance(said, dict):
        case.ignore("the form has changed meanwhile")
        return
    closing = Closing(note.incident, person.id, "slack", said.cause, said.minutes, said.because or "")
    settled = Settled(Became.TASK, _about(case, note.incident))
    carry_out(_at(case, note.channel), client, person, settled, lambda unit: close(unit, case.business, closing))


def _about(case: Case, incident: int) -> str:
    """Its task, by which what came in of it is found when that is erased."""
    with case.deployment.database.transaction(case.company) as unit:
        try:
            return f"T-{find(unit, incident).task}"
        except IncidentNotFound:
            return f"incident {incident}"


def _at(case: Case, channel: str | None) -> Case:
    """A submission itself names no channel."""
    return case if channel is None else case.moved(channel)


def _put_on_record(case: Case, client: WebClient, person: Person, said: Report) -> None:
    settled = Settled(Became.TASK, f"T-{said.task}")
    carry_out(case, client, person, settled, partial(report, business=case.business, said=said))


def on_reply(case: Case, client: WebClient, person: Person, task: int, *, words: str, spoken_to: bool) -> None:
    """A reply below a result: a plain word that it is wrong counts as the button does, a doubtful one is asked back.

    `spoken_to` says that it was meant for us: in their own conversation, or with our name in it. Other talk in a
    channel's thread is people's own.
    """
    word = read(words)
    if word is Word.WRONG:
        said = Report(task, person.id, words, "slack", _message_key(case))
        _put_on_record(case, client, person, said)
    elif _needs_an_answer(case, word, task, spoken_to=spoken_to):
        case.ignore("whether the result is wrong could not be told")
        tell(case, client, WHAT_TO_WRITE.format(task=task), person=person)
    else:
        case.ignore("no word that a result is wrong")


def _needs_an_answer(case: Case, word: Word, task: int, *, spoken_to: bool) -> bool:
    """Below work that is under way other talk means something else."""
    with case.deployment.database.transaction(case.company) as unit:
        ended = load(unit, task).state in ENDED
    return ended and (word is Word.DOUBT or (word is Word.NOTHING and spoken_to))


def _message_key(case: Case) -> str:
    """One message can come as two events: because it is in a channel, and because it names us."""
    event = case.payload["event"]
    return f"slack:message:{case.team}:{event.get('channel')}:{event.get('ts')}"
