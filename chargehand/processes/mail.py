"""The mail door's process: takes letters by SMTP, and sees to those that were kept."""

import signal

import anyio

from chargehand.composition import deployment
from chargehand.mail_door import mail_config
from chargehand.settings import BadSettings, Settings
from gateway.mail.listener import Doorkeeper, listen
from gateway.mail.mailroom import Mailroom


def run(settings: Settings) -> None:
    """Listen on MAIL_LISTEN until stopped; raises BadSettings when it is not set."""
    host, port = _address(settings)
    config = mail_config(settings)
    with deployment(settings) as deployed:
        keeper = Doorkeeper(deployed, config, Mailroom(deployed, config))
        anyio.run(_until_stopped, keeper, host, port)


def _address(settings: Settings) -> tuple[str, int]:
    host, _, port = (settings.mail_listen or "").rpartition(":")
    if not port.isdigit():
        raise BadSettings("MAIL_LISTEN is not set to host:port, so there is nowhere to listen for letters.")
    return host.strip("[]") or "127.0.0.1", int(port)


async def _until_stopped(keeper: Doorkeeper, host: str, port: int) -> None:
    stop = anyio.Event()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(listen, keeper, host, port, stop)
            async for _ in signals:
                stop.set()
                break
