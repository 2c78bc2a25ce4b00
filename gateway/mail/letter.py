"""A letter as the rest of the gateway reads it: small, frozen, and free of everything that a raw one may hide."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Line = Annotated[str, Field(max_length=2_000)]
"""Header text on one line: decoded, without control characters."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Attachment(_Frozen):
    """What hangs on a letter: the last part of its name, its media type, and about how many bytes it has."""

    name: Line
    media_type: Line
    size: int


class Report(_Frozen):
    """What a delivery report says of one recipient (RFC 3464).

    `action` is failed, delayed, delivered, relayed or expanded; `original_message_id` is of the letter it is about.
    """

    action: Line
    status: Line
    recipient: Line
    original_message_id: Line | None


class Letter(_Frozen):
    """One letter; message ids are written with their angle brackets, header names in lower case.

    `senders` are the addresses of all From fields, `sender_fields` how many such fields there are. `text` is the plain
    part, or the text of the HTML part; `html_text` is that of the HTML part when both are there. `machine_marks` are
    names of fields that only machines set, as found ("list-id", "auto-submitted: auto-replied"). `authentication`
    holds the Authentication-Results fields, topmost first.
    """

    senders: tuple[Line, ...]
    sender_fields: int
    recipients: tuple[Line, ...]
    subject: Line
    message_id: Line | None
    in_reply_to: Line | None
    references: tuple[Line, ...]
    date: Line | None
    machine_marks: tuple[Line, ...]
    received: int
    media_type: Line
    is_report: bool
    reports: tuple[Report, ...]
    text: Annotated[str, Field(max_length=200_000)]
    text_from: Literal["plain", "html", "nothing"]
    html_text: Annotated[str, Field(max_length=200_000)] | None
    attachments: tuple[Attachment, ...]
    authentication: tuple[Annotated[str, Field(max_length=8_000)], ...]

    @property
    def thread(self) -> tuple[str, ...]:
        """The letters that this one answers, oldest first."""
        answered = (self.in_reply_to,) if self.in_reply_to else ()
        return (*self.references, *(one for one in answered if one not in self.references))
