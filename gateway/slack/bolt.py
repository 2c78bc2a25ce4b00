"""The slack-bolt app: who is asked what, once a delivery has been verified, kept and answered."""

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from engine.trouble import report
from gateway.slack import (
    buttons,
    change_forms,
    changing,
    commands,
    home,
    incident_forms,
    incidents,
    modals,
    submissions,
    thread,
    together,
)
from gateway.slack.acting import acting
from gateway.slack.case import Case
from gateway.slack.payloads import Kind
from notifications.slack import actions
from notifications.slack.tokens import unseal

TIMEOUT_S = 10
_ACTING = {Kind.COMMAND, Kind.SHORTCUT, Kind.ACTIONS, Kind.SUBMISSION}
_FINDS_OUT = {modals.REQUEST}
"""Forms whose listener finds out who acts, with the rest that it has to look up."""

_BUTTONS: dict[str, Callable[..., None]] = {
    actions.APPROVE: buttons.on_approve,
    actions.CHANGE: buttons.on_change,
    actions.REJECT: buttons.on_reject,
    actions.REVISE: buttons.on_revise,
    actions.ASK: buttons.on_ask,
    actions.HAND_OVER: buttons.on_hand_over,
    actions.SNOOZE: buttons.on_snooze,
    actions.MORE: buttons.on_more,
    actions.ANSWER: buttons.on_answer,
    actions.WHY: buttons.on_why,
    actions.CANCEL: buttons.on_cancel,
    actions.CHANGE_REQUEST: changing.on_change,
    actions.WRONG: incidents.on_wrong,
    actions.CLOSE: incidents.on_close,
    actions.TOGETHER: together.on_together,
    modals.OPEN: buttons.on_open,
    modals.CHOOSE: buttons.on_lane_chosen,
}


class EnvironmentLeaks(RuntimeError):
    """SLACK_* variables stand in the environment: Bolt builds an OAuth flow of its own out of them."""


def make_bolt(slack_api_url: str, secret: str) -> App:
    """A Bolt app for every team: `secret` unseals the tokens of installations. Raises EnvironmentLeaks.

    Requests reach it verified and kept, one at a time in the caller's thread; a failed listener answers 500.
    """
    quiet = logging.getLogger("gateway.slack.bolt")
    # Its warnings print whole payloads.
    quiet.setLevel(logging.CRITICAL)

    def authorize(case: Case) -> AuthorizeResult:
        token = unseal(case.installation.sealed_token, secret)
        bot = case.installation.bot_user
        return AuthorizeResult(enterprise_id=None, team_id=case.team, bot_user_id=bot, bot_token=token)

    app = App(
        logger=quiet,
        name="chargehand",
        client=WebClient(base_url=slack_api_url, timeout=TIMEOUT_S, retry_handlers=[], logger=quiet),
        authorize=authorize,
        process_before_response=True,
        # The edge has verified what is kept, and nothing here is for functions of workflows or for assistants.
        request_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    if app.oauth_flow is not None:
        raise EnvironmentLeaks("take SLACK_CLIENT_ID and SLACK_CLIENT_SECRET out of the environment first")
    _listen(app)
    return app


def _listen(app: App) -> None:
    app.use(_ignore_bots)
    app.use(_know_the_person)
    app.error(_report)
    app.view(modals.REQUEST)(_heard(submissions.on_request))  # first: Bolt asks one after the other whose a request is
    app.event("app_home_opened")(_heard(home.on_home_opened))
    app.event("message")(_heard(thread.on_message))
    app.event("app_mention")(_heard(thread.on_mention))
    app.command(re.compile("."))(_acknowledged(commands.on_command))
    for action_id, listener in _BUTTONS.items():
        app.action(action_id)(_acknowledged(listener))
    app.view(modals.CANCELLATION)(_acknowledged(submissions.on_cancellation))
    app.view(change_forms.FORM)(_acknowledged(changing.on_form))
    app.view(change_forms.MEANT)(_acknowledged(changing.on_meant))
    app.view(incident_forms.WRONG)(_acknowledged(incidents.on_said_wrong))
    app.view(incident_forms.CLOSING)(_acknowledged(incidents.on_closing))
    app.view(together.FORM)(_acknowledged(together.on_decided_together))
    for callback_id in submissions.WORDS:
        app.view(callback_id)(_acknowledged(submissions.on_word))


def _acknowledged(listener: Callable[..., None]) -> Callable[..., None]:
    """Slack has its answer already; Bolt wants to hear that too."""

    def listen(case: Case, client: WebClient, person: Any, ack: Callable[[], BoltResponse]) -> None:
        listener(case, client, person)
        ack()

    return listen


def _heard(listener: Callable[[Case, WebClient], None]) -> Callable[..., None]:
    """As `_acknowledged`; who caused it is looked up by the listener, if it matters."""

    def listen(case: Case, client: WebClient, ack: Callable[[], BoltResponse]) -> None:
        listener(case, client)
        ack()

    return listen


def _ignore_bots(case: Case, next: Callable[[], Any]) -> BoltResponse | None:  # noqa: A002 - Bolt injects by name
    """Another bot's or a workflow's message starts nothing, so that two bots can't talk for ever."""
    event = case.payload.get("event", {}) if case.kind is Kind.EVENT else {}
    if event.get("bot_id") or event.get("subtype") == "bot_message" or event.get("bot_profile"):
        case.ignore("a bot's message")
        return BoltResponse(status=200)
    next()
    return None


def _know_the_person(
    case: Case,
    client: WebClient,
    context: dict[str, Any],
    next: Callable[[], Any],  # noqa: A002 - Bolt injects by name
) -> BoltResponse | None:
    if case.kind in _ACTING and case.form not in _FINDS_OUT:
        person = acting(case, client)
        if person is None:
            return BoltResponse(status=200)
        context["person"] = person
    next()
    return None


def _report(error: Exception, case: Case) -> None:
    """The row stays unhandled, and the sweep tries again."""
    report("delivery.failed", error, key=case.key, company=case.company)
