"""Starts the sandbox: `python -m sandbox --config FILE --port N [--state FILE.sqlite] [--smtp-port N]`."""

import argparse
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn
from pydantic import ValidationError

from sandbox import config
from sandbox.app import create_app
from sandbox.serving import LOOPBACK, settings


class _Server(uvicorn.Server):
    """Says that it is ready once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"sandbox ready on http://{LOOPBACK}:{self.config.port}/\n")
        sys.stdout.flush()


def main(given: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 1 if the configuration can't be read."""
    asked = _arguments().parse_args(given)
    try:
        teams = config.read(asked.config)
    except (OSError, ValidationError) as error:
        sys.stderr.write(f"{asked.config}: {error}\n")
        return 1
    app = create_app(teams, state_path=asked.state, smtp_port=asked.smtp_port)
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):
        # uvicorn stops cleanly and then raises the signal once more, for whoever handled it before: us.
        signal.signal(asked_to_stop, _leave)
    _Server(settings(app, port=asked.port)).run()
    return 0


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Play Slack's side on this machine.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file with teams, people and channels")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--state", type=Path, default=None, help="SQLite file that keeps the messages")
    parser.add_argument("--smtp-port", type=int, default=None, help="port on 127.0.0.1 of its mail server")
    return parser


if __name__ == "__main__":
    sys.exit(main())
