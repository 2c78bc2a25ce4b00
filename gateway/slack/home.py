"""Puts the app's home before the person who looks at it, as it stands now."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from engine.overview import overview
from gateway.identity import Stranger, identify
from gateway.slack.case import Case
from notifications.slack.home import render_home, render_stranger
from storage.directory import Person

log = structlog.get_logger()

_NO_HOME = {"not_enabled", "user_not_found", "hash_conflict"}
"""Its home tab is switched off, or there is nobody any more, or a newer one stands there already."""


def on_home_opened(case: Case, client: WebClient) -> None:
    """Somebody looks at the app's home. https://docs.slack.dev/reference/events/app_home_opened"""
    if case.payload["event"].get("tab") != "home" or not case.slack_user:
        case.ignore("another tab than the home")
        return
    show_home_anew(case, client)
    case.ignore("the home was shown")


def show_home_anew(case: Case, client: WebClient) -> None:
    """Find out who acts, and show it to them; a stranger is told there what to do."""
    person = identify(case.deployment, case.actor, client)
    if isinstance(person, Stranger):
        _publish(case, client, render_stranger(person.sentence))
    else:
        show_home(case, client, person)


def show_home(case: Case, client: WebClient, person: Person, *, said: str | None = None) -> None:
    """Show it to the one who acts; `said` is what came of what they just did there."""
    with case.deployment.database.transaction(case.company) as unit:
        view = overview(case.deployment, unit, person)
    _publish(case, client, render_home(view, said=said))


def _publish(case: Case, client: WebClient, view: Mapping[str, Any]) -> None:
    """https://docs.slack.dev/reference/methods/views.publish"""
    try:
        client.views_publish(user_id=case.slack_user or "", view=dict(view))
    except SlackApiError as error:
        word = error.response.get("error")
        if word not in _NO_HOME:
            raise
        log.info("home.not_shown", company=case.company, why=word)
