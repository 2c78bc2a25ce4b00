"""Opens a modal while the trigger lives; afterwards the person gets a button, which brings a fresh trigger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from contracts.vocabulary import Became, Message
from gateway.slack.case import Case
from storage import outbox
from storage.directory import Person
from storage.outbox import Letter

log = structlog.get_logger()

_TOO_LATE = {"expired_trigger_id", "invalid_trigger_id", "trigger_expired"}
_OPEN_ALREADY = "exchanged_trigger_id"
_GONE = {"hash_conflict", "not_found", "view_not_found"}


@dataclass(frozen=True, slots=True)
class Fresh:
    """The button that does the same again: its action_id and value."""

    action: str
    value: str


def open_view(case: Case, client: WebClient, view: Mapping[str, Any], *, person: Person, fresh: Fresh) -> None:
    """Open the modal at once, or leave the button in the person's DM; raises what slack_sdk raises for other reasons."""
    if case.trigger_is_fresh and _opened(case, client, view):
        case.ignore("a modal was opened")
        return
    log.info("view.too_late", key=case.key, company=case.company)
    button = {"label": "Open the form", "action": fresh.action, "value": fresh.value}
    details = {"sentence": "Slack gave us too little time to open the form.", "button": button}
    with case.deployment.database.transaction(case.company) as unit:
        outbox.put(unit, Letter(Message.NOTICE, f"open:{case.key}", person=person.id, details=details))
        case.settle(unit, Became.IGNORED, why="the trigger was too old: a button was sent")
    case.deployment.wakeups.courier()


def _opened(case: Case, client: WebClient, view: Mapping[str, Any]) -> bool:
    """https://docs.slack.dev/reference/methods/views.open"""
    try:
        client.views_open(trigger_id=case.payload["trigger_id"], view=dict(view))
    except SlackApiError as error:
        word = error.response.get("error")
        if word == _OPEN_ALREADY:
            # An earlier try of this very delivery opened it and died before it could say so.
            return True
        if word in _TOO_LATE:
            return False
        raise
    return True


def change_view(case: Case, client: WebClient, view: Mapping[str, Any]) -> None:
    """Put another content into the modal that was acted in; one that moved on or was closed is left alone.

    https://docs.slack.dev/reference/methods/views.update
    """
    old = case.payload["view"]
    try:
        client.views_update(view_id=old["id"], hash=old.get("hash"), view=dict(view))
    except SlackApiError as error:
        if error.response.get("error") not in _GONE:
            raise
        case.ignore("the modal had moved on")
        return
    case.ignore("a modal was changed")
