"""Takes people's letters where they belong: to a mailbox of ours, or to the app as the mail server in front of it."""

from dataclasses import dataclass

import stamina
from aiosmtplib import SMTP, SMTPConnectError, SMTPException, SMTPResponseException

from sandbox.clock import Clock
from sandbox.config import MailConfig
from sandbox.mail.mailboxes import Letter, Mailboxes
from sandbox.mail.writing import Written, as_letter, readers
from sandbox.refusals import Json

_WAIT_S = 15.0
_PATIENCE_S = 12.0
"""How long an app that takes no connection yet is tried again: mail servers are more patient than that."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server's outgoing side."""

    config: MailConfig
    mailboxes: Mailboxes
    clock: Clock

    async def post(self, written: Written) -> Json:
        """Deliver a letter `times` times; what each reader's server said, and the writer's own copy."""
        owner = self.mailboxes.owner(written.sender)
        raw = as_letter(written, owner, now=self.clock.now())
        to = readers(written)
        kept = self.mailboxes.add(owner.email, raw, mail_from=owner.email, rcpt_to=to, written=True)
        answers = [answer for _ in range(written.times) for answer in await self._all(kept, proven=written.proven)]
        return {"letter": kept.id, "answers": answers}

    async def _all(self, letter: Letter, *, proven: bool) -> list[Json]:
        here = [address for address in letter.rcpt_to if address.lower() in self.mailboxes.owners]
        for address in here:
            self.mailboxes.add(address, letter.raw, mail_from=letter.mail_from, rcpt_to=letter.rcpt_to)
        away = [address for address in letter.rcpt_to if address not in here]
        return [{"to": address, "code": 250, "message": "kept here"} for address in here] + (
            [await self._to_app(letter, away, proven=proven)] if away else []
        )

    async def _to_app(self, letter: Letter, to: list[str], *, proven: bool) -> Json:
        host, _, port = self.config.relay.rpartition(":")
        raw = self._vouched(letter, proven=proven) + letter.raw
        client = SMTP(hostname=host, port=int(port), timeout=_WAIT_S, use_tls=False, start_tls=False)
        try:
            await _connected(client)
            async with client:
                refused, said = await client.sendmail(letter.mail_from, to, raw)
        except SMTPResponseException as refusal:
            return {"to": ", ".join(to), "code": refusal.code, "message": refusal.message}
        except (SMTPException, OSError) as broken:
            return {"to": ", ".join(to), "code": None, "message": type(broken).__name__}
        return {"to": ", ".join(to), "code": 250, "message": said, "refused": sorted(refused)}

    def _vouched(self, letter: Letter, *, proven: bool) -> bytes:
        """What the server found out about the sender. https://www.rfc-editor.org/rfc/rfc8601#section-2.2"""
        word, domain = ("pass" if proven else "fail"), letter.mail_from.rpartition("@")[2]
        found = (
            f"spf={word} smtp.mailfrom={letter.mail_from}",
            f"dkim={word} header.d={domain}",
            f"dmarc={word} header.from={domain}",
        )
        return ";\r\n ".join((f"Authentication-Results: {self.config.authserv_id}", *found)).encode() + b"\r\n"


async def _connected(client: SMTP) -> None:
    """Connect as soon as somebody takes connections; nothing was sent before, so a second try doubles nothing."""
    async for attempt in stamina.retry_context(on=SMTPConnectError, attempts=None, timeout=_PATIENCE_S, wait_max=1.0):
        with attempt:
            await client.connect()
