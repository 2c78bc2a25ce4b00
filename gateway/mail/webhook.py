"""The HTTP side of the mail door: a provider posts a raw letter, signed, and hears 202 once it is kept."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import partial

import anyio
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from engine.trouble import kind_of, report
from gateway.clock import Clock
from gateway.mail.config import MailConfig
from gateway.mail.mailroom import Mailroom
from gateway.mail.proof import Envelope
from gateway.mail.receive import MOST_BYTES, NotOurs, keep

log = structlog.get_logger()

WINDOW_S = 300
LATEST_S = 20.0
RETRY_AFTER_S = "5"
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def signature(secret: str, at: int, body: bytes) -> str:
    """X-Chargehand-Signature for a body posted at `at` (UTC epoch seconds)."""
    return f"t={at},v1={_digest(secret, str(at), body)}"


def _digest(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secret: str, header: str | None, body: bytes, *, now: float) -> bool:
    """Whether the header proves that who has the secret posted this body within five minutes of `now`."""
    found = _SIGNATURE.fullmatch(header or "")
    if found is None or abs(now - int(found[1])) > WINDOW_S:
        return False
    return hmac.compare_digest(_digest(secret, found[1], body), found[2])


@dataclass(frozen=True, slots=True)
class Webhook:
    """POST /email/inbound."""

    deployment: Deployment
    config: MailConfig
    mailroom: Mailroom
    clock: Clock

    def routes(self) -> APIRouter:
        """The one route."""
        router = APIRouter()
        router.add_api_route("/email/inbound", self.inbound, methods=["POST"])
        return router

    async def inbound(self, request: Request) -> Response:
        """202 when kept (again for each copy), 401, 413, 400 for a missing field, 404, or 503 with Retry-After."""
        body = await _body(request)
        if body is None:
            return _refusal(413, f"a letter may have at most {MOST_BYTES:,} bytes")
        signed = request.headers.get("x-chargehand-signature")
        if not is_signed(self.config.inbound_secret, signed, body, now=self.clock.now()):
            log.warning("letter.refused", reason="signature")
            return _refusal(401, "the signature proves nothing")
        recipients = [one.strip(" <>") for one in request.headers.get("x-rcpt-to", "").split(",") if one.strip(" <>")]
        if "x-mail-from" not in request.headers or not recipients or not body:
            return _refusal(400, "X-Mail-From, X-Rcpt-To and a letter are needed")
        return await self._kept(request, body, recipients)

    async def _kept(self, request: Request, body: bytes, recipients: list[str]) -> Response:
        sender = request.headers["x-mail-from"].strip(" <>")
        envelope = Envelope(sender, request.client.host if request.client else None, by_smtp=False)
        keeping = partial(keep, self.deployment, self.config, body, envelope=envelope, recipients=recipients)
        try:
            with anyio.fail_after(LATEST_S):
                self.mailroom.rows.begin(*await anyio.to_thread.run_sync(keeping, abandon_on_cancel=True))
            return JSONResponse({"kept": True}, status_code=202)
        except NotOurs as error:
            return _refusal(404, str(error))
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("letter.not_kept", error=kind_of(error))
        except Exception as error:  # noqa: BLE001 - the HTTP edge: nothing was answered with yes, so it comes again
            report("letter.not_kept", error)
        return JSONResponse(
            {"error": "not kept, send it again"}, status_code=503, headers={"Retry-After": RETRY_AFTER_S}
        )


async def _body(request: Request) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status)
