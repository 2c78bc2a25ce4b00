"""Checks that ask the outside: Slack, the mail server, and our own address as people's browsers reach it."""

import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from sqlalchemy.exc import SQLAlchemyError

from chargehand.doctor.diagnosis import Diagnosis, away, bad, good
from chargehand.doctor.services import Patient, skew
from chargehand.mail_config import mail_out
from chargehand.settings import BadSettings
from gateway.calendars.feed import FeedAway, absences_in
from notifications.mail.server import Server, Tls
from notifications.slack.tokens import TokenUnreadable, unseal
from storage.directory import Installation, everyone, installations

NEEDED_SCOPES = ("commands", "chat:write", "im:write", "im:history", "users:read", "users:read.email")
"""What the app asks of Slack; docs/operating.md tells admins the same."""
PATIENCE_S = 5.0
_REINSTALL = "set SLACK_BOT_TOKEN to the app's token and start `web` anew"


def slack(patient: Patient) -> Iterator[Diagnosis]:
    """Whether the token of every installation is good, may do what it must, and Slack's clock agrees with ours."""
    found = list(_installations(patient))
    token = patient.settings.slack_bot_token
    for one in found:
        try:
            plain = unseal(one.sealed_token, patient.settings.secret.get_secret_value())
        except TokenUnreadable as unreadable:
            yield bad("slack", f"{one.team}: {unreadable}.", f"set CHARGEHAND_SECRET back, or {_REINSTALL}")
            continue
        yield from _token(patient, plain)
    if not found and token is not None:
        yield bad(
            "slack", "The app is installed in no Slack team that we know of.", "start `web`: its log says why not"
        )
        yield from _token(patient, token.get_secret_value())
    if not found and token is None:
        yield bad("slack", "No Slack app: nobody can ask in Slack.", _REINSTALL)


def _installations(patient: Patient) -> Iterator[Installation]:
    try:
        for company in patient.companies:
            with patient.deployment.database.transaction(company) as unit:
                yield from installations(unit)
    except SQLAlchemyError:
        return  # told of by the checks of the database


def _token(patient: Patient, token: str) -> Iterator[Diagnosis]:
    url = patient.settings.slack_api_url
    client = WebClient(token=token, base_url=url, timeout=int(PATIENCE_S), retry_handlers=[])
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        yield bad(
            "slack", f"Slack refuses the token: {error.response['error']}.", f"install the app anew, {_REINSTALL}"
        )
    except (OSError, ValueError) as error:
        yield away("slack", f"{url} can't be reached ({type(error).__name__}).", "let this machine reach it by HTTPS")
    else:
        yield _scopes(answer)
        yield from _slack_time(answer)


def _scopes(answer: SlackResponse) -> Diagnosis:
    given = {scope.strip() for scope in _header(answer, "x-oauth-scopes").split(",")}
    missing = [scope for scope in NEEDED_SCOPES if scope not in given]
    team = str(answer.get("team") or answer.get("team_id"))
    if missing:
        mend = "add them under OAuth & Permissions › Bot Token Scopes, then install the app again"
        return bad("slack", f"{team}: the token lacks {', '.join(missing)}.", mend)
    return good("slack", f"{team}: the token is good and has its {len(NEEDED_SCOPES)} scopes.")


def _slack_time(answer: SlackResponse) -> Iterator[Diagnosis]:
    date = _header(answer, "date")
    if date:
        yield skew("slack time", parsedate_to_datetime(date).timestamp() + 0.5 - time.time(), "Slack")


def _header(answer: SlackResponse, name: str) -> str:
    found = next((value for key, value in answer.headers.items() if key.lower() == name), "")
    return found if isinstance(found, str) else ",".join(found)


def mail(patient: Patient) -> Iterator[Diagnosis]:
    """Whether the mail server answers as SMTP_URL says."""
    if patient.settings.plays_mail:
        yield good("mail", "The sandbox plays the mail server.")
        return
    try:
        found = mail_out(patient.settings)
    except BadSettings as mistake:
        yield bad("mail", str(mistake), "set it, and start `courier` anew")
        return
    if found is None:
        yield good("mail", "No SMTP_URL: everything goes by Slack.")
        return
    yield _mail_server(found[1])


def _mail_server(server: Server) -> Diagnosis:
    place = f"{server.host}:{server.port}"
    try:
        with _connected(server) as line:
            code, _ = line.ehlo()
            lacks_tls = server.tls is Tls.STARTTLS and not line.has_extn("starttls")
    except (OSError, smtplib.SMTPException) as error:
        return away("mail", f"{place} does not answer ({type(error).__name__}).", "mend SMTP_URL, or its server")
    if code != 250 or lacks_tls:
        said = "offers no STARTTLS" if lacks_tls else f"answers EHLO with {code}"
        return bad(
            "mail", f"{place} {said}.", "mend SMTP_URL: smtp://user:password@host:587?tls=starttls, or smtps://…"
        )
    return good("mail", f"{place} answers.")


def _connected(server: Server) -> smtplib.SMTP:
    if server.tls is Tls.IMPLICIT:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)


def calendars(patient: Patient) -> Iterator[Diagnosis]:
    """Whether every calendar that the clock follows is somebody's, and can be read."""
    for company in patient.companies:
        followed = patient.settings.calendars_of(company)
        zones = _timezones(patient, company) if followed else None
        if zones is not None:
            yield from (_calendar(person, url, zones.get(person)) for person, url in followed.items())


def _timezones(patient: Patient, company: str) -> dict[str, str] | None:
    """Where everybody is; None when the database is away, which its own checks tell."""
    try:
        with patient.deployment.database.transaction(company) as unit:
            return {one.id: one.timezone for one in everyone(unit) if one.active}
    except SQLAlchemyError:
        return None


def _calendar(person: str, url: str, timezone: str | None) -> Diagnosis:
    name, mend = f"calendar of {person}", "mend its address in CHARGEHAND_CALENDARS, and start `clock` anew"
    if timezone is None:
        return bad(name, f"Nobody active here is {person}: it is not followed.", mend)
    try:
        found = absences_in(url, now=datetime.now(UTC), timezone=timezone)
    except FeedAway as error:
        return away(name, f"{error} Until then nobody knows from it that {person} is away.", mend)
    return good(name, f"It can be read: {person} is {'away' if found else 'here'}.")


def address(patient: Patient) -> Iterator[Diagnosis]:
    """Whether the gateway answers where CHARGEHAND_URL says, as seen from this machine."""
    url = f"{patient.settings.url.rstrip('/')}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310 - http or https by the setting's pattern
            alive = answer.read(16) == b"alive"
    except urllib.error.HTTPError as error:
        yield bad("address", f"{url} answers {error.code}.", "mend the proxy in front of `web`, or CHARGEHAND_URL")
    except OSError as error:
        yield away(
            "address", f"{url} can't be reached ({type(error).__name__}).", "start `web`, or mend CHARGEHAND_URL"
        )
    else:
        mend = "mend the proxy in front of `web`, or CHARGEHAND_URL"
        yield good("address", f"{url} answers.") if alive else bad("address", f"{url} is not ours.", mend)
