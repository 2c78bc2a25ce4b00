"""Plays a call that goes wrong: rate limits, broken answers, silence, a connection that breaks."""

import asyncio
import os
import socket
import struct
from contextlib import suppress

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from sandbox.faults import CallFault
from sandbox.refusals import Refused

_PAGE = "<!DOCTYPE html><html><head><title>Slack is down</title></head><body>Please try again.</body></html>"


async def wrong_answer(fault: CallFault, request: Request) -> Response:
    """The answer (or the lack of one) that the fault asks for."""
    if fault.kind == "ratelimited":
        # https://docs.slack.dev/apis/web-api/rate-limits: HTTP 429 with Retry-After in seconds.
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        return JSONResponse(Refused("ratelimited").as_slack(), status_code=429, headers=headers)
    if fault.kind == "error":
        return JSONResponse(Refused(fault.error).as_slack())
    if fault.kind == "status":
        return PlainTextResponse("upstream connect error", status_code=fault.status)
    if fault.kind == "html":
        return HTMLResponse(_PAGE)
    if fault.kind == "timeout":
        # Cancelled only when the sandbox stops: then the silence ends as it would have, with a broken connection.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(fault.seconds)
    return await _break_connection(request)


async def _break_connection(request: Request) -> Response:
    """Reset the TCP connection, so that the caller can't know whether the call was carried out."""
    transport: asyncio.Transport | None = request.scope.get("sandbox.transport")
    if transport is not None:
        _linger_none(transport)
        transport.abort()
        await asyncio.sleep(0)
    return PlainTextResponse("", status_code=500)


def _linger_none(transport: asyncio.Transport) -> None:
    """Closing with a linger time of 0 sends RST instead of FIN: socket(7), SO_LINGER."""
    original = transport.get_extra_info("socket")
    if original is None:
        return
    with socket.socket(fileno=os.dup(original.fileno())) as same_connection:
        same_connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
