"""A courier that sends mail at work over the real record, with a mail server played beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from anyio.from_thread import start_blocking_portal

from contracts.vocabulary import Answer
from engine.intake import Accepted, Draft, accept
from escalation.decisions import Voice, decide
from notifications.courier import CourierConfig, run
from notifications.mail.desk import MailConfig
from notifications.mail.server import Server, Tls
from tests.builders import House
from tests.integration.notifications.post_office import DOUBT_S, SECRET, PostOffice

SENDER, DOMAIN = "chargehand@chargehand.example", "chargehand.example"
ASKED = "<ask-1@morning.example>"


@dataclass(frozen=True, slots=True)
class MailOffice:
    """The record, the played Slack and mail server, and couriers that are started when a test says so."""

    post: PostOffice
    smtp_port: int

    @property
    def house(self) -> House:
        """The company."""
        return self.post.house

    @contextmanager
    def courier(self, *, doubt_after_s: float = DOUBT_S) -> Iterator[None]:
        """A courier that sends mail, in a thread of its own; stopped as its process is stopped."""
        config = CourierConfig(
            f"{self.post.slack}/api/",
            SECRET,
            self.post.redis_url,
            doubt_after_s=doubt_after_s,
            mail=MailConfig(SENDER, DOMAIN, SECRET),
            mail_server=Server("127.0.0.1", self.smtp_port, Tls.OFFERED),
        )
        with start_blocking_portal() as portal:
            stop = portal.call(anyio.Event)
            working = portal.start_task_soon(run, self.house.deployment, config, stop)
            yield
            portal.call(stop.set)
            working.result(timeout=60)

    def letters(self, who: str) -> list[dict[str, Any]]:
        """What is in somebody's mailbox, oldest first."""
        address = {"address": f"{who}@morning.example"}
        found: list[dict[str, Any]] = self.post.http.get(
            f"{self.post.slack}/sandbox/mail/letters", params=address
        ).json()
        return found

    def fault(self, at: str, kind: str, **more: Any) -> None:
        """Have the mail server misbehave."""
        fault = {"on": "mail", "at": at, "kind": kind, **more}
        assert self.post.http.post(f"{self.post.slack}/sandbox/faults", json=fault).status_code == 200

    def asked_by_mail(self, *, subject: str = "Refund please", **request: Any) -> int:
        """A refund that Anna asked for in a letter; the task's number."""
        wanted = {"order": "1001", "amount": 4200, "reason": "The parcel was lost."} | request
        address = "anna@morning.example"
        origin = {"surface": "mail", "address": address, "message_id": ASKED, "subject": subject, "references": []}
        answer = accept(
            self.house.deployment, "morning", Draft("refunds", "anna", wanted, origin, f"mail:{ASKED}", None)
        )
        assert isinstance(answer, Accepted)
        return answer.task

    def answer(self, decision: int, person: str, word: Answer, reason: str | None = None) -> None:
        """A person's answer, as the gateway would record it."""
        with self.house.deployment.database.transaction("morning") as unit:
            decide(unit, Voice(decision, person, word, reason, "slack", None))
        self.house.deployment.wakeups.courier()

    def decision(self) -> int:
        """The number of the first card's decision."""
        return int(self.post.rows(message="card")[0].decision)
