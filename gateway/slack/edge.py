"""The HTTP side of Slack's door: the body within its limit, the signature, and Slack's few answers."""

import time
from collections.abc import Mapping

import anyio
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from engine.trouble import kind_of, report
from gateway.slack.bodies import Malformed, Payload, read
from gateway.slack.dispatch import Dispatcher
from gateway.slack.receive import Answer, Reception
from gateway.slack.signatures import Proof, Signed, SigningSecret, prove

log = structlog.get_logger()

MOST_BYTES = 1_000_000
LATEST_S = 2.8
RETRY_AFTER_S = "2"


class TooLarge(ValueError):
    """The body is larger than anything that Slack sends."""


class Edge:
    """Verifies, has the reception keep and answer, and starts the dispatch of what is new."""

    def __init__(self, reception: Reception, dispatcher: Dispatcher, secrets: tuple[SigningSecret, ...]) -> None:
        self._reception = reception
        self._dispatcher = dispatcher
        self._secrets = secrets
        # As wide as the pool of receipts: nobody waits for a connection while Slack waits for an answer.
        self._threads = anyio.CapacityLimiter(reception.receipts.size)

    def routes(self) -> APIRouter:
        """POST /slack/events: events, commands, interactivity, options."""
        router = APIRouter()
        router.add_api_route("/slack/events", self.events, methods=["POST"])
        return router

    async def events(self, request: Request) -> Response:
        """Answer one request of Slack's; never a 5xx but 503 with Retry-After, after which Slack sends it again."""
        began = time.perf_counter()
        try:
            body = await _body(request)
        except TooLarge:
            return JSONResponse({"error": "too large"}, status_code=413)
        refusal = self._refusal(request, body)
        if refusal is not None:
            return refusal
        answer = await self._received(request.headers.get("content-type", ""), body)
        self._reception.counts.acknowledged.observe(time.perf_counter() - began)
        return answer

    def _refusal(self, request: Request, body: bytes) -> Response | None:
        headers = request.headers
        stamps, signatures = headers.getlist("x-slack-request-timestamp"), headers.getlist("x-slack-signature")
        proof = prove(Signed(body, stamps, signatures), self._secrets, self._reception.clock)
        if proof is Proof.PROVEN:
            return None
        self._reception.counts.refused.labels(proof).inc()
        log.warning("slack.refused", reason=proof)
        return JSONResponse({"error": "the signature proves nothing"}, status_code=401)

    async def _received(self, content_type: str, body: bytes) -> Response:
        try:
            payload = read(content_type, body)
        except Malformed as error:
            log.info("slack.malformed", why=str(error))
            return JSONResponse({"error": str(error)}, status_code=400)
        try:
            return await self._answered(payload)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("slack.not_kept", error=kind_of(error))
        except Exception as error:  # noqa: BLE001 - the HTTP edge: nothing was answered with yes, so Slack asks again
            report("slack.failed", error)
        return _come_again()

    async def _answered(self, payload: Payload) -> Response:
        with anyio.fail_after(LATEST_S):
            answer: Answer = await anyio.to_thread.run_sync(
                self._receive, payload, limiter=self._threads, abandon_on_cancel=True
            )
        return _response(answer.status, answer.body)

    def _receive(self, payload: Payload) -> Answer:
        """What Slack hears; what is new is begun from here, in a thread of its own, while Slack is answered."""
        answer = self._reception.receive(payload)
        if answer.work is not None:
            self._dispatcher.rows.begin(answer.work)
        return answer


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def _response(status: int, body: Mapping[str, object] | None) -> Response:
    return Response(status_code=status) if body is None else JSONResponse(dict(body), status_code=status)


def _come_again() -> Response:
    return JSONResponse({"error": "not kept, send it again"}, status_code=503, headers={"Retry-After": RETRY_AFTER_S})
