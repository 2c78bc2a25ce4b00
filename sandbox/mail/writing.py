"""Lets a person write a letter or answer one; it leaves as a real mail server's user's letter would."""

import textwrap
import uuid
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses

from pydantic import BaseModel, ConfigDict, Field

from sandbox.config import Member
from sandbox.mail.reading import Opened

_COLUMNS = 72


class Written(BaseModel):
    """What a person writes; `headers` come on top of the usual ones. `raw` is a whole letter to send as it stands.

    `proven` says what the mail server finds out about the sender: false is a letter that only claims to be theirs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sender: str = Field(alias="from")
    to: str
    subject: str = ""
    text: str = ""
    in_reply_to: str | None = None
    references: str | None = None
    headers: dict[str, str] = {}
    raw: str | None = None
    proven: bool = True
    times: int = Field(default=1, ge=1, le=50)


class Answered(BaseModel):
    """A person's answer to a letter of their mailbox, with that letter quoted below it unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    letter: str
    text: str
    quote: bool = True
    headers: dict[str, str] = {}
    proven: bool = True
    times: int = Field(default=1, ge=1, le=50)


def answer_of(answered: Answered, to: Opened) -> Written:
    """The letter that a mail program makes of an answer."""
    subject = to.header("Subject")
    earlier = f"{to.header('References')} {to.header('Message-ID')}".strip()
    return Written.model_validate(
        {
            "from": to.letter.mailbox,
            "to": to.header("Reply-To") or to.header("From"),
            "subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
            "text": f"{answered.text}\n\n{_quotation(to)}" if answered.quote else answered.text,
            "in_reply_to": to.header("Message-ID"),
            "references": earlier,
            **answered.model_dump(include={"headers", "proven", "times"}),
        }
    )


def _quotation(to: Opened) -> str:
    lines = "\n".join(f"> {line}" for line in to.text.rstrip().splitlines())
    return f"On {to.header('Date')}, {to.sender} wrote:\n{lines}\n"


def as_letter(written: Written, owner: Member, *, now: float) -> bytes:
    """The letter with its usual headers."""
    if written.raw is not None:
        return written.raw.encode("utf-8", "surrogateescape")
    letter = EmailMessage(policy=SMTP.clone(max_line_length=900))
    letter["From"] = f'"{owner.real_name}" <{owner.email}>'
    letter["To"] = written.to
    letter["Subject"] = written.subject
    letter["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    letter["Message-ID"] = f"<{uuid.uuid4()}@{owner.email.rpartition('@')[2]}>"
    optional = {"In-Reply-To": written.in_reply_to, "References": written.references, **written.headers}
    for name, value in optional.items():
        if value:
            letter[name] = value
    letter.set_content("\n".join(_wrapped(line) for line in written.text.splitlines()) + "\n", cte="quoted-printable")
    return letter.as_bytes()


def _wrapped(line: str) -> str:
    return line if line.startswith(">") else textwrap.fill(line, _COLUMNS, break_long_words=False)


def readers(written: Written) -> tuple[str, ...]:
    """The bare addresses that it goes to."""
    return tuple(address for _, address in getaddresses([written.to]) if address)
