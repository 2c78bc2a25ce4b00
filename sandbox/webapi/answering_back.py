"""Carries out what an app posts to a response URL.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from dataclasses import replace

from sandbox import posting
from sandbox.messages import Message
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.tickets import ResponseRight


def answer_back(team: Team, ticket: str, body: Json) -> Json:
    """Use the right once; raises Refused (expired_url, used_url, no_text, invalid_blocks, …)."""
    right = team.tickets.use_response_right(ticket)
    original = team.messages.find(right.channel, right.ts) if right.ts else None
    if body.get("delete_original") in (True, "true") and original:
        posting.delete(team, original)
    elif body.get("replace_original") in (True, "true") and original:
        replace_original(team, original, body)
    else:
        say(team, right, body)
    return {"ok": True}


def say(team: Team, right: ResponseRight, body: Json) -> Message:
    """A new message: for the person alone unless `response_type` is in_channel."""
    conversation = team.conversation(right.channel)
    args = {**body, "thread_ts": body.get("thread_ts") or right.thread_ts}
    if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
        raise Refused("invalid_response_type")
    if body.get("response_type") == "in_channel":
        return posting.post(team, conversation, args)
    return posting.post_ephemeral(team, conversation, user=right.user, args=args)


def replace_original(team: Team, original: Message, body: Json) -> Message:
    """The original with wholly new content; blocks that are not given are gone."""
    return posting.edit(team, replace(original, text="", blocks=[]), {**body, "blocks": body.get("blocks") or []})
