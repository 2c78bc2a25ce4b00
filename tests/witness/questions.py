"""What is asked of both Slacks: each question makes its calls and brings the answers down to what must be alike."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its Web API, the ids of a person and a channel there, and a maker of fresh triggers."""

    call: Callable[..., Json]
    anna: str
    support: str
    trigger: Callable[[], str]

    def word(self, method: str, **arguments: Any) -> str:
        """`ok`, or the word of the refusal."""
        answer = self.call(method, **arguments)
        return "ok" if answer["ok"] else str(answer["error"])

    def post(self, **more: Any) -> str:
        """A message in the channel; its ts."""
        return str(self.call("chat.postMessage", channel=self.support, **{"text": "Hello", **more})["ts"])

    def stands(self, ts: str) -> Json:
        """That message as conversations.history shows it."""
        said = self.call("conversations.history", channel=self.support, include_all_metadata=True)["messages"]
        return next(one for one in said if one["ts"] == ts)


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Was"}}
ACTIONS = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "7"}],
}
MODAL: Json = {"type": "modal", "title": {"type": "plain_text", "text": "A form"}, "blocks": [SECTION]}
METADATA = {"event_type": "asked", "event_payload": {"row": 7}}


def edited(side: Side, **change: Any) -> Json:
    """The text and the kinds of blocks of a message, after an edit."""
    ts = side.post(blocks=[SECTION])
    side.call("chat.update", channel=side.support, ts=ts, **change)
    now = side.stands(ts)
    return {"text": now["text"], "blocks": [block["type"] for block in now.get("blocks", [])]}


def metadata_after_an_edit(side: Side) -> Json | None:
    """What a message carries after an edit that does not mention it."""
    ts = side.post(metadata=METADATA)
    side.call("chat.update", channel=side.support, ts=ts, text="Changed")
    return side.stands(ts).get("metadata")


def opened_twice(side: Side) -> tuple[str, ...]:
    """One trigger used for two modals."""
    trigger = side.trigger()
    return tuple(side.word("views.open", trigger_id=trigger, view=json.dumps(MODAL)) for _ in range(2))


def modal_changed(side: Side, **more: Any) -> str:
    """A modal changed under the right hash unless `more` says otherwise."""
    view = side.call("views.open", trigger_id=side.trigger(), view=MODAL)["view"]
    return side.word("views.update", **{"view_id": view["id"], "hash": view["hash"], "view": MODAL, **more})


def person(side: Side) -> Json:
    """The fields of a person that we decide by."""
    found = side.call("users.info", user=side.anna)["user"]
    return {name: found.get(name) for name in ("is_bot", "deleted", "name")} | {"email": found["profile"]["email"]}


def thread(side: Side) -> list[str]:
    """The texts of a thread, and that its reply is not in the channel's history."""
    parent = side.post(text="Parent")
    reply = side.post(text="Reply", thread_ts=parent)
    said = side.call("conversations.replies", channel=side.support, ts=parent)["messages"]
    shown = [one["ts"] for one in side.call("conversations.history", channel=side.support)["messages"]]
    return [*(one["text"] for one in said), str(reply in shown)]


def dm_twice(side: Side) -> tuple[bool, object, str]:
    """Opening a direct message again gives the same one."""
    first, again = (side.call("conversations.open", users=side.anna) for _ in range(2))
    return first["channel"] == again["channel"], again.get("already_open"), first["channel"]["id"][0]


QUESTIONS: dict[str, Callable[[Side], Any]] = {
    "who we are": lambda s: sorted({"team_id", "user_id", "bot_id", "url", "team", "user"} & set(s.call("auth.test"))),
    "a person": person,
    "a person nobody is": lambda s: s.word("users.info", user="U0NOBODY"),
    "an address nobody has": lambda s: s.word("users.lookupByEmail", email="nobody@morning.example"),
    "an address in other letters": lambda s: s.word("users.lookupByEmail", email="Anna@Morning.example"),
    "a direct message, twice": dm_twice,
    "a direct message with nobody": lambda s: s.word("conversations.open"),
    "a direct message with a stranger": lambda s: s.word("conversations.open", users="U0NOBODY"),
    "a message in no channel": lambda s: s.word("chat.postMessage", channel="C0NOWHERE", text="x"),
    "a message without words": lambda s: s.word("chat.postMessage", channel=s.support),
    "a message to a person by id": lambda s: s.word("chat.postMessage", channel=s.anna, text="x"),
    "blocks that are none": lambda s: s.word("chat.postMessage", channel=s.support, text="x", blocks="nonsense"),
    "a block of no known type": lambda s: s.word("chat.postMessage", channel=s.support, blocks=[{"type": "x"}]),
    "blocks sent as text": lambda s: s.word("chat.postMessage", channel=s.support, blocks=json.dumps([SECTION])),
    "metadata that is none": lambda s: s.word("chat.postMessage", channel=s.support, text="x", metadata="nonsense"),
    "metadata, as we wrote it": lambda s: s.stands(s.post(metadata=METADATA))["metadata"],
    "metadata, when nobody asks": lambda s: bool(
        s.post(metadata=METADATA) and s.call("conversations.history", channel=s.support)["messages"][0].get("metadata")
    ),
    "metadata after an edit": metadata_after_an_edit,
    "an edit of words alone": lambda s: edited(s, text="Is"),
    "an edit of blocks alone": lambda s: edited(s, blocks=[ACTIONS]),
    "an edit of both": lambda s: edited(s, text="Is", blocks=[ACTIONS]),
    "an edit that takes blocks away": lambda s: edited(s, text="Is", blocks=[]),
    "an edit of nothing": lambda s: s.word("chat.update", channel=s.support, ts=s.post()),
    "an edit of no message": lambda s: s.word("chat.update", channel=s.support, ts="1.000001", text="x"),
    "an edit by its author is marked": lambda s: sorted(
        s.call("chat.update", channel=s.support, ts=s.post(), text="x")["message"]["edited"]
    ),
    "a thread": thread,
    "a reply to no message": lambda s: sorted(
        {"thread_ts"} & set(s.call("chat.postMessage", channel=s.support, text="x", thread_ts="1.000001")["message"])
    ),
    "the replies to no message": lambda s: s.word("conversations.replies", channel=s.support, ts="1.000001"),
    "the history of no channel": lambda s: s.word("conversations.history", channel="C0NOWHERE"),
    "too much history": lambda s: s.word("conversations.history", channel=s.support, limit=5000),
    "a whisper to a stranger": lambda s: s.word("chat.postEphemeral", channel=s.support, user="U0NOBODY", text="x"),
    "a modal with one trigger, twice": opened_twice,
    "a modal with no trigger": lambda s: s.word("views.open", trigger_id="1.2.3", view=MODAL),
    "a modal that is none": lambda s: s.word("views.open", trigger_id=s.trigger(), view="nonsense"),
    "a modal without a title": lambda s: s.word("views.open", trigger_id=s.trigger(), view={**MODAL, "title": None}),
    "a modal changed": modal_changed,
    "a modal changed by an old hash": lambda s: modal_changed(s, hash="1.2"),
    "a modal changed that is none": lambda s: modal_changed(s, view_id="V0NONE"),
}
