"""The gateway's process."""

import sys
import threading

import uvicorn

from chargehand.composition import deployment, publish_all
from chargehand.heads import restored_lines
from chargehand.installing import install_app
from chargehand.mail_door import mail_config
from chargehand.settings import Settings, forget_slack_environment
from engine.lifelines import keep_for_life
from gateway.app import GatewayParts, SlackConfig, create_app
from gateway.slack.signatures import read_secrets

CONNECTIONS = 16
TURN_S = 0.0005
"""How long a thread may hold up the loop, which answers Slack: Python's 5 ms is longer than an answer takes."""


def run(settings: Settings) -> None:
    """Serve the gateway until stopped."""
    forget_slack_environment()
    sys.setswitchinterval(TURN_S)
    with deployment(settings, connections=CONNECTIONS) as deployed:
        publish_all(deployed)
        stopping = threading.Event()
        installing = threading.Thread(target=install_app, args=(settings, deployed), kwargs={"stopping": stopping})
        installing.start()
        host, port = settings.listens_on
        parts = GatewayParts(
            deployed, _slack(settings), settings.url.rstrip("/"), settings.test, mail_config(settings), restored_lines
        )
        app = create_app(parts)
        keep_for_life()
        try:
            uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, proxy_headers=False)
        finally:
            stopping.set()
            installing.join()


def _slack(settings: Settings) -> SlackConfig:
    signing = settings.slack_signing_secret
    return SlackConfig(
        signing_secrets=read_secrets(signing.get_secret_value() if signing else ""),
        slack_api_url=settings.slack_api_url,
        secret=settings.secret.get_secret_value(),
    )
