"""Shows a raw letter as a mail program would: its headers, its text and its HTML."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

from sandbox.mail.mailboxes import Letter
from sandbox.refusals import Json


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter as its reader sees it; `html` is None when it has none."""

    letter: Letter
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str | None

    def header(self, name: str) -> str:
        """The first header of that name, on one line; "" when there is none."""
        found = (value for known, value in self.headers if known.lower() == name.lower())
        return " ".join(next(found, "").split())

    @property
    def sender(self) -> str:
        """The name of who wrote it, or the address."""
        name, address = next(iter(getaddresses([self.header("From")])), ("", ""))
        return name or address or "unknown"

    def as_json(self) -> Json:
        """For tests."""
        letter = self.letter
        names = ("From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Reply-To", "Auto-Submitted")
        shown = {name.lower().replace("-", "_"): self.header(name) for name in names}
        place = {"id": letter.id, "mailbox": letter.mailbox, "written": letter.written, "at": letter.at}
        envelope = {"mail_from": letter.mail_from, "rcpt_to": list(letter.rcpt_to)}
        return place | envelope | shown | {"headers": self.headers, "text": self.text, "html": self.html}


def opened(letter: Letter) -> Opened:
    """Read a letter; one that the standard library can't read is shown as it came."""
    try:
        return _read(letter)
    except (LookupError, AttributeError, TypeError, ValueError):
        return Opened(letter, (), letter.raw.decode("latin-1"), None)


def _read(letter: Letter) -> Opened:
    message = message_from_bytes(letter.raw, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101  the default policy makes no other
    headers = tuple((name, str(value)) for name, value in message.items())
    html = _part(message, "html")
    return Opened(letter, headers, _part(message, "plain") or "", html)


def _part(message: EmailMessage, kind: str) -> str | None:
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if isinstance(found, EmailMessage) else None
