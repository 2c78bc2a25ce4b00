"""Says which Slack teams, people, channels and apps the sandbox plays, read once from a JSON file."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EventName = Literal["app_mention", "message.im", "message.channels", "app_home_opened"]
EVERY_EVENT: tuple[EventName, ...] = ("app_mention", "message.im", "message.channels", "app_home_opened")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SlashCommand(_Strict):
    """A slash command of the app. https://docs.slack.dev/interactivity/implementing-slash-commands"""

    command: str = Field(pattern=r"^/[a-z0-9_-]{1,31}$")
    description: str = ""
    usage_hint: str = ""


class Shortcut(_Strict):
    """A global or a message shortcut. https://docs.slack.dev/interactivity/implementing-shortcuts"""

    callback_id: str
    name: str
    type: Literal["global", "message"] = "global"


class SlackApp(_Strict):
    """The one app installed in the team."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[EventName, ...] = EVERY_EVENT


class Member(_Strict):
    """A person of the team; the same id may exist in another team and is then another person there."""

    id: str
    name: str
    real_name: str
    email: str
    title: str = ""
    tz: str = "UTC"
    deleted: bool = False


class Channel(_Strict):
    """A channel with the ids of its members."""

    id: str
    name: str
    members: tuple[str, ...]
    bot_is_member: bool = True
    archived: bool = False


class TeamConfig(_Strict):
    """One Slack team with its app, people and channels."""

    id: str
    domain: str
    name: str
    signing_secret: str
    bot_token: str
    request_url: str
    app: SlackApp
    users: tuple[Member, ...]
    channels: tuple[Channel, ...]


class MailConfig(_Strict):
    """The mail server: people's letters to anybody who has no mailbox here are handed to the app at `relay`.

    `authserv_id` is how the server calls itself when it says whether a sender is proven (RFC 8601).
    """

    relay: str = Field(pattern=r"^[^:\s]+:\d{1,5}$")
    authserv_id: str


class Config(_Strict):
    """Everything the sandbox plays."""

    teams: tuple[TeamConfig, ...] = Field(min_length=1)
    mail: MailConfig | None = None


def read(path: Path) -> Config:
    """Read the JSON file; raises OSError or pydantic.ValidationError with the field at fault."""
    return Config.model_validate_json(path.read_bytes())
