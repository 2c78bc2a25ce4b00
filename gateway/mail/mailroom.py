"""Has kept letters handled, a few at a time."""

from dataclasses import dataclass, field

import structlog

from engine.deployment import Deployment
from engine.trouble import report
from gateway.bringing import Bringing
from gateway.mail.config import MailConfig
from gateway.mail.handling import handle
from gateway.mail.names import NamesAway
from gateway.mail.receive import SOURCE
from storage.deliveries import Delivery

log = structlog.get_logger()

AT_ONCE = 2


@dataclass(slots=True)
class Mailroom:
    """Handles letters in threads, two at once: each one has a child process read it. A failed one is tried again."""

    deployment: Deployment
    config: MailConfig
    rows: Bringing = field(init=False)

    def __post_init__(self) -> None:
        self.rows = Bringing(self.deployment.database, SOURCE, self._try, AT_ONCE)

    def _try(self, delivery: Delivery) -> None:
        try:
            handle(self.deployment, self.config, delivery)
        except NamesAway as error:
            log.warning("letter.postponed", key=delivery.key, why=str(error))
        except Exception as error:  # noqa: BLE001 - the door of the loop: the row stays, and the sweep finds it
            report("letter.failed", error, key=delivery.key, company=delivery.company)
