"""Listens for mail servers that hand letters over by SMTP, and says yes only to what is kept."""

import asyncio
from dataclasses import dataclass
from functools import partial

import anyio
import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from engine.trouble import kind_of, report
from gateway.mail import proof
from gateway.mail.addressing import purpose_of
from gateway.mail.config import MailConfig
from gateway.mail.mailroom import Mailroom
from gateway.mail.receive import MOST_BYTES, NotOurs, keep

log = structlog.get_logger()

LATEST_S = 30.0
IDLE_S = 60.0
MOST_RECIPIENTS = 50
KEPT = "250 2.6.0 kept"
UNKNOWN = "550 5.1.1 no such address here"
TOO_MANY = "452 4.5.3 too many recipients"
COME_AGAIN = "451 4.3.0 not kept, send it again"


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """The hooks that aiosmtpd calls, by its names."""

    deployment: Deployment
    config: MailConfig
    mailroom: Mailroom

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take letters to addresses of ours only (RFC 5321, 3.3)."""
        if purpose_of(self.config, self.deployment.businesses, address) is None:
            return UNKNOWN
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the letter, then say yes (RFC 5321, 4.2.5: from then on it is ours); 451 makes the sender try again."""
        try:
            with anyio.fail_after(LATEST_S):
                return await self._keep(session, envelope)
        except NotOurs:
            return UNKNOWN
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("letter.not_kept", error=kind_of(error))
        except Exception as error:  # noqa: BLE001 - the SMTP edge: nothing was answered with yes, so it comes again
            report("letter.not_kept", error)
        return COME_AGAIN

    async def _keep(self, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content if envelope.original_content is not None else b""
        handed_over = proof.Envelope(envelope.mail_from or "", _host(session), helo=session.host_name or "")
        recipients = [str(one) for one in envelope.rcpt_tos]
        keeping = partial(keep, self.deployment, self.config, raw, envelope=handed_over, recipients=recipients)
        self.mailroom.rows.begin(*await anyio.to_thread.run_sync(keeping, abandon_on_cancel=True))
        return KEPT


def _host(session: Session) -> str | None:
    peer: object = session.peer
    return str(peer[0]) if isinstance(peer, tuple) else None


async def listen(keeper: Doorkeeper, host: str, port: int, stop: anyio.Event) -> None:
    """Take letters until `stop`; raises OSError when the address is taken."""
    loop = asyncio.get_running_loop()
    name = keeper.config.domain or "localhost"

    def connection() -> SMTP:
        return SMTP(
            keeper,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname=name,
            ident="Chargehand",
            timeout=IDLE_S,
            loop=loop,
        )

    server = await loop.create_server(connection, host, port)
    log.info("mail.listening", host=host, port=server.sockets[0].getsockname()[1])
    async with anyio.create_task_group() as group, server:
        keeper.mailroom.rows.start(group)
        await stop.wait()
        server.close()
        await keeper.mailroom.rows.finish()
        group.cancel_scope.cancel()
