"""Keeps the conversations of one Slack team: who is in them and what was said."""

from dataclasses import asdict, dataclass, field, replace

from sandbox.clock import Clock
from sandbox.keeping import Keeper
from sandbox.refusals import Json


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `visible_to` names the one person who sees an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    bot_id: str | None = None
    app_id: str | None = None
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    edited: Json | None = None
    visible_to: str | None = None
    subtype: str | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def as_slack(self, *, with_metadata: bool = False) -> Json:
        """The message object. https://docs.slack.dev/reference/events/message."""
        said = {
            "type": "message",
            "subtype": self.subtype,
            "user": self.user,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "ts": self.ts,
            "text": self.text,
            "blocks": self.blocks or None,
            "thread_ts": self.thread_ts,
            "edited": self.edited,
            "metadata": self.metadata if with_metadata else None,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel or a direct message; `members` are people, the bot is apart."""

    id: str
    name: str
    members: tuple[str, ...]
    bot_is_member: bool
    is_im: bool = False
    archived: bool = False


class Messages:
    """All conversations of one team, kept on file as they change. `revision` grows with every change."""

    def __init__(self, team_id: str, *, keeper: Keeper, clock: Clock) -> None:
        self._team = team_id
        self._keeper = keeper
        self._clock = clock
        self._said: dict[str, dict[str, Message]] = {}
        self._read: dict[tuple[str, str], str] = {}
        self._last_ts = 0
        self.conversations: dict[str, Conversation] = {}
        self.revision = 0
        self._recall()

    def new_ts(self) -> str:
        """Seconds with six decimals, never the same twice. https://docs.slack.dev/messaging/retrieving-messages."""
        self._last_ts = max(int(self._clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_conversation(self, conversation: Conversation) -> None:
        """Know a channel or open a direct message; those opened while running are kept."""
        self.conversations[conversation.id] = conversation
        if conversation.is_im:
            self._keeper.keep(self._team, "im", key=conversation.id, body=asdict(conversation))
        self.revision += 1

    def put(self, message: Message) -> Message:
        """Store a new message or the new form of one."""
        self._said.setdefault(message.channel, {})[message.ts] = message
        self._keeper.keep(self._team, "message", key=_key(message), body=asdict(message))
        self.revision += 1
        return message

    def remove(self, message: Message) -> None:
        """Take a message away; replies below it stay, as in Slack."""
        self._said[message.channel].pop(message.ts, None)
        self._keeper.forget(self._team, "message", key=_key(message))
        self.revision += 1

    def find(self, channel: str, ts: str) -> Message | None:
        """The message of that timestamp."""
        return self._said.get(channel, {}).get(ts)

    def all_in(self, channel: str) -> list[Message]:
        """Everything said there, oldest first."""
        return sorted(self._said.get(channel, {}).values(), key=lambda message: _moment(message.ts))

    def thread(self, channel: str, thread_ts: str) -> list[Message]:
        """The parent, then its replies, oldest first."""
        return [message for message in self.all_in(channel) if thread_ts in (message.ts, message.thread_ts)]

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """What that person sees there: everything but what only others may see."""
        return [message for message in self.all_in(channel) if message.visible_to in (None, user)]

    def mark_read(self, user: str, channel: str) -> None:
        """The person has the conversation open."""
        seen = self.seen_by(user, channel)
        latest = seen[-1].ts if seen else "0"
        if self._read.get((user, channel)) != latest:
            self._read[(user, channel)] = latest
            self._keeper.keep(self._team, "read", key=f"{user} {channel}", body={"ts": latest})
            self.revision += 1

    def unread(self, user: str, channel: str) -> int:
        """How many messages of others that person has not seen."""
        last = _moment(self._read.get((user, channel), "0"))
        seen = self.seen_by(user, channel)
        return sum(1 for message in seen if _moment(message.ts) > last and message.user != user)

    def _recall(self) -> None:
        for _, body in self._keeper.kept(self._team, "im"):
            conversation = Conversation(**{**body, "members": tuple(body["members"])})
            self.conversations[conversation.id] = conversation
        for _, body in self._keeper.kept(self._team, "message"):
            message = Message(**body)
            self._said.setdefault(message.channel, {})[message.ts] = message
            self._last_ts = max(self._last_ts, round(_moment(message.ts) * 1_000_000))
        for key, body in self._keeper.kept(self._team, "read"):
            user, channel = key.split(" ")
            self._read[(user, channel)] = body["ts"]


def edited_now(message: Message, *, by: str, at: str) -> Message:
    """The message with Slack's mark of an edit."""
    return replace(message, edited={"user": by, "ts": at})


def _key(message: Message) -> str:
    return f"{message.channel} {message.ts}"


def _moment(ts: str) -> float:
    return float(ts)
