"""Puts a page into an envelope: one MIME letter with exactly our headers.

RFC 5322 (format, threads by In-Reply-To and References), RFC 3834 (Auto-Submitted), RFC 2046 5.1.4 (alternatives).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from notifications.mail.looks import as_html, as_text
from notifications.mail.page import Page, one_line

MOST_REFERENCES = 20
_ID = re.compile(r"<[!-;=?-~]{1,500}>")  # as RFC 5322 3.6.4 has it, without comments and spaces
_NAME = 60


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom about which letter; addresses are bare, Message-IDs have their brackets.

    `answers` tells that a person's letter is answered (RFC 3834 "auto-replied"); else we wrote first.
    """

    message_id: str
    sender: str
    sender_name: str
    to: str
    to_name: str
    at: datetime
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A letter of plain text that an effect sends; addresses are bare, `marks` are headers that it is found again by.

    What stands in `subject`, `to` and `marks` has to be on one line.
    """

    message_id: str
    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    at: datetime
    reply_to: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


class _Ids(UnstructuredHeader, BaseHeader):
    """Message-IDs, one a line: the standard library would encode one that is longer than a line, and break it."""

    def fold(self, *, policy: Any) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


def _policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    headers.map_to_type("in-reply-to", _Ids)
    headers.map_to_type("references", _Ids)
    headers.map_to_type("message-id", _Ids)
    return SMTP.clone(header_factory=headers, cte_type="7bit")


_POLICY = _policy()


def compose(page: Page, envelope: Envelope) -> bytes:
    """The letter as it goes over the wire, CRLF at the end of each line; raises nothing for any text in `page`."""
    letter = EmailMessage(policy=_POLICY)
    for name, value in _headers(page, envelope):
        letter[name] = value
    letter.set_content(as_text(page), cte="quoted-printable")
    letter.add_alternative(as_html(page), subtype="html", cte="quoted-printable")
    letter.set_boundary(f"=_{envelope.message_id.strip('<>').partition('@')[0]}")
    return letter.as_bytes()


def compose_note(note: Note) -> bytes:
    """The letter as it goes over the wire, CRLF at the end of each line; raises ValueError for a header of several lines."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = _address(note.sender_name, note.sender)
    letter["To"] = Address(addr_spec=note.to)
    letter["Subject"] = _literal(note.subject)
    letter["Date"] = format_datetime(note.at)
    letter["Message-ID"] = note.message_id
    if note.reply_to:
        letter["Reply-To"] = Address(addr_spec=note.reply_to)
    for name, value in note.marks.items():
        letter[name] = value
    letter.set_content(note.text, cte="quoted-printable")
    return letter.as_bytes()


def _headers(page: Page, envelope: Envelope) -> list[tuple[str, Any]]:
    about = [found for one in envelope.references[-MOST_REFERENCES:] for found in _ID.findall(one)]
    optional = [
        ("Reply-To", envelope.reply_to and Address(addr_spec=envelope.reply_to)),
        ("In-Reply-To", " ".join(_ID.findall(envelope.in_reply_to or "")[:1])),
        ("References", " ".join(about)),
    ]
    return [
        ("From", _address(envelope.sender_name, envelope.sender)),
        ("To", _address(envelope.to_name, envelope.to)),
        ("Subject", _literal(page.subject)),
        ("Date", format_datetime(envelope.at)),
        ("Message-ID", envelope.message_id),
        *[(name, value) for name, value in optional if value],
        ("Auto-Submitted", "auto-replied" if envelope.answers else "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ]


def _address(name: str, address: str) -> Address:
    return Address(display_name=_literal(one_line(name, _NAME)), addr_spec=address)


def _literal(text: str) -> str:
    """The standard library would decode what looks like an encoded word (RFC 2047), line feeds in it included."""
    return text.replace("=?", "= ?")
