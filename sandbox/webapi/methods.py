"""Lists every Web API method that the sandbox answers."""

from collections.abc import Callable

from sandbox.refusals import Json
from sandbox.team import Team
from sandbox.webapi import chat, conversations, people, views

Method = Callable[[Team, Json], Json]

METHODS: dict[str, Method] = {
    "api.test": people.api_test,
    "auth.test": people.auth_test,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.getPermalink": chat.get_permalink,
    "conversations.open": conversations.open_conversation,
    "conversations.history": conversations.history,
    "conversations.replies": conversations.replies,
    "conversations.info": conversations.info,
    "conversations.list": conversations.list_conversations,
    "conversations.members": conversations.members,
    "users.info": people.info,
    "users.lookupByEmail": people.lookup_by_email,
    "users.list": people.list_people,
    "views.open": views.open_view,
    "views.update": views.update,
    "views.push": views.push,
    "views.publish": views.publish,
}
