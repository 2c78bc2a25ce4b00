"""Writes an app's messages into conversations under Slack's rules, whichever door they came through."""

import json
from dataclasses import replace

from sandbox.blockkit.check import check_message_blocks
from sandbox.messages import Conversation, Message, edited_now
from sandbox.refusals import Json, Refused
from sandbox.team import Team

# https://docs.slack.dev/reference/methods/chat.postMessage: text over 40,000 characters.
TEXT_LIMIT = 40_000
# Slack's page names the error metadata_too_large and no size; this is the size of its largest example, generously.
METADATA_BYTES = 8_000


def check_content(args: Json) -> tuple[str, list[Json]]:
    """Text and blocks of a message; raises Refused (no_text, msg_too_long, invalid_blocks, …)."""
    text = _text(args.get("text"))
    blocks = blocks_given(args.get("blocks"))
    if not text and not blocks and not args.get("attachments"):
        raise Refused("no_text")
    return text, check_message_blocks(blocks) if blocks else []


def blocks_given(blocks: object) -> list[Json]:
    """Blocks as a list of objects; raises Refused (invalid_blocks_format)."""
    if not blocks:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    return blocks


def check_metadata(metadata: object) -> Json | None:
    """https://docs.slack.dev/messaging/message-metadata; raises Refused (invalid_metadata_format, metadata_too_large)."""
    if not metadata:
        return None
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata["event_type"], str) or not isinstance(metadata["event_payload"], dict):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise Refused("metadata_too_large")
    return dict(metadata)


def post(team: Team, conversation: Conversation, args: Json) -> Message:
    """The app's new message. https://docs.slack.dev/reference/methods/chat.postMessage."""
    text, blocks = check_content(args)
    message = _from_app(team, conversation, text=text, blocks=blocks)
    message = replace(
        message, metadata=check_metadata(args.get("metadata")), thread_ts=_thread(team, conversation, args)
    )
    team.messages.put(message)
    tell_app(team, message.as_slack(), conversation=conversation)
    return message


def post_ephemeral(team: Team, conversation: Conversation, *, user: str, args: Json) -> Message:
    """The app's message that one person sees. https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    text, blocks = check_content(args)
    message = _from_app(team, conversation, text=text, blocks=blocks)
    return team.messages.put(replace(message, visible_to=user, thread_ts=_thread(team, conversation, args)))


def notice(team: Team, conversation: Conversation, *, user: str, text: str) -> Message:
    """What Slack itself tells one person, as Slackbot."""
    said = Message(channel=conversation.id, ts=team.messages.new_ts(), user="USLACKBOT", text=text, visible_to=user)
    return team.messages.put(said)


def edit(team: Team, message: Message, args: Json) -> Message:
    """The app's message with new content. https://docs.slack.dev/reference/methods/chat.update.

    Its page: words without blocks take the old blocks away; blocks without words leave the words; one must be given.
    """
    blocks = blocks_given(args.get("blocks"))
    if not args.get("text") and not blocks:
        raise Refused("no_text")
    text, checked = check_content({"text": args.get("text") or message.text, "blocks": blocks})
    metadata = message.metadata if args.get("metadata") is None else check_metadata(args["metadata"])
    now = team.messages.new_ts()
    changed = replace(message, text=text, blocks=checked, metadata=metadata)
    changed = team.messages.put(edited_now(changed, by=team.config.app.bot_user_id, at=now))
    told = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now}
    told |= {"message": changed.as_slack(), "previous_message": message.as_slack()}
    if message.visible_to is None:
        tell_app(team, told, conversation=team.conversation(message.channel))
    return changed


def delete(team: Team, message: Message) -> None:
    """Take the app's message away. https://docs.slack.dev/reference/methods/chat.delete."""
    team.messages.remove(message)
    told = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": team.messages.new_ts()}
    told |= {"deleted_ts": message.ts, "previous_message": message.as_slack()}
    if message.visible_to is None:
        tell_app(team, told, conversation=team.conversation(message.channel))


def tell_app(team: Team, event: Json, *, conversation: Conversation) -> None:
    """Slack tells an app of messages in its conversations, its own too. https://docs.slack.dev/reference/events/message.

    Nothing is told without a subscription or where the app is no member.
    """
    wanted = "message.im" if conversation.is_im else "message.channels"
    if wanted in team.config.app.events and conversation.bot_is_member:
        kind = "im" if conversation.is_im else "channel"
        event = {**event, "channel": conversation.id, "channel_type": kind, "event_ts": event["ts"]}
        team.happenings.append(event)


def _text(text: object) -> str:
    given = "" if text is None else str(text)
    if len(given) > TEXT_LIMIT:
        raise Refused("msg_too_long")
    return given


def _thread(team: Team, conversation: Conversation, args: Json) -> str | None:
    """The thread of a reply; one whose parent is gone stands in the conversation itself, and Slack says nothing of it.

    No page of Slack's has it; apps met it: https://github.com/slack-go/slack/issues/1571
    """
    thread_ts = args.get("thread_ts")
    if not thread_ts:
        return None
    parent = team.messages.find(conversation.id, str(thread_ts))
    return (parent.thread_ts or parent.ts) if parent and not parent.visible_to else None


def _from_app(team: Team, conversation: Conversation, *, text: str, blocks: list[Json]) -> Message:
    app = team.config.app
    return Message(
        channel=conversation.id,
        ts=team.messages.new_ts(),
        user=app.bot_user_id,
        text=text,
        bot_id=app.bot_id,
        app_id=app.id,
        blocks=blocks,
    )
