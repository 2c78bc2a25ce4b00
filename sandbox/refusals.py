"""Names the one way in which a Web API call is refused, as Slack words it."""

from typing import Any

Json = dict[str, Any]
# Whatever JSON can hold, where its shape is not known yet.
JsonValue = Any


class Refused(Exception):
    """Slack answers `{"ok": false, "error": <error>}`, with the reasons in response_metadata.messages."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages

    def as_slack(self) -> Json:
        """The JSON body. https://docs.slack.dev/apis/web-api/#responses"""
        body: Json = {"ok": False, "error": self.error}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body
