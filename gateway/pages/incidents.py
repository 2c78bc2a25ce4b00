"""What somebody sees of an incident on the page, and the way of their word to the one door: it is closed, or was a mistake."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field

from contracts.answers import OutcomeKind
from contracts.loaded import Business
from engine.deployment import Deployment
from engine.incident_view import IncidentView, incident_view
from engine.incidents import (
    LONGEST,
    Closing,
    Heard,
    Withdrawal,
    answerable,
    called,
    close,
    may_withdraw,
    withdraw,
)
from engine.overview import MOST_WAITING
from escalation.missing import in_vain
from gateway.pages.deciding import BESIDE_THE_FORM, STATUS
from gateway.pages.doorstep import Posted, TurnedAway, nothing_here
from gateway.pages.forms import Answered, Form, form_of, mended, read_answer, with_inputs
from gateway.slack.fields import fields_of
from gateway.slack.incident_forms import Ended
from notifications.mail.page import Fact
from storage.database import Unit
from storage.directory import Person
from storage.incidents import Incident, IncidentNotFound, find, open_of

CLOSE, WITHDRAW = "close", "withdraw"
_LONG: dict[str, Any] = {"multiline": True}


class Mistaken(BaseModel, frozen=True, extra="forbid", strict=True):
    """Why a word that something is wrong is taken back."""

    because: str = Field(
        title="Why was it a mistake?",
        description="It stays on record with what was said.",
        min_length=3,
        max_length=LONGEST,
        json_schema_extra=_LONG,
    )


@dataclass(frozen=True, slots=True)
class Sight(Answered):
    """An incident as one person sees it now, with the forms that they may send."""

    view: IncidentView
    forms: tuple[Form, ...]


def said_by(unit: Unit, who: Person) -> tuple[IncidentView, ...]:
    """What somebody has called wrong themself and nobody has closed yet, newest first."""
    return tuple(incident_view(unit, one.number) for one in open_of(unit, who.id, limit=MOST_WAITING))


def facts_of(view: IncidentView) -> tuple[Fact, ...]:
    """Which result is meant, and what is known of its cause."""
    took = f"{view.minutes} min to put right" if view.minutes is not None else ""
    known = tuple(filter(None, (called(view.cause) if view.cause else "", took)))
    told = (("Result", (view.result,)), ("Worker", (view.worker,)), ("Known so far", () if view.outcome else known))
    return tuple(Fact(label, lines) for label, lines in told if lines)


def look(deployment: Deployment, company: str, who: Person, number: int) -> Sight:
    """The incident as it is now; raises TurnedAway, on their trail, when it is not theirs to see."""
    with deployment.database.transaction(company) as unit:
        found = _sight(unit, deployment.businesses[company], who, number)
        if found is None:
            in_vain(unit, who.id, f"incident {number}")
    if found is None:
        raise nothing_here()
    return found


def _sight(unit: Unit, business: Business, who: Person, number: int) -> Sight | None:
    """Whoever answers for it, and whoever said it, sees it; to all others it is not there."""
    try:
        incident = find(unit, number)
    except IncidentNotFound:
        return None
    closers, withdrawers = answerable(business, incident.lane, incident.worker), may_withdraw(business, incident)
    if who.id not in {*closers, *withdrawers}:
        return None
    found = [_closing(incident)] if who.id in closers else []
    found += [form_of("It was a mistake", "", {WITHDRAW: "Withdraw it"}, Mistaken)] if who.id in withdrawers else []
    is_open = incident.closed_at is None
    return Sight(
        incident_view(unit, number), tuple(with_inputs(form, None, {}, who.timezone) for form in found if is_open)
    )


def _closing(incident: Incident) -> Form:
    """What is known of cause and minutes already stands in the fields."""
    minutes = None if incident.correction_s is None else incident.correction_s // 60
    known = {"cause": incident.cause, "minutes": minutes}
    fields = [replace(one, initial=known.get(one.name, one.initial)) for one in fields_of(Ended)]
    return form_of("Close it", "", {CLOSE: "Close it"}, Ended, *fields)


def take(deployment: Deployment, company: str, who: Person, number: int, posted: Posted) -> Sight:
    """Take what was posted to the door, and the incident as it is then; raises TurnedAway.

    What its reader is not offered goes there all the same: the door knows why not, and puts the try on record.
    """
    word, given = posted.one("say"), posted.first_of_each()
    if word not in (CLOSE, WITHDRAW):
        raise TurnedAway(400, "Not understood", "That is no answer of this page. Nothing was done.")
    before = look(deployment, company, who, number)
    form = next((one for one in before.forms if one.takes(word)), None)
    said = read_answer(form, given, who.timezone) if form is not None else None
    if isinstance(said, dict):
        return replace(before, forms=mended(before.forms, word, given, said, who.timezone), status=422)
    heard = _carried_out(deployment, company, _word(who, number, word, said))
    after = look(deployment, company, who, number)
    if heard.kind in BESIDE_THE_FORM:
        forms = mended(after.forms, word, given, {"": heard.sentence}, who.timezone)
        return replace(after, forms=forms, status=STATUS[heard.kind])
    return replace(after, said=heard.sentence, status=STATUS.get(heard.kind, 200))


def _word(who: Person, number: int, word: str, said: BaseModel | None) -> Closing | Withdrawal:
    if word == WITHDRAW:
        return Withdrawal(number, who.id, "page", said.because if isinstance(said, Mistaken) else "")
    if isinstance(said, Ended):
        return Closing(number, who.id, "page", said.cause, said.minutes, said.because or "")
    return Closing(number, who.id, "page")


def _carried_out(deployment: Deployment, company: str, said: Closing | Withdrawal) -> Heard:
    business = deployment.businesses[company]
    with deployment.database.transaction(company) as unit:
        heard = close(unit, business, said) if isinstance(said, Closing) else withdraw(unit, business, said)
    if heard.kind is OutcomeKind.UNKNOWN:
        raise nothing_here()
    deployment.wakeups.courier()
    return heard
