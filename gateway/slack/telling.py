"""Tells somebody what became of what they just did, visible to them alone, by whichever way still works."""

import json
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from contracts.vocabulary import Message
from gateway.slack.case import Case
from gateway.slack.wording import message
from notifications.slack.notice import render_notice
from storage import outbox
from storage.directory import Person
from storage.outbox import Letter

TIMEOUT_S = 3
RESPONSE_URL_S = 1800
"""https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: 5 uses, 30 minutes."""


def tell(
    case: Case, client: WebClient, sentence: str, *, person: Person | None, button: Mapping[str, str] | None = None
) -> None:
    """Say one sentence, perhaps with one thing to do (`button` as in `render_notice`).

    When nobody knows whether a way worked, the next is not tried: once is enough. Somebody unknown who can't be reached
    where they acted is not told.
    """
    said = _with_button(sentence, button) if button is not None else message(sentence)
    if not show(case, client, said) and person is not None:
        by_direct_message(case, person, {"sentence": sentence, **({"button": dict(button)} if button else {})})


def show(case: Case, client: WebClient, said: Mapping[str, Any]) -> bool:
    """Show a message to the one who acted, where they acted; False when Slack would not."""
    return _by_response_url(case, said) or _where_they_acted(case, client, said)


def _with_button(sentence: str, button: Mapping[str, str]) -> dict[str, Any]:
    shown = render_notice(sentence, button=button)
    return {"text": shown.text, "blocks": list(shown.blocks)}


def _by_response_url(case: Case, words: Mapping[str, Any]) -> bool:
    url = case.payload.get("response_url")
    if not url or case.clock.now() - case.received > RESPONSE_URL_S:
        return False
    said = {**words, "response_type": "ephemeral", "replace_original": False}
    try:
        answer = WebhookClient(url, timeout=TIMEOUT_S, retry_handlers=[]).send_dict(said)
    except OSError:
        return True
    return answer.status_code == 200 and not _refused(answer.body)


def _refused(body: str) -> bool:
    """A response URL says `ok`, or with status 200 as well {"ok": false, "error": …}."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("ok") is False


def _where_they_acted(case: Case, client: WebClient, words: Mapping[str, Any]) -> bool:
    if not case.channel or not case.slack_user:
        return False
    try:
        client.chat_postEphemeral(channel=case.channel, user=case.slack_user, **words)
    except SlackApiError:
        return False
    except OSError:
        return True
    return True


def by_direct_message(case: Case, person: Person, details: Mapping[str, Any]) -> None:
    """Leave a notice for their DM in the outbox; the courier brings it, once."""
    with case.deployment.database.transaction(case.company) as unit:
        outbox.put(unit, Letter(Message.NOTICE, f"told:{case.key}", person=person.id, details=details))
    case.deployment.wakeups.courier()
