"""Says which person of the company acts: a Slack user is somebody only as far as the company's people say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from contracts.company import Company
from engine.deployment import Deployment
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Installation, Person, know_slack_user, person_by_email, slack_person

_NOT_THERE = {"user_not_found", "user_not_visible"}


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A user of a Slack team; the same id in another team is somebody else.

    `home` is the team (or organisation) that Slack says they are a member of: another one in a shared channel.
    """

    installation: Installation
    id: str
    home: str | None = None

    @property
    def is_guest(self) -> bool:
        """Whether they come from elsewhere, so that their id alone says nothing."""
        return self.home is not None and self.home != self.installation.team


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody whom the company knows, or no longer; `sentence` is what they are told."""

    sentence: str


def identify(deployment: Deployment, user: SlackUser, client: WebClient) -> Person | Stranger:
    """The active person behind a Slack user, asking Slack for the address once; raises what slack_sdk raises.

    A refusal is noted on the company's trail.
    """
    known = None if user.is_guest else _known(deployment, user)
    if known is not None:
        return known if known.active else _refuse(deployment, user, "deactivated")
    profile = _profile(client, user.id)
    if user.is_guest and user.home not in _homes(profile or {}):
        return _refuse(deployment, user, f"a member of {user.home}")
    email = _proven_email(profile, user.installation.team) if profile else None
    return _by_email(deployment, user, email) if email else _refuse(deployment, user, "no proven address")


def _known(deployment: Deployment, user: SlackUser) -> Person | None:
    with deployment.database.transaction(user.installation.company) as unit:
        return slack_person(unit, user.installation.team, user.id)


def _profile(client: WebClient, slack_user: str) -> Mapping[str, Any] | None:
    """https://docs.slack.dev/reference/methods/users.info"""
    try:
        answer = client.users_info(user=slack_user)
    except SlackApiError as error:
        if error.response.get("error") in _NOT_THERE:
            return None
        raise
    profile = answer.get("user")
    return profile if isinstance(profile, Mapping) else None


def _homes(profile: Mapping[str, Any]) -> frozenset[str]:
    """The other teams of the same organisation that a user belongs to, and that organisation itself."""
    enterprise = profile.get("enterprise_user") or {}
    return frozenset({*enterprise.get("teams", ()), enterprise.get("enterprise_id", "")} - {""})


def _proven_email(profile: Mapping[str, Any], team: str) -> str | None:
    """The address, if this team vouches for it.

    Somebody from another organisation (a shared channel) brings whatever address their own team lets them set.
    """
    foreign = profile.get("team_id", team) != team and team not in profile.get("enterprise_user", {}).get("teams", ())
    doubtful = (profile.get("deleted"), profile.get("is_bot"), profile.get("is_stranger"), foreign)
    if any(doubtful) or profile.get("is_email_confirmed") is False:
        return None
    email = profile.get("profile", {}).get("email")
    return email if isinstance(email, str) and "@" in email else None


def _by_email(deployment: Deployment, user: SlackUser, email: str) -> Person | Stranger:
    with deployment.database.transaction(user.installation.company) as unit:
        found = person_by_email(unit, email)
        if found is not None and found.active:
            know_slack_user(unit, user.installation.team, user.id, found.id)
            return found
    return _refuse(deployment, user, "deactivated" if found else "nobody has this address")


def _refuse(deployment: Deployment, user: SlackUser, why: str) -> Stranger:
    with deployment.database.transaction(user.installation.company) as unit:
        _note(unit, user, why)
    return Stranger(sentence_for_strangers(deployment.businesses[user.installation.company].company))


def _note(unit: Unit, user: SlackUser, why: str) -> None:
    content = {"team": user.installation.team, "slack_user": user.id, "why": why}
    note(unit, f"company:{unit.company}", Said("stranger_refused", "gateway", content))


def sentence_for_strangers(company: Company) -> str:
    """What somebody is told whom the company does not know."""
    operator = company.person(company.last_resort)
    name = operator.name if operator else company.last_resort
    return f"I don't know you yet. Ask {name} to add the address that you use in Slack to {company.name}'s people."
