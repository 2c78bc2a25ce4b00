"""One letter on its way to what becomes of it, with what every way needs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts.loaded import Business
from contracts.vocabulary import Became, Message
from engine.deployment import Deployment
from gateway.mail.addressing import Purpose
from gateway.mail.config import MailConfig
from gateway.mail.letter import Letter
from storage import deliveries, outbox
from storage.database import Unit
from storage.deliveries import Delivery
from storage.directory import Person
from storage.letters import may_answer_automatically
from storage.outbox import Letter as Outgoing

PAUSE = timedelta(days=1)


def first_of(key: str) -> str:
    """The key of the first copy, from that of any: a copy's has the digest of its bytes behind it."""
    return ":".join(key.split(":")[:2])


@dataclass(frozen=True, slots=True)
class Case:
    """A kept letter that was read; `purpose` is what it is for."""

    deployment: Deployment
    config: MailConfig
    delivery: Delivery
    letter: Letter
    purpose: Purpose

    @property
    def company(self) -> str:
        """The company that it was written to."""
        return self.delivery.company

    @property
    def first_key(self) -> str:
        """The key of the first copy of this letter, which every copy shares."""
        return first_of(self.delivery.key)

    @property
    def business(self) -> Business:
        """That company's declared business."""
        return self.deployment.businesses[self.company]

    def settle(self, unit: Unit, became: Became, *, reference: str | None = None, why: str | None = None) -> None:
        """Mark the letter handled, in the transaction of the change."""
        deliveries.handled(unit, self.delivery.key, became=became, reference=reference, why=why)

    def settle_alone(self, became: Became, why: str) -> None:
        """Mark the letter handled in a transaction of its own: nothing else comes of it."""
        with self.deployment.database.transaction(self.company) as unit:
            if deliveries.begin_handling(unit, self.delivery.key):
                self.settle(unit, became, why=why)

    def thread(self) -> dict[str, Any]:
        """What a notice needs to be an answer to this letter."""
        letter = self.letter
        about = [letter.message_id] if letter.message_id else []
        mail = {
            "in_reply_to": letter.message_id,
            "references": [*letter.thread, *about],
            "subject": letter.subject,
            "reply_to": self.purpose.address,
        }
        return {"mail": mail}

    def answer(self, unit: Unit, person: Person, sentence: str, **about: Any) -> None:
        """Leave one answer in the letter's thread in the outbox, however often this letter is looked at.

        `about` goes into its details; a `task` is named below it. Both let an erasure find it.
        """
        task, key = about.pop("task", None), f"answer:{self.delivery.key}"
        details = {"sentence": sentence, **self.thread(), **about}
        outbox.put(unit, Outgoing(Message.NOTICE, key, person=person.id, task=task, details=details))

    def answer_seldom(self, unit: Unit, person: Person, sentence: str, **about: Any) -> None:
        """Answer unless this person was answered so within a day: whoever does not read must not make a loop."""
        if may_answer_automatically(unit, person.email, every=PAUSE):
            self.answer(unit, person, sentence, **about)
