"""The forms of a change: a lane's own, filled with what was asked, and what differs, before it is meant. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from contracts.loaded import Business, LoadedLane
from engine.request_changes import ToChange, differences, seen_as
from gateway.slack.bodies import Malformed, Payload
from gateway.slack.elements import MOST_TEXT
from gateway.slack.fields import NoInput
from gateway.slack.forms import ACTION, Modal, modal, parse
from gateway.slack.notes import ChangeNote, MeantNote, read

FORM = "request.change"
MEANT = "request.change_meant"
NOTHING = "Nothing is changed here yet."
_INTRO = "This is what you asked for. Change what should be otherwise."
_ANEW = "The work begins anew with that. Whoever was asked to decide reads that you changed it."
_STATES = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_date": "initial_date",
    "selected_date_time": "initial_date_time",
}


class NoForm(ValueError):
    """What was asked can't be put into a form; `str()` is a sentence for whoever asked."""


class Meant(BaseModel, frozen=True, extra="forbid", strict=True):
    """Why somebody asks for something else, if they care to say."""

    reason: str | None = Field(
        default=None,
        title="Why?",
        description="It stays on record.",
        max_length=1000,
        json_schema_extra={"multiline": True},
    )


def change_form(business: Business, found: ToChange, channel: str | None) -> dict[str, Any]:
    """The lane's form with what is asked for now; raises NoForm."""
    task, model = found.task, found.lane.request_model
    today = business.lanes.get(task.lane)
    if today is None or today.request_model.model_json_schema() != model.model_json_schema():
        raise NoForm(
            f"The form of “{found.lane.lane.title}” has changed since you asked. Cancel {task.name}, and ask anew."
        )
    asked = model.model_validate(dict(found.request), strict=False)
    values = {name: getattr(asked, name) for name in model.model_fields}
    if any(isinstance(value, str) and len(value) > MOST_TEXT for value in values.values()):
        raise NoForm(f"What you asked for is too long for a form here. Cancel {task.name}, and ask anew.")
    note = ChangeNote(task=task.number, lane=task.lane, saw=seen_as(found.request), channel=channel)
    around = Modal(
        f"Change {task.name}", "Continue", FORM, note.written(), intro=_INTRO, close="Keep it", filled=values
    )
    try:
        return modal(model, around)
    except NoInput as error:
        raise NoForm(f"What you asked for does not fit a form here. Cancel {task.name}, and ask anew.") from error


def errors_of(business: Business, view: Payload) -> Mapping[str, str]:
    """A sentence by block_id for each field that has to be mended, {} when something differs and all fits.

    Raises Malformed for a view that is not ours.
    """
    lane = _lane(business, view)
    before, after = _before(lane, view), parse(lane.request_model, view["state"]["values"])
    if isinstance(after, dict):
        return after
    return {next(iter(lane.request_model.model_fields)): NOTHING} if before == after else {}


def meant_form(business: Business, view: Payload, key: str) -> dict[str, Any]:
    """What differs, and whether it is meant, for a form without errors; `key` is that of its delivery."""
    lane, note = _lane(business, view), read(ChangeNote, view["private_metadata"])
    before, after = _before(lane, view), parse(lane.request_model, view["state"]["values"])
    if isinstance(after, dict):
        raise Malformed("a form with mistakes")
    told = differences(lane, before.model_dump(mode="json"), after.model_dump(mode="json"))
    kept = MeantNote(task=note.task, form=key, channel=note.channel)
    intro = "\n".join([*told, "", _ANEW])
    return modal(Meant, Modal(f"Change T-{note.task}?", "Change it", MEANT, kept.written(), intro=intro, close="Back"))


def asked_in(business: Business, view: Payload) -> dict[str, Any] | None:
    """The request that a form without errors asks for, as JSON; None when the lane's form has changed since."""
    lane = business.lanes.get(read(ChangeNote, view["private_metadata"]).lane)
    said = parse(lane.request_model, view["state"]["values"]) if lane is not None else {}
    return None if isinstance(said, dict) else said.model_dump(mode="json")


def _lane(business: Business, view: Payload) -> LoadedLane:
    lane = business.lanes.get(read(ChangeNote, view["private_metadata"]).lane)
    if lane is None:
        raise Malformed("a form of no lane")
    return lane


def _before(lane: LoadedLane, view: Payload) -> BaseModel:
    """What the form was filled with, as Slack hands it back: nothing is looked up before the answer."""
    found = parse(lane.request_model, _filled(view.get("blocks") or ()))
    if isinstance(found, dict):
        raise Malformed("a form that was not filled by us")
    return found


def _filled(blocks: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The inputs as they were before anybody wrote into them, in the shape of `state.values`.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload: the view comes back with its blocks.
    """
    inputs = {
        str(block.get("block_id")): block.get("element") or {} for block in blocks if block.get("type") == "input"
    }
    return {
        name: {ACTION: {state: element.get(initial) for state, initial in _STATES.items()}}
        for name, element in inputs.items()
    }
