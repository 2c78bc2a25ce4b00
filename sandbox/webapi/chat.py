"""Answers chat.*: the app writes, edits and deletes messages."""

from sandbox import posting
from sandbox.messages import Conversation, Message
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.webapi.arguments import required


def post_message(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    conversation = _writable(team, str(args.get("channel") or ""))
    message = posting.post(team, conversation, args)
    return {"channel": conversation.id, "ts": message.ts, "message": message.as_slack(with_metadata=True)}


def update(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/chat.update."""
    message = _own(team, args, refusal="cant_update_message")
    changed = posting.edit(team, message, args)
    shown = changed.as_slack(with_metadata=True)
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/chat.delete."""
    message = _own(team, args, refusal="cant_delete_message")
    posting.delete(team, message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    conversation = _writable(team, str(args.get("channel") or ""))
    user = team.person(required(args, "user")).id
    if user not in conversation.members:
        raise Refused("user_not_in_channel")
    message = posting.post_ephemeral(team, conversation, user=user, args=args)
    return {"message_ts": message.ts}


def get_permalink(team: Team, args: Json) -> Json:
    """https://docs.slack.dev/reference/methods/chat.getPermalink."""
    conversation = team.conversation(required(args, "channel"))
    ts = required(args, "message_ts")
    if team.messages.find(conversation.id, ts) is None:
        raise Refused("message_not_found")
    address = f"https://{team.config.domain}.slack.com/archives/{conversation.id}/p{ts.replace('.', '')}"
    return {"channel": conversation.id, "permalink": address}


def _writable(team: Team, channel: str) -> Conversation:
    """A channel by id or name, or a person by id: Slack opens the direct message then."""
    known = {person.id for person in team.config.users}
    named = {c.name: c.id for c in team.messages.conversations.values() if not c.is_im}
    if channel in known:
        conversation = team.direct_message(channel)
    else:
        conversation = team.conversation(named.get(channel.removeprefix("#"), channel))
    if conversation.archived:
        raise Refused("is_archived")
    if not conversation.bot_is_member:
        raise Refused("not_in_channel")
    return conversation


def _own(team: Team, args: Json, *, refusal: str) -> Message:
    conversation = team.conversation(required(args, "channel"))
    message = team.messages.find(conversation.id, required(args, "ts"))
    # An ephemeral message can't be reached here: the page of chat.postEphemeral.
    if message is None or message.visible_to is not None:
        raise Refused("message_not_found")
    if message.user != team.config.app.bot_user_id:
        raise Refused(refusal)
    return message
