"""The courier's process."""

import signal
from functools import partial

import anyio

from chargehand.composition import deployment
from chargehand.heads import may_send
from chargehand.mail_config import mail_out
from chargehand.settings import Settings, forget_slack_environment
from engine.deployment import Deployment
from notifications.courier import CourierConfig
from notifications.courier import run as deliver


def run(settings: Settings) -> None:
    """Send what is in the outbox until stopped."""
    forget_slack_environment()
    mail, server = mail_out(settings) or (None, None)
    with deployment(settings) as deployed:
        config = CourierConfig(
            slack_api_url=settings.slack_api_url,
            secret=settings.secret.get_secret_value(),
            redis_url=settings.redis_url.get_secret_value(),
            mail=mail,
            mail_server=server,
            may_send=partial(may_send, deployed.home),
        )
        anyio.run(_until_stopped, deployed, config)


async def _until_stopped(deployed: Deployment, config: CourierConfig) -> None:
    stop = anyio.Event()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(deliver, deployed, config, stop)
            async for _ in signals:
                stop.set()
                break
