"""`chargehand web|runner|clock|courier`: the processes of the Procfile, which `up` starts too."""


def web() -> None:
    """Serve the gateway: Slack, health, metrics."""
    from chargehand.processes.web import run
    from chargehand.settings import Settings

    run(Settings.load())


def runner() -> None:
    """Run a pool of runners."""
    from chargehand.processes.runner import run
    from chargehand.settings import Settings

    run(Settings.load())


def clock() -> None:
    """Sweep for due work and fire timers."""
    from chargehand.processes.clock import run
    from chargehand.settings import Settings

    run(Settings.load())


def courier() -> None:
    """Send what is in the outbox."""
    from chargehand.processes.courier import run
    from chargehand.settings import Settings

    run(Settings.load())
