"""Takes letters over SMTP (RFC 5321) into people's mailboxes, and misbehaves when told to."""

import asyncio
import logging
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from sandbox.faults import Faults, MailFault
from sandbox.mail.mailboxes import Mailboxes

HOST = "127.0.0.1"
MOST_BYTES = 25 * 1024 * 1024
_NO_MAILBOX = "550 5.1.1 No such mailbox"


class _Doorman:
    """What happens to senders, readers and letters."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self._mailboxes = mailboxes

    async def handle_MAIL(  # noqa: N802  aiosmtpd looks for these names
        self, server: "_Conversation", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await server.befall("sender") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: "_Conversation", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await server.befall("reader", address.lower())
        if refusal or address.lower() not in self._mailboxes.owners:
            return refusal or _NO_MAILBOX
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: "_Conversation", session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The letter is kept before a `drop` at the dot, and not kept when the answer is no."""
        fault = server.next_fault("dot")
        if fault is None or fault.kind != "say" or fault.code < 300:
            self._keep(envelope)
        return await server.suffer(fault) or "250 Kept"

    def _keep(self, envelope: Envelope) -> None:
        content, readers = envelope.content or b"", tuple(envelope.rcpt_tos)
        raw = content.encode() if isinstance(content, str) else bytes(content)
        for reader in readers:
            self._mailboxes.add(reader, raw, mail_from=envelope.mail_from or "", rcpt_to=readers)


class _Conversation(SMTP):
    """One connection."""

    def __init__(self, faults: Faults, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._faults = faults

    def next_fault(self, at: str, address: str | None = None) -> MailFault | None:
        """What befalls this connection now."""
        return self._faults.next_for_mail(at, address)

    async def befall(self, at: str, address: str | None = None) -> str | None:
        """Play what befalls it now; the answer to give, if it is not the usual one."""
        return await self.suffer(self.next_fault(at, address))

    async def suffer(self, fault: MailFault | None) -> str | None:
        """Play a misfortune; a line that drops ends here."""
        if fault is None:
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drop":
            self._drop()
        return f"{fault.code} {fault.text}" if fault.kind == "say" else None

    def _drop(self) -> None:
        """RST: what was written and not read yet is gone."""
        transport: Any = self.transport  # asyncio's or uvloop's
        if transport is not None:
            transport.abort()
        raise asyncio.CancelledError

    async def _handle_client(self) -> None:
        refusal = await self.befall("connect")
        if refusal is None:
            await super()._handle_client()
            return
        await self.push(refusal)
        if self.transport is not None:
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Refuse it, break off before the letter, or in the middle of it."""
        refusal = await self.befall("data")
        if refusal is not None:
            await self.push(refusal)
            return
        fault = self.next_fault("body")
        if fault is not None:
            await self.push("354 Go on")
            await self._reader.readuntil(b"\r\n")
            await self.suffer(fault)
        await super().smtp_DATA(arg)


async def listen(port: int, *, mailboxes: Mailboxes, faults: Faults) -> asyncio.Server:
    """Take letters on a port of loopback until the server is closed."""
    for name in ("mail.log", "mail.debug"):  # aiosmtpd's own, which would say every command
        logging.getLogger(name).setLevel(logging.ERROR)
    loop, doorman = asyncio.get_running_loop(), _Doorman(mailboxes)
    options: dict[str, Any] = {"hostname": "mailboxes", "ident": "SMTP", "data_size_limit": MOST_BYTES, "loop": loop}
    return await loop.create_server(lambda: _Conversation(faults, doorman, **options), HOST, port)
