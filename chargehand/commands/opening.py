"""Opens the deployment for one command, for one of its companies."""

from collections.abc import Iterator
from contextlib import contextmanager

from chargehand.composition import deployment
from chargehand.settings import Settings
from engine.deployment import Deployment


class NoSuchCompany(LookupError):
    """There is no company of that name here, or several and none was named."""


@contextmanager
def opened(company: str | None) -> Iterator[tuple[Deployment, str]]:
    """The deployment, and the company that is meant; raises NoSuchCompany."""
    with deployment(Settings.load()) as deployed:
        yield deployed, _chosen(list(deployed.businesses), company)


def _chosen(companies: list[str], wanted: str | None) -> str:
    if wanted is None and len(companies) == 1:
        return companies[0]
    if wanted in companies:
        return str(wanted)
    raise NoSuchCompany(f"Name one of the companies with --company: {', '.join(companies)}.")
