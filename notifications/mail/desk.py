"""What letters are written with."""

from dataclasses import dataclass

from engine.deployment import Deployment
from notifications.page_address import PageAddress
from notifications.views import Views


@dataclass(frozen=True, slots=True)
class MailConfig:
    """Who writes our letters, where answers go, what signs the addresses for answers, and where the page is (None: nowhere)."""

    sender: str
    domain: str
    secret: str
    page: PageAddress | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that writing letters needs besides the record."""

    deployment: Deployment
    config: MailConfig
    views: Views
