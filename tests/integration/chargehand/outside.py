"""An outside world for doctor: a Slack on loopback with the token's scopes, error and clock that a test wants."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Slack:
    """What auth.test answers."""

    scopes: str
    error: str | None = None
    ahead_s: float = 0.0


@contextmanager
def played(slack: Slack) -> Iterator[str]:
    """Its address, while it is up; GET answers as a gateway that is alive."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(b"alive", "text/plain")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = {"ok": False, "error": slack.error} if slack.error else {"ok": True, "team": "Morning"}
            self._say(json.dumps(answer).encode(), "application/json")

        def _say(self, body: bytes, kind: str) -> None:
            self.send_response_only(200)
            headers = {
                "Date": formatdate(time.time() + slack.ahead_s, usegmt=True),
                "x-oauth-scopes": slack.scopes,
                "content-type": kind,
                "content-length": str(len(body)),
            }
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
