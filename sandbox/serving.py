"""Serves an application on loopback, in its own thread, for tests that need Slack in their own process."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"


@contextmanager
def served(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """The address, `http://127.0.0.1:<port>`, while it is served; port 0 takes a free one."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((LOOPBACK, port))
    server = uvicorn.Server(settings(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=60)
        listening.close()


def settings(app: ASGIApp, *, port: int = 0) -> uvicorn.Config:
    """Quiet, and prompt to stop although pages still ask for news."""
    return uvicorn.Config(
        app, host=LOOPBACK, port=port, log_level="error", access_log=False, timeout_graceful_shutdown=1
    )
