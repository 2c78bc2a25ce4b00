"""Answers conversations.*: where messages stand, and what was said there."""

import re

from sandbox.messages import Conversation, Message
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.webapi.arguments import flag, required

_TS = re.compile(r"^\d+(\.\d+)?$")
# https://docs.slack.dev/reference/methods/conversations.history: default 100, at most 999.
_PAGE, _LARGEST_PAGE = 100, 999


def open_conversation(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.open; the sandbox knows direct messages of one person."""
    users = [user for user in str(args.get("users") or "").split(",") if user]
    if not users and not args.get("channel"):
        raise Refused("users_list_not_supplied")
    if not users:
        return {"channel": _described(team.conversation(str(args["channel"])))}
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    if team.person(users[0]).deleted:
        raise Refused("user_disabled")
    known = set(team.messages.conversations)
    conversation = team.direct_message(users[0])
    shown = _described(conversation) if flag(args, "return_im") else {"id": conversation.id}
    again = {"no_op": True, "already_open": True} if conversation.id in known else {}
    return {"channel": shown, **again}


def history(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.history: top-level messages, newest first."""
    conversation = _readable(team, args)
    said = [message for message in team.messages.all_in(conversation.id) if message.visible_to is None]
    chosen = _between([message for message in reversed(said) if not message.is_reply], args)
    return _page(chosen, args)


def replies(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.replies: the parent, then replies, oldest first."""
    conversation = _readable(team, args)
    found = team.messages.find(conversation.id, required(args, "ts"))
    if found is None or found.visible_to:
        raise Refused("thread_not_found")
    thread = team.messages.thread(conversation.id, found.thread_ts or found.ts)
    return _page(_between([message for message in thread if message.visible_to is None], args), args)


def info(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.info."""
    return {"channel": _described(team.conversation(required(args, "channel")))}


def list_conversations(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.list."""
    types = str(args.get("types") or "public_channel").split(",")
    wanted = {"im": True, "public_channel": False}
    kinds = {wanted[kind] for kind in types if kind in wanted}
    shown = [_described(item) for item in team.messages.conversations.values() if item.is_im in kinds]
    return {"channels": shown, "response_metadata": {"next_cursor": ""}}


def members(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.members."""
    conversation = team.conversation(required(args, "channel"))
    bot = [team.config.app.bot_user_id] if conversation.bot_is_member else []
    return {"members": [*conversation.members, *bot], "response_metadata": {"next_cursor": ""}}


def _readable(team: Team, args: Json) -> Conversation:
    conversation = team.conversation(str(args.get("channel") or ""))
    if not conversation.bot_is_member:
        raise Refused("not_in_channel")
    return conversation


def _described(conversation: Conversation) -> Json:
    """https://docs.slack.dev/reference/objects/conversation-object."""
    common: Json = {"id": conversation.id, "is_im": conversation.is_im, "is_archived": conversation.archived}
    if conversation.is_im:
        return common | {"user": conversation.members[0], "is_open": True}
    return common | {
        "name": conversation.name,
        "is_channel": True,
        "is_private": False,
        "is_member": conversation.bot_is_member,
        "num_members": len(conversation.members) + int(conversation.bot_is_member),
    }


def _between(messages: list[Message], args: Json) -> list[Message]:
    oldest, latest = _bound(args, "oldest"), _bound(args, "latest")
    inclusive = flag(args, "inclusive")
    return [message for message in messages if _inside(float(message.ts), oldest, latest, inclusive=inclusive)]


def _inside(moment: float, oldest: float | None, latest: float | None, *, inclusive: bool) -> bool:
    if inclusive and moment in (oldest, latest):
        return True
    return (oldest is None or moment > oldest) and (latest is None or moment < latest)


def _bound(args: Json, name: str) -> float | None:
    value = args.get(name)
    if value in (None, "", "0", 0):
        return None
    if not _TS.match(str(value)):
        raise Refused(f"invalid_ts_{name}")
    return float(str(value))


def _page(messages: list[Message], args: Json) -> Json:
    limit, start = _number(args, "limit", _PAGE), _number(args, "cursor", 0)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise Refused("invalid_limit")
    shown = messages[start : start + limit]
    more = len(messages) > start + limit
    with_metadata = flag(args, "include_all_metadata")
    answer: Json = {"messages": [message.as_slack(with_metadata=with_metadata) for message in shown]}
    cursor = str(start + limit) if more else ""
    return answer | {"has_more": more, "response_metadata": {"next_cursor": cursor}}


def _number(args: Json, name: str, default: int) -> int:
    value = str(args.get(name) or default)
    if not value.isdigit():
        raise Refused(f"invalid_{name}")
    return int(value)
