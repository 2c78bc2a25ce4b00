"""`chargehand web|runner|clock|courier|mail`: the processes of the Procfile, which `up` starts too."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargehand.settings import Settings


def web() -> None:
    """Serve the gateway: Slack, health, metrics."""
    from chargehand.processes.web import run

    run(_begun())


def runner() -> None:
    """Run a pool of runners."""
    from chargehand.processes.runner import run

    run(_begun())


def clock() -> None:
    """Sweep for due work and fire timers."""
    from chargehand.processes.clock import run

    run(_begun())


def courier() -> None:
    """Send what is in the outbox."""
    from chargehand.processes.courier import run

    run(_begun())


def mail() -> None:
    """Take letters by SMTP on MAIL_LISTEN."""
    from chargehand.processes.mail import run

    run(_begun())


def _begun() -> "Settings":
    """The settings of a process whose logs are set up, and whose errors go where SENTRY_DSN says."""
    from chargehand import errors, logs
    from chargehand.settings import Settings

    logs.configure()
    settings = Settings.load()
    errors.configure(settings)
    return settings
