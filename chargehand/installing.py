"""Keeps the Slack app that the settings name as an installation of the company that its team belongs to."""

import threading

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from chargehand.settings import Settings
from contracts.loaded import Business
from engine.deployment import Deployment
from notifications.slack.tokens import seal
from storage.directory import Installation, install

PAUSE_S = 3.0

log = structlog.get_logger()


class NoSuchTeam(LookupError):
    """The token's Slack team belongs to no declared company; the message says what to write where."""


def install_app(settings: Settings, deployed: Deployment, *, stopping: threading.Event | None = None) -> None:
    """Ask Slack whose token it is and keep the installation; tries again until Slack and the database answer."""
    if settings.slack_bot_token is None:
        return
    token = settings.slack_bot_token.get_secret_value()
    stop = stopping or threading.Event()
    while not stop.is_set() and not _installed(settings, deployed, token):
        stop.wait(PAUSE_S)


def _installed(settings: Settings, deployed: Deployment, token: str) -> bool:
    client = WebClient(token=token, base_url=settings.slack_api_url, timeout=5, retry_handlers=[])
    try:
        answer = client.auth_test()
        keep(deployed, team=str(answer["team_id"]), bot_user=str(answer["user_id"]), sealed=_sealed(settings, token))
    except NoSuchTeam as error:
        log.warning("slack.no_such_team", sentence=str(error))
        return True
    except (SlackApiError, OSError, SQLAlchemyError) as error:
        log.warning("slack.not_installed", error=type(error).__name__)
        return False
    return True


def _sealed(settings: Settings, token: str) -> bytes:
    return seal(token, settings.secret.get_secret_value())


def keep(deployed: Deployment, *, team: str, bot_user: str, sealed: bytes) -> None:
    """Write the installation under the company that declares the team; raises NoSuchTeam."""
    company = company_of(list(deployed.businesses.values()), team)
    with deployed.database.transaction(company) as unit:
        install(unit, Installation(company, team, bot_user, sealed))


def company_of(businesses: list[Business], team: str) -> str:
    """The company that names `team`; the only company, if it names none. Raises NoSuchTeam."""
    named = [business.company.company for business in businesses if business.company.slack_team == team]
    silent = [business.company.company for business in businesses if business.company.slack_team is None]
    if named:
        return named[0]
    if len(businesses) == 1 and silent:
        return silent[0]
    raise NoSuchTeam(f"SLACK_BOT_TOKEN is of Slack team {team}: write `slack_team: {team}` in its company.yaml.")
