"""Gathers what one person sees: the left column, the messages of one conversation, the modal on top."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.config import Member
from sandbox.messages import Conversation, Message
from sandbox.observing import conversations_of
from sandbox.page.mrkdwn import Reader
from sandbox.team import Team
from sandbox.views import OpenView

HOME = "home"
# The page is for looking at; the whole history is there for the app and the driver.
_MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its author's name and its replies; `day` is set where a new day begins."""

    message: Message
    author: str
    by_app: bool
    at: datetime
    day: str | None
    replies: tuple["Said", ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the left column."""

    id: str
    name: str
    is_im: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that is on one person's screen."""

    team: Team
    member: Member
    reader: Reader
    places: tuple[Place, ...]
    conversation: Conversation
    title: str
    tab: str
    said: tuple[Said, ...]
    home: OpenView | None
    modal: OpenView | None


def sight_of(team: Team, member: Member, *, channel: str, tab: str) -> Sight:
    """What `member` sees with that conversation open (the first of theirs if there is none such)."""
    mine = conversations_of(team, member.id)
    conversation = next((one for one in mine if one.id == channel), mine[0])
    reader = _reader(team, member)
    places = tuple(Place(one.id, _name(team, one), one.is_im, team.messages.unread(member.id, one.id)) for one in mine)
    return Sight(
        team=team,
        member=member,
        reader=reader,
        places=places,
        conversation=conversation,
        title=_name(team, conversation),
        tab=HOME if tab == HOME and conversation.is_im else "messages",
        said=_all_said(team, member, conversation=conversation, reader=reader),
        home=team.views.home(member.id),
        modal=team.views.top(member.id),
    )


def _all_said(team: Team, member: Member, *, conversation: Conversation, reader: Reader) -> tuple[Said, ...]:
    seen = team.messages.seen_by(member.id, conversation.id)
    parents = {message.ts for message in seen}
    below: dict[str, list[Message]] = {}
    for message in seen:
        if message.is_reply and message.thread_ts in parents:
            below.setdefault(message.thread_ts or "", []).append(message)
    replying = {reply.ts for replies in below.values() for reply in replies}
    top = [message for message in seen if message.ts not in replying][-_MOST_SHOWN:]
    return _by_day(team, top, below=below, reader=reader)


def _by_day(team: Team, top: list[Message], *, below: dict[str, list[Message]], reader: Reader) -> tuple[Said, ...]:
    shown: list[Said] = []
    last_day = ""
    for message in top:
        answers = below.get(message.ts, ())
        replies = tuple(_said(team, reply, reader=reader, day=None) for reply in answers)
        day = _at(message, reader.zone).strftime("%A, %-d %B %Y")
        shown.append(_said(team, message, reader=reader, day=day if day != last_day else None, replies=replies))
        last_day = day
    return tuple(shown)


def _said(team: Team, message: Message, *, reader: Reader, day: str | None, replies: tuple[Said, ...] = ()) -> Said:
    return Said(
        message=message,
        author=reader.people.get(message.user, "Slackbot"),
        by_app=message.user == team.config.app.bot_user_id,
        at=_at(message, reader.zone),
        day=day,
        replies=replies,
    )


def _reader(team: Team, member: Member) -> Reader:
    people = {one.id: one.real_name for one in team.config.users}
    people[team.config.app.bot_user_id] = team.config.app.name
    channels = {one.id: one.name for one in team.messages.conversations.values()}
    return Reader(people=people, channels=channels, zone=_zone(member.tz))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _at(message: Message, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(float(message.ts), tz=zone)


def _name(team: Team, conversation: Conversation) -> str:
    return team.config.app.name if conversation.is_im else conversation.name
