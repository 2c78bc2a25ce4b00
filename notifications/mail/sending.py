"""Hands one letter to the mail server, and says what is known afterwards: a line that breaks after the final dot
leaves a letter of which nobody knows whether it was taken.

RFC 5321 4.2.5: the server is answerable for a letter from its 250 after the dot on. Nothing here tries a letter again.
"""

import asyncio
import ssl
from dataclasses import dataclass, field

import anyio
import structlog
from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from notifications.mail.server import Server, Tls

# Together less than the time after which another courier takes a claimed letter for doubtful.
COMMAND_S, BEFORE_DOT_S, DOT_S = 3.0, 6.0, 9.0
# How long we listen for a line that is already broken before the dot goes out: a letter without its dot is no letter.
_BREATH_S = 0.02
_IDLE_S = 20.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """The server has it."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The server has not taken it; later it may."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will never take it; `no_such_address` when the reader's mailbox is the reason."""

    why: str
    no_such_address: bool


@dataclass(frozen=True, slots=True)
class Barred:
    """The server takes nothing from us: who we are, or how we connect, is not to its liking."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The dot went out, and nobody knows whether the letter was taken."""

    why: str


Verdict = Taken | Deferred | Refused | Barred | Unsure


@dataclass(slots=True)
class Line:
    """One connection that is kept between letters, and used by one letter at a time."""

    server: Server
    client: SMTP | None = None
    used_at: float = 0.0
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def send(self, raw: bytes, *, sender: str, to: str, copy_to: str | None = None) -> Verdict:
        """Hand it over, to all whom it is for or to nobody: a letter has one reader, and perhaps a mailbox for its copy."""
        verdict: Verdict | None = Deferred("the server was too slow before the dot")
        with anyio.move_on_after(BEFORE_DOT_S) as patience:
            verdict = await self._up_to_the_dot(raw, sender=sender, to=to, copy_to=copy_to)
        if patience.cancelled_caught:
            self.hang_up()
        return verdict or await self._dot()

    async def _up_to_the_dot(self, raw: bytes, *, sender: str, to: str, copy_to: str | None) -> Verdict | None:
        """Everything but the dot; None when only that is missing."""
        try:
            refusal = await self._announce(sender, to, copy_to) or await self._dictate(raw)
        except (SMTPServerDisconnected, SMTPTimeoutError, SMTPConnectError, OSError) as broken:
            self.hang_up()
            return _broken_before(broken)
        except SMTPException as refused:
            self.hang_up()
            return _of_greeting(refused)
        if refusal is not None:
            await self._forget_letter()
        return refusal

    def hang_up(self) -> None:
        """Close the line at once."""
        if self.client is not None:
            self.client.close()
            self.client = None

    async def _connected(self) -> SMTP:
        """The kept connection if it still answers, else a new one."""
        if self.client is not None and not await self._still_answers(self.client):
            self.hang_up()
        if self.client is None:
            self.client = await _connect(self.server)
        self.used_at = anyio.current_time()
        return self.client

    def _open(self) -> SMTP:
        """The connection in the middle of a letter; raises SMTPServerDisconnected when there is none any more."""
        if self.client is None:
            raise SMTPServerDisconnected("Connection lost")
        return self.client

    async def _still_answers(self, client: SMTP) -> bool:
        if not client.is_connected:
            return False
        if anyio.current_time() - self.used_at < _IDLE_S:
            return True
        try:
            await client.noop()
        except (SMTPException, OSError):
            return False
        return True

    async def _announce(self, sender: str, to: str, copy_to: str | None) -> Verdict | None:
        """Sender, reader and the mailbox for a copy; None when the server wants the letter for all of them."""
        client = await self._connected()
        try:
            await client.mail(sender)
        except SMTPServerDisconnected:  # it hung up on an idle line: nothing has been said yet, so begin again
            self.hang_up()
            client = await self._connected()
            await client.mail(sender)
        except SMTPSenderRefused as refused:
            return _of_sender(refused)
        try:
            await client.rcpt(to)
        except SMTPRecipientRefused as refused:
            return _of_reader(refused)
        try:
            if copy_to is not None:
                await client.rcpt(copy_to)
        except SMTPRecipientRefused as refused:
            return _of_sender(refused)  # where our copies go is ours to mend, and no fault of the reader's address
        return None

    async def _dictate(self, raw: bytes) -> Verdict | None:
        """The letter without its dot: a line that is known to be broken by then leaves no doubt."""
        client = self._open()
        begun = await client.execute_command(b"DATA")
        if begun.code != 354:
            return _of_letter(begun.code, begun.message)
        await _write(client, raw)
        return None

    async def _dot(self) -> Verdict:
        try:
            said = await self._open().execute_command(b".", timeout=DOT_S)
        except (SMTPException, OSError) as broken:
            self.hang_up()
            return Unsure(f"the line broke after the dot: {type(broken).__name__}")
        return Taken() if said.code == 250 else _of_letter(said.code, said.message)

    async def _forget_letter(self) -> None:
        """RSET, so that the next letter begins on a clean line."""
        try:
            if self.client is not None:
                await self.client.rset()
        except (SMTPException, OSError):
            self.hang_up()


async def _connect(server: Server) -> SMTP:
    client = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls is Tls.IMPLICIT,
        start_tls={Tls.STARTTLS: True, Tls.OFFERED: None}.get(server.tls, False),
        timeout=COMMAND_S,
    )
    try:
        await client.connect()
    except ssl.SSLError as error:
        raise SMTPException(f"TLS: {error.reason}") from error
    return client


async def _write(client: SMTP, raw: bytes) -> None:
    """Everything but the dot; raises SMTPServerDisconnected when the line is broken by then."""
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    client.protocol.write(PERIOD_REGEX.sub(b"..", normalize_message_line_endings(raw)))
    await asyncio.sleep(_BREATH_S)
    if not client.is_connected:
        raise SMTPServerDisconnected("Connection lost before the dot")


def _broken_before(broken: Exception) -> Verdict:
    if isinstance(broken, SMTPConnectResponseError):
        return _of_greeting(broken)
    reason = "not reached" if isinstance(broken, SMTPConnectError) else "the line broke before the dot"
    return Deferred(f"{reason}: {type(broken).__name__}")


def _of_greeting(refused: SMTPException) -> Verdict:
    """A greeting, EHLO, TLS or login that is not to be had; 4xx and 421 may be better tomorrow."""
    soon = isinstance(refused, SMTPResponseException) and 400 <= refused.code < 500
    return Deferred(_words(refused)) if soon else Barred(_words(refused))


def _of_sender(refused: SMTPResponseException) -> Verdict:
    return Barred(_words(refused)) if refused.code >= 500 else Deferred(_words(refused))


def _of_reader(refused: SMTPResponseException) -> Verdict:
    """RFC 5321 4.5.3.1.10: 552 for a reader counts as 452. RFC 3463: 5.1.x and 5.2.1 speak of the address."""
    if refused.code < 500 or refused.code == 552:
        return Deferred(_words(refused))
    said = refused.message.split(" ")[0]
    about_address = said.startswith("5.1.") or said == "5.2.1" if said.startswith("5.") else True
    return Refused(_words(refused), no_such_address=about_address)


def _of_letter(code: int, message: str) -> Verdict:
    words = f"{code} {message}"[:200]
    return Deferred(words) if code < 500 else Refused(words, no_such_address=False)


def _words(refused: SMTPException) -> str:
    code = f"{refused.code} " if isinstance(refused, SMTPResponseException) else ""
    return " ".join(f"{code}{refused.message}".split())[:200]
