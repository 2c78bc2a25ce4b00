"""The forms of a decision's page: one for each answer that its reader may give now, built from the models that Slack's are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from pydantic import BaseModel, Field

from contracts.answers import WORD
from contracts.loaded import Business
from contracts.vocabulary import Answer
from engine.amending import Changeable, changeable
from engine.answering import Spoken
from engine.deployment import Deployment
from escalation.admitting import SHORTEST_REASON
from escalation.card import CardView
from escalation.handing import candidates_of
from escalation.readers import Reach
from gateway.pages.inputs import Shown, filled_in, shown
from gateway.slack import decision_forms, modals
from gateway.slack.fields import FormField, Input, fields_of
from gateway.slack.forms import parse
from gateway.slack.notes import DecisionNote
from storage.database import Unit
from storage.directory import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A page with forms, as it is shown after one was sent; `said` is what came of that, if one was."""

    said: str = ""
    status: int = 200

    @property
    def is_taken(self) -> bool:
        """Whether it has changed something, so that the page can be asked for anew."""
        return self.status == 200 and bool(self.said)


ANSWERING, OWN_YES, OWN_NO = "answer", "own approve", "own reject"
_LONG: dict[str, Any] = {"multiline": True}


class Own(BaseModel, frozen=True, extra="forbid", strict=True):
    """Why somebody decides on their own request."""

    reason: str = Field(
        title="Why can't it wait for anybody else?",
        description="Everybody who was asked reads it, and it is marked for ever.",
        min_length=SHORTEST_REASON,
        max_length=1000,
        json_schema_extra=_LONG,
    )


class Plain(BaseModel, frozen=True, extra="forbid", strict=True):
    """A yes needs nothing more."""


@dataclass(frozen=True, slots=True)
class Form:
    """One answer's form: `buttons` are (what they post, label); `inputs` its fields, `said` a mistake of the whole."""

    label: str
    does: str
    buttons: tuple[tuple[str, str], ...]
    model: type[BaseModel]
    fields: tuple[FormField, ...]
    inputs: tuple[Shown, ...] = ()
    said: str = ""
    is_open: bool = False

    def takes(self, word: str) -> bool:
        """Whether one of its buttons posts that."""
        return word in {posted for posted, _ in self.buttons}


def forms_of(deployment: Deployment, unit: Unit, card: CardView, who: Person, theirs: Reach) -> tuple[Form, ...]:
    """The forms that this reader may send now, the most usual first."""
    found: list[Form] = []
    if theirs.answer_question:
        found.append(form_of("Answer", "", {ANSWERING: "Send"}, modals.AnswerBack))
    if theirs.break_glass:
        buttons = {OWN_YES: card.labels[0], OWN_NO: card.labels[1]}
        found.append(form_of("In an emergency: decide it yourself", "", buttons, Own))
    yes, no = card.labels
    simple: Mapping[Answer, tuple[str, type[BaseModel]]] = {
        Answer.APPROVE: (yes, Plain),
        Answer.REJECT: (no, modals.Rejection),
    }
    for answer, (label, model) in simple.items():
        if answer in card.answers:
            found.append(form_of(label, "", {answer: label}, model))
    for answer in (Answer.CHANGE, Answer.ASK, Answer.REVISE, Answer.HAND_OVER, Answer.SNOOZE):
        form = _LONGER[answer](deployment, unit, card, who) if answer in card.answers else None
        found += [form] if form is not None else []
    return tuple(with_inputs(form, None, {}, who.timezone) for form in found)


def form_of(label: str, does: str, buttons: Mapping[str, str], model: type[BaseModel], *fields: FormField) -> Form:
    """A form by its `buttons` (label by what it posts), with the model's own fields unless others are given."""
    return Form(label, does, tuple(buttons.items()), model, fields or tuple(fields_of(model)))


def _of_word(answer: Answer, button: str, model: type[BaseModel], *fields: FormField) -> Form:
    return form_of(WORD[answer].label, WORD[answer].does, {answer: button}, model, *fields)


def _change(deployment: Deployment, unit: Unit, card: CardView, who: Person) -> Form | None:
    found = changeable(deployment, unit, card.number)
    business = deployment.businesses[unit.company]
    model = _changes_model(business, card, found) if found is not None else None
    if found is None or model is None:
        return None
    values = decision_forms.as_fields(found.values)
    fields = fields_of(model)
    changed = [replace(one, initial=values[one.name], optional=False) for one in fields if one.name in values]
    why = [one for one in fields if one.name == decision_forms.BECAUSE]
    return _of_word(Answer.CHANGE, "Approve changed", model, *changed, *why)


def _changes_model(business: Business, card: CardView, found: Changeable) -> type[BaseModel] | None:
    note = DecisionNote(decision=card.number, lane=found.lane, effect=found.effect)
    return decision_forms.changes_model(business, note)


def _ask(deployment: Deployment, unit: Unit, card: CardView, who: Person) -> Form:
    return _of_word(Answer.ASK, "Ask", modals.QuestionBack)


def _revise(deployment: Deployment, unit: Unit, card: CardView, who: Person) -> Form:
    return _of_word(Answer.REVISE, "Send back", decision_forms.Revision)


def _hand_over(deployment: Deployment, unit: Unit, card: CardView, who: Person) -> Form | None:
    people = {one.name: one.id for one in candidates_of(unit, card.number, who.id)}
    fields = [
        replace(one, choices=people) if one.input is Input.PERSON else one
        for one in fields_of(decision_forms.HandingOver)
    ]
    return _of_word(Answer.HAND_OVER, "Hand over", decision_forms.HandingOver, *fields) if people else None


def _snooze(deployment: Deployment, unit: Unit, card: CardView, who: Person) -> Form:
    return _of_word(Answer.SNOOZE, "Remind me", decision_forms.Snoozing)


_LONGER: Mapping[Answer, Callable[[Deployment, Unit, CardView, Person], Form | None]] = {
    Answer.CHANGE: _change,
    Answer.ASK: _ask,
    Answer.REVISE: _revise,
    Answer.HAND_OVER: _hand_over,
    Answer.SNOOZE: _snooze,
}


def with_inputs(form: Form, given: Mapping[str, str] | None, mistakes: Mapping[str, str], timezone: str) -> Form:
    """The form with its inputs as they are shown: with what was posted, else with what the fields hold."""
    inputs = (shown(one, given, mistakes.get(one.name, ""), timezone) for one in form.fields)
    return replace(form, inputs=tuple(inputs))


def mended(
    forms: Sequence[Form], word: str, given: Mapping[str, str], mistakes: Mapping[str, str], timezone: str
) -> tuple[Form, ...]:
    """The same forms, that of `word` open, with what was posted and a sentence beside each field that is wrong.

    What is wrong with the whole of it stands under "".
    """
    return tuple(
        replace(with_inputs(form, given, mistakes, timezone), said=mistakes.get("", ""), is_open=True)
        if form.takes(word)
        else form
        for form in forms
    )


def read_answer(form: Form, given: Mapping[str, str], timezone: str) -> BaseModel | dict[str, str]:
    """What was filled in, or a sentence for each field that is wrong."""
    if not form.fields:
        return form.model()
    found: BaseModel | dict[str, str] = parse(form.model, filled_in(form.fields, given, timezone))
    return found


def spoken(said: BaseModel, *, decision: int, person: str, word: str, saw: str) -> Spoken:
    """A form that was read, as an answer for the one way in."""
    own = word in (OWN_YES, OWN_NO)
    answer = Answer(word.removeprefix("own "))
    parts = {name: part(said) for name, part in _PARTS.get(answer, {}).items()}
    if own:
        parts = {"reason": said.reason} if isinstance(said, Own) else {}
    return Spoken(decision, person, answer, "page", saw=saw, own=own, **parts)


_REASON = attrgetter("reason")
_PARTS: Mapping[Answer, Mapping[str, Callable[[Any], Any]]] = {
    Answer.REJECT: {"reason": _REASON},
    Answer.CHANGE: {"reason": attrgetter(decision_forms.BECAUSE), "changes": decision_forms.changes_in},
    Answer.ASK: {"reason": attrgetter("question")},
    Answer.REVISE: {"reason": _REASON},
    Answer.HAND_OVER: {"reason": _REASON, "to": attrgetter("to")},
    Answer.SNOOZE: {"for_s": lambda said: decision_forms.PAUSES[said.pause]},
}
