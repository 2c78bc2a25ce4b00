"""A letter in the thread of a task asks that its request be changed or ended; it goes through the door of the buttons."""

from contracts.answers import OutcomeKind
from contracts.loaded import LoadedLane
from contracts.vocabulary import ENDED, Became
from engine.request_changes import ToChange, Wanted, change_request, offer, seen_as, shown_in
from engine.telling import task_view
from engine.versions import LaneMissing, lane_of
from escalation import second_thoughts
from escalation.cancelling import cancel
from escalation.change_words import Naming, Rethought, read
from escalation.decisions import Outcome
from escalation.second_thoughts import Thought
from gateway.mail.case import Case
from gateway.mail.changes import Unclear, amended, naming_of
from gateway.mail.requests import example_of
from gateway.mail.wording import own_words, without_name
from gateway.slack.fields import FormField, Input, NoInput, fields_of
from notifications.mail.doors import came_by_mail
from storage.database import Unit
from storage.directory import Person
from storage.tasks import Task, load

_DONE = (OutcomeKind.CHANGED_IT, OutcomeKind.CHANGING, OutcomeKind.CANCELLED, OutcomeKind.STOPPING)
_TWO_VOICES = "The letter says one thing as text and another as it is shown."
_ANEW = "To ask for something else, write a new letter."


def on_second_thought(case: Case, unit: Unit, person: Person, task: int) -> str | None:
    """Take such a letter from somebody proven, in the caller's transaction; the runtime that has work now, if any."""
    row = load(unit, task)
    lane = _lane(case, unit, row)
    wish = _wish(case, person, row, naming_of(lane.request_model) if lane is not None else Naming({}))
    if not wish.is_clear:
        _not_told(case, unit, person, row, wish)
        return None
    if wish.ends:
        return _settled(
            case, unit, person, row, cancel(unit, task=task, person_id=person.id, reason=wish.reason, via="mail")
        )
    found = offer(case.deployment, unit, task, person.id)
    if isinstance(found, Outcome):
        return _settled(case, unit, person, row, found)
    request = amended(found.lane.request_model, found.request, wish.corrections)
    if isinstance(request, Unclear):
        wish.doubts += request.doubts
        _ask_back(case, unit, person, found, wish)
        return None
    wanted = Wanted(task, person.id, "mail", request, seen_as(found.request), wish.reason)
    return _settled(case, unit, person, row, change_request(case.deployment, unit, wanted))


def _lane(case: Case, unit: Unit, task: Task) -> LoadedLane | None:
    """The lane as the task runs under it, whose fields the letter names; None when a letter can't name them."""
    try:
        lane = lane_of(case.deployment, unit, task.lane, task.lane_hash)
        fields_of(lane.request_model)
    except (LaneMissing, NoInput):
        return None
    return lane


def _wish(case: Case, person: Person, task: Task, naming: Naming) -> Rethought:
    """What both parts of the letter ask; parts that differ are a doubt."""
    letter = case.letter
    wish = read(without_name(own_words(letter.text), person.name), naming, task.number)
    if letter.html_text is None or not wish.is_clear:
        return wish
    other = read(without_name(own_words(letter.html_text), person.name), naming, task.number)
    if _gist(other) != _gist(wish):
        wish.doubts.append(_TWO_VOICES)
    return wish


def _gist(wish: Rethought) -> object:
    return wish.ends, [(one.name, " ".join(one.value.split())) for one in wish.corrections], bool(wish.doubts)


def _settled(case: Case, unit: Unit, person: Person, task: Task, outcome: Outcome) -> str | None:
    """Mark the letter, and say what came of it unless the task's own letter does."""
    became = Became.TASK if outcome.kind in _DONE else Became.IGNORED
    case.settle(unit, became, reference=task.name, why=outcome.kind)
    told = outcome.kind is OutcomeKind.CANCELLED and person.id == task.requester and came_by_mail(task)
    if not told:
        case.answer(unit, person, outcome.sentence, task=task.number)
    return outcome.wake


def _not_told(case: Case, unit: Unit, person: Person, task: Task, wish: Rethought) -> None:
    """Nothing clear was asked: whoever could change it reads how, the others that their words change nothing; thanks are left alone."""
    if _only_thanks(case, wish):
        case.settle(unit, Became.IGNORED, reference=task.name, why="it asks nothing")
        return
    may = person.id == task.requester and task_view(unit, task.number).changeable
    found = offer(case.deployment, unit, task.number, person.id) if may else None
    if isinstance(found, ToChange) and _lane(case, unit, task) is not None:
        _ask_back(case, unit, person, found, wish)
        return
    case.answer_seldom(unit, person, _nothing_changes(task, person), task=task.number)
    case.settle(unit, Became.IGNORED, reference=task.name, why="nothing was asked of its task that could be told")


def _only_thanks(case: Case, wish: Rethought) -> bool:
    words = own_words(case.letter.text)
    said_nothing = not (wish.doubts or wish.ends or wish.corrections)
    return said_nothing and bool(words) and second_thoughts.read(words) is Thought.NOTHING


def _nothing_changes(task: Task, person: Person) -> str:
    if task.state in ENDED:
        return f"{task.name} has ended: this letter changes nothing. {_ANEW}"
    goes_on = f"{task.name} goes on as it was asked: this letter changes nothing."
    way_out = " Answer “cancel” if it should end." if person.id == task.requester else ""
    return f"{goes_on}{way_out} {_ANEW}"


def _ask_back(case: Case, unit: Unit, person: Person, found: ToChange, wish: Rethought) -> None:
    """Words that seem to want something are always answered, mere talk once a day."""
    wanted = wish.corrections or wish.ends or second_thoughts.read(own_words(case.letter.text)) is not Thought.NOTHING
    answering = case.answer if wanted else case.answer_seldom
    answering(unit, person, how_to_change(found, wish), task=found.task.number)
    case.settle(unit, Became.IGNORED, reference=found.task.name, why="what should be otherwise could not be told")


def how_to_change(found: ToChange, wish: Rethought) -> str:
    """What was understood and what was not, what can be changed, and how to write it."""
    fields = fields_of(found.lane.request_model)
    now = [f"{one.name}: {shown_in(found.lane, one.name, found.request)}" for one in fields]
    shown = next((one for one in fields if one.input is Input.MONEY), fields[0])
    parts = [
        [f"{found.task.name} goes on as it was asked: I could not tell what should be otherwise."],
        ["Understood:", *understood] if (understood := _understood(wish)) else [],
        ["Not understood:", *wish.doubts] if wish.doubts else [],
        ["It asks for this, and all of it can still be changed:", *now],
        ["Answer this mail with what should be otherwise, such as:", f"change {shown.name} to {_example(shown)}"],
        ["or with “cancel”, and it ends."],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _understood(wish: Rethought) -> list[str]:
    """What a letter with a doubt asks clearly, beside it."""
    clear = [one for one in wish.corrections if one.name and not any(one.written in doubt for doubt in wish.doubts)]
    return [f"{one.name}: {one.value}" for one in clear] if wish.doubts else []


def _example(field: FormField) -> str:
    return example_of(field).partition(" | ")[0]
