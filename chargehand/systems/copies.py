"""Reads headers out of a mailbox over IMAP (RFC 9051, as far as RFC 3501 has it), read-only and within a time."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from notifications.mail.server import Tls

_MOST = 10_000
"""How many letters one look reads the headers of, at most."""
_AT_ONCE = 500
_PORTS = {Tls.IMPLICIT: 993, Tls.STARTTLS: 143, Tls.NONE: 143}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DATE = re.compile(rb'INTERNALDATE " ?(\d+)-(\w+)-(\d+) ([^"]+)"')


class BadMailbox(ValueError):
    """An address of a mailbox that can't be used; the message shows nothing of it."""


class Unreadable(Exception):
    """The mailbox did not tell what is in it; the message says why, and nothing of what was asked."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder on an IMAP server; a password never crosses an unprotected line to another machine."""

    host: str
    port: int
    tls: Tls
    user: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class Found:
    """Some headers of a letter, "" for one that it does not have; `at` is when the server took it, in UTC epoch seconds."""

    headers: Mapping[str, str]
    at: int | None


def read_mailbox(url: str) -> Mailbox:
    """The mailbox of `imaps://user:password@host/Folder` or `imap://…` (STARTTLS); raises BadMailbox."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise BadMailbox("it is no mailbox, such as imaps://user:password@mail.shop.example/Sent")
    asked = parse_qs(parts.query).get("tls", [""])[0]
    default_tls = Tls.IMPLICIT if parts.scheme == "imaps" else Tls.STARTTLS
    if asked not in ("", Tls.NONE, default_tls):
        raise BadMailbox("its tls is none or starttls, and imaps is always protected")
    tls = Tls(asked) if asked else default_tls
    if tls is Tls.NONE and parts.hostname not in _LOOPBACK:
        raise BadMailbox("a password would be sent in the clear; begin it with imaps")
    try:
        port = parts.port or _PORTS[tls]
    except ValueError as unreadable:
        raise BadMailbox("its port is no number between 1 and 65535") from unreadable
    words = [unquote(parts.username), unquote(parts.password or ""), unquote(parts.path.removeprefix("/")) or "INBOX"]
    if not all(word.isascii() and word.isprintable() for word in words):
        raise BadMailbox("its user, password and folder are of plain letters (ASCII)")
    return Mailbox(parts.hostname, port, tls, *words)


def headers_with(mailbox: Mailbox, header: str, value: str, *, fields: Sequence[str], timeout_s: float) -> list[Found]:
    """These fields of all letters with a header that contains a value; raises Unreadable.

    Raises it, too, for more letters than one look can read: what was not read is not missing.
    """
    try:
        with _folder(mailbox, timeout_s) as imap:
            numbers = _said(imap.uid("SEARCH", "HEADER", header, _quoted(value)), "searched")[-1]
            wanted = (numbers or b"").split()
            if len(wanted) > _MOST:
                raise Unreadable(f"there are more than {_MOST:,} such letters")
            batches = [wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)]
            return [found for batch in batches for found in _fetched(imap, batch, fields)]
    except (imaplib.IMAP4.error, OSError) as error:
        raise Unreadable(type(error).__name__) from error


def _fetched(imap: imaplib.IMAP4, numbers: Sequence[bytes], fields: Sequence[str]) -> Iterator[Found]:
    what = f"(INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})])"
    parts = _said(imap.uid("FETCH", b",".join(numbers).decode(), what), "read")
    for part in parts:
        if isinstance(part, tuple):
            head, text = part
            read = BytesHeaderParser(policy=compat32).parsebytes(text)
            yield Found({field: " ".join(str(read.get(field, "")).split()) for field in fields}, _instant(head))


def _instant(head: bytes) -> int | None:
    found = _DATE.search(head)
    if found is None:
        return None
    return int(parsedate_to_datetime(b" ".join(found.groups()).decode("ascii")).timestamp())


@contextmanager
def _folder(mailbox: Mailbox, timeout_s: float) -> Iterator[imaplib.IMAP4]:
    """The folder, open for reading; at the end of the time the line is cut, whatever is being waited for."""
    lines: list[socket.socket] = []
    cut = Timer(timeout_s, _cut, [lines])
    cut.daemon = True
    cut.start()
    try:
        imap = _connected(mailbox, lines, timeout_s)
        try:
            imap.login(mailbox.user, mailbox.password)
            _said(imap.select(_quoted(mailbox.folder), readonly=True), "opened")
            yield imap
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.shutdown()
    finally:
        cut.cancel()


def _connected(mailbox: Mailbox, lines: list[socket.socket], timeout_s: float) -> imaplib.IMAP4:
    if mailbox.tls is Tls.IMPLICIT:
        return _Protected(mailbox, lines, timeout_s)
    imap = _Plain(mailbox, lines, timeout_s)
    if mailbox.tls is Tls.STARTTLS:
        imap.starttls(ssl.create_default_context())
        lines.append(imap.socket())
    return imap


class _Plain(imaplib.IMAP4):
    """Shows its line as soon as there is one: the greeting is already waited for when it is made."""

    def __init__(self, mailbox: Mailbox, lines: list[socket.socket], timeout_s: float) -> None:
        self._lines = lines
        super().__init__(mailbox.host, mailbox.port, timeout=timeout_s)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        self._lines.append(self.socket())


class _Protected(imaplib.IMAP4_SSL):
    """The same over TLS from the first byte."""

    def __init__(self, mailbox: Mailbox, lines: list[socket.socket], timeout_s: float) -> None:
        self._lines = lines
        trust = ssl.create_default_context()
        super().__init__(mailbox.host, mailbox.port, ssl_context=trust, timeout=timeout_s)

    def open(self, host: str = "", port: int | None = 993, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        self._lines.append(self.socket())


def _cut(lines: list[socket.socket]) -> None:
    for line in lines:
        with suppress(OSError):  # one that STARTTLS has replaced is closed
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS itself would want to say goodbye


def _said(answer: tuple[str, list[Any]], done: str) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise Unreadable(f"it could not be {done}")
    return data


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
