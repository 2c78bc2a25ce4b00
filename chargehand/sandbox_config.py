"""Tells the sandbox which Slack teams to play, from the companies that run here."""

import re
from collections.abc import Sequence

from pydantic import SecretStr

from chargehand.settings import Settings
from contracts.company import Company, PersonDeclaration

APP = {
    "id": "A0CHARGE",
    "name": "Chargehand",
    "bot_id": "B0CHARGE",
    "bot_user_id": "U0CHARGE",
    "commands": [{"command": "/chargehand", "description": "Ask for work", "usage_hint": "[find TEXT | why TASK]"}],
}


def sandbox_config(companies: Sequence[Company], settings: Settings) -> dict[str, object]:
    """The sandbox's configuration as JSON-able data: a Slack team per company, with its people and channels."""
    tokens = bot_tokens(companies, settings)
    teams = [_team(company, tokens[slack_team(company)], settings) for company in companies]
    return {"teams": teams, "mail": _mail(settings) if settings.plays_mail else None}


def _mail(settings: Settings) -> dict[str, object]:
    """Where people's letters to us go, and the name under which the mail server vouches for them."""
    host, _, port = (settings.mail_listen or "").rpartition(":")
    return {"relay": f"{_reachable(host)}:{port}", "authserv_id": settings.mail_authserv_id}


def bot_tokens(companies: Sequence[Company], settings: Settings) -> dict[str, str]:
    """The bot token of each played Slack team; that of the first is SLACK_BOT_TOKEN itself."""
    base = _plain(settings.slack_bot_token)
    teams = [slack_team(company) for company in companies]
    return {team: base if number == 0 else f"{base}-{team}" for number, team in enumerate(teams)}


def slack_team(company: Company) -> str:
    """The id of the company's Slack team."""
    return company.slack_team or f"T0{_letters(company.company)}"


def slack_user(person: PersonDeclaration) -> str:
    """The id that a played Slack team gives to a person."""
    return f"U0{_letters(person.id)}"


def _team(company: Company, token: str, settings: Settings) -> dict[str, object]:
    host, port = settings.listens_on
    return {
        "id": slack_team(company),
        "domain": company.company,
        "name": company.name,
        "signing_secret": _plain(settings.slack_signing_secret),
        "bot_token": token,
        "request_url": f"http://{_reachable(host)}:{port}/slack/events",
        "app": APP,
        "users": [_user(person) for person in company.people],
        "channels": [_channel(company, name) for name in company.slack_channels],
    }


def _user(person: PersonDeclaration) -> dict[str, object]:
    return {
        "id": slack_user(person),
        "name": person.id,
        "real_name": person.name,
        "email": person.email,
        "tz": person.timezone,
        "deleted": not person.active,
    }


def _channel(company: Company, name: str) -> dict[str, object]:
    """A channel whose members are declared as people or as groups of people."""
    groups = company.groups
    named = [person for member in company.slack_channels[name] for person in groups.get(member, (member,))]
    members = [slack_user(person) for person in company.people if person.id in named]
    return {"id": f"C0{_letters(name)}", "name": name, "members": members}


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", "[::]"} else host  # noqa: S104  nothing is bound here


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
