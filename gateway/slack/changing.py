"""A requester changes what they have asked for: the button, the form, and whether it is meant."""

from functools import partial

from slack_sdk import WebClient

from contracts.vocabulary import Became
from engine.request_changes import Wanted, change_request, offer
from engine.telling import task_view
from escalation.decisions import Outcome
from escalation.second_thoughts import Thought
from gateway.slack import change_forms
from gateway.slack.bodies import Payload
from gateway.slack.case import Case
from gateway.slack.change_forms import Meant, NoForm
from gateway.slack.forms import parse
from gateway.slack.notes import ChangeNote, MeantNote, read
from gateway.slack.opening import Fresh, open_view
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from notifications.slack import actions
from storage import deliveries
from storage.directory import Person

NOTHING_SUCH = "There is no such task."
_OTHERWISE = "The form has changed meanwhile. Press Change again."
_WORDS = "Nothing was changed: words in a thread change nothing."


def on_change(case: Case, client: WebClient, person: Person) -> None:
    """The form with what was asked, for who asked it, while nothing of it was done."""
    action = case.payload["actions"][0]
    said = actions.pressed(action.get("value"))
    if said is None or said.task is None:
        case.ignore("no task of theirs")
        tell(case, client, NOTHING_SUCH, person=person)
        return
    with case.deployment.database.transaction(case.company) as unit:
        found = offer(case.deployment, unit, said.task, person.id)
    if isinstance(found, Outcome):
        _not_now(case, client, person, found.sentence)
        return
    try:
        view = change_forms.change_form(case.business, found, case.channel)
    except NoForm as refusal:
        _not_now(case, client, person, str(refusal))
        return
    open_view(case, client, view, person=person, fresh=Fresh(action["action_id"], action["value"]))


def _not_now(case: Case, client: WebClient, person: Person, sentence: str) -> None:
    case.ignore("it can't be changed")
    tell(case, client, sentence, person=person)


def on_form(case: Case, client: WebClient, person: Person) -> None:
    """What differs was shown with the answer already; the form is kept, and nothing changes before it is meant."""
    note = read(ChangeNote, case.payload["view"]["private_metadata"])
    with case.deployment.database.transaction(case.company) as unit:
        case.settle(unit, Became.IGNORED, reference=f"T-{note.task}", why="asked whether the change is meant")


def on_meant(case: Case, client: WebClient, person: Person) -> None:
    """The request changes, if they may and it still can."""
    view = case.payload["view"]
    note, said = read(MeantNote, view["private_metadata"]), parse(Meant, view["state"]["values"])
    here = case if note.channel is None else case.moved(note.channel)
    form = _form(case, note)
    request = change_forms.asked_in(case.business, form) if form is not None else None
    if form is None or request is None:
        case.ignore("the form has changed meanwhile")
        tell(here, client, _OTHERWISE, person=person)
        return
    reason = said.reason if isinstance(said, Meant) else None
    saw = read(ChangeNote, form["private_metadata"]).saw
    wanted = Wanted(note.task, person.id, "slack", request, saw, reason)
    change = partial(change_request, case.deployment, wanted=wanted)
    carry_out(here, client, person, Settled(Became.TASK, f"T-{note.task}"), change)


def _form(case: Case, note: MeantNote) -> Payload | None:
    """The form that this person has sent in before, as it was kept; None when there is none, or it was erased."""
    with case.deployment.database.transaction(case.company) as unit:
        kept = deliveries.find(unit, note.form)
    view = kept.body.get("payload", {}).get("view") if kept is not None else None
    if kept is None or view is None or view.get("callback_id") != change_forms.FORM:
        return None
    ours = (kept.body.get("team"), kept.body.get("user")) == (case.team, case.slack_user)
    found: Payload = view
    return found if ours and read(ChangeNote, view["private_metadata"]).task == note.task else None


def on_second_thought(case: Case, client: WebClient, person: Person, task: int, thought: Thought) -> None:
    """Words of the requester below their live request: they get the button, and nothing changes by the words."""
    with case.deployment.database.transaction(case.company) as unit:
        view = task_view(unit, task)
    case.ignore("talk below a request changes nothing: a button was offered")
    if view.stopping:
        tell(case, client, f"{_WORDS} T-{task} is being cancelled already.", person=person)
    elif thought is Thought.CHANGE and view.changeable:
        button = actions.change_button(task)
        tell(case, client, f"{_WORDS} Press Change, and say there what you want instead.", person=person, button=button)
    else:
        late = "" if thought is Thought.CANCEL else f" It is too late to change T-{task}."
        button = {"label": "Cancel", "action": actions.CANCEL, "value": actions.of_task(task)}
        tell(case, client, f"{_WORDS}{late} Press Cancel if it should end.", person=person, button=button)
