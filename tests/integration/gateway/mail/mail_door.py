"""The mail door over the real record: letters go in by SMTP and by webhook, and a test looks at what became of them."""

import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import anyio
import httpx2
from anyio.from_thread import start_blocking_portal

from contracts.vocabulary import Message
from engine.deployment import Deployment
from gateway.mail.config import MailConfig
from gateway.mail.listener import Doorkeeper, listen
from gateway.mail.mailroom import Mailroom
from gateway.mail.proof import read_trust
from gateway.mail.webhook import signature
from notifications.mail.tokens import make, reply_address
from tests.builders import House
from tests.ports import free_port

SECRET, INBOUND = "the deployment's secret", "the provider's secret"
SERVER = "mx.morning.example"
REFUNDS, SENDER = "refunds@morning.example", "chargehand@morning.example"
ASKED = "order: 1001\namount: 42.00\nreason: The parcel was lost by the carrier.\n"
Found = TypeVar("Found")


@dataclass(frozen=True)
class NoNames:
    """Name servers that know nothing."""

    records: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def look_up(self, name: str, kind: str) -> list[Any]:
        """What was put there."""
        return self.records.get((name, kind), [])


def config() -> MailConfig:
    """A mail door that trusts this machine's relay."""
    trust = read_trust(SERVER, "127.0.0.0/8")
    return MailConfig("morning.example", SENDER, SECRET, INBOUND, trust, NoNames())


def letter(
    text: str = ASKED,
    *,
    by: str = "anna@morning.example",
    name: str = "<1@morning.example>",
    to: str = REFUNDS,
    proven: bool = True,
    header: str = "",
) -> bytes:
    """A letter as our mail server hands it over."""
    word = "pass" if proven else "fail"
    found = f"Authentication-Results: {SERVER}; dmarc={word} header.from={by.rpartition('@')[2]}\n"
    ids = f"Message-ID: {name}\n" if name else ""
    whole = f"{found}{header}From: Somebody <{by}>\nTo: {to}\n{ids}Subject: Refund please\n\n{text}"
    return whole.replace("\n", "\r\n").encode()


def until(find: Callable[[], Found], *, within_s: float = 60.0) -> Found:
    """What `find` gives, as soon as it gives something."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError("it never happened")


@dataclass(frozen=True, slots=True)
class MailDoor:
    """The company with a listener on `port` and a gateway at `web`."""

    house: House
    port: int
    web: str
    http: httpx2.Client

    def send(self, raw: bytes, *to: str, sender: str = "anna@morning.example") -> tuple[int, str]:
        """Hand a letter over by SMTP: the server's last word."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.ehlo("relay.example")
            client.mail(sender)
            for one in to or (REFUNDS,):
                code, said = client.rcpt(one)
                if code >= 300:
                    return code, said.decode()
            code, said = client.data(raw)
            return code, said.decode()

    def post(self, raw: bytes, *, to: str = REFUNDS, secret: str = INBOUND, **changed: str) -> httpx2.Response:
        """Post a letter as a provider does."""
        headers = {
            "Content-Type": "message/rfc822",
            "X-Chargehand-Signature": signature(secret, int(time.time()), raw),
            "X-Mail-From": "anna@morning.example",
            "X-Rcpt-To": to,
        }
        return self.http.post(f"{self.web}/email/inbound", content=raw, headers=headers | changed)

    def rows(self) -> list[Any]:
        """The kept deliveries, oldest first."""
        return self.house.rows("select * from delivery order by received_at, key")

    def settled(self, count: int = 1) -> list[Any]:
        """The deliveries, once there are that many and each is handled."""
        return until(lambda: rows if len(rows := self.rows()) >= count and all(row.handled_at for row in rows) else [])

    def answers(self) -> list[str]:
        """What was answered in letters' threads, oldest first."""
        rows = self.house.rows("select details from outbox where message = 'notice' order by id")
        return [row.details["sentence"] for row in rows]

    def tasks(self) -> list[Any]:
        """The company's tasks."""
        return self.house.rows("select * from task order by number")

    def large_refund(self, **request: Any) -> int:
        """A refund that waits for the approvers; the decision's number."""
        self.house.asked(**({"order": "1234", "amount": 74000} | request))
        self.house.work()
        number: int = self.house.rows("select number from decision order by number desc limit 1")[0].number
        return number

    def decision(self, number: int) -> Any:
        """A decision's row."""
        return self.house.rows("select * from decision where number = :number", number=number)[0]

    def reply_address(self, decision: int, person: str) -> str:
        """Where that person's answer goes, as their letter says."""
        with self.house.deployment.database.transaction("morning") as unit:
            address = reply_address(make(unit, SECRET, decision=decision, person=person), "morning.example")
        assert address is not None
        return address

    def reply(
        self, decision: int, text: str, *, person: str = "mei", name: str = "", **changed: Any
    ) -> tuple[int, str]:
        """An approver's answer to the letter that has their card."""
        address = self.reply_address(decision, person)
        by = f"{changed.pop('by', person)}@morning.example"
        raw = letter(text, by=by, to=address, name=name or f"<re-{time.time_ns()}@morning.example>", **changed)
        return self.send(raw, address, sender=by)

    def cards_to_slack(self) -> list[str]:
        """Who gets a card in Slack whatever they prefer."""
        rows = self.house.rows("select * from outbox where message = :card order by id", card=Message.CARD.value)
        return [row.person for row in rows if row.details.get("surface") == "slack"]


@contextmanager
def listening(deployment: Deployment, settings: MailConfig) -> Iterator[int]:
    """The listener at work in a thread of its own; its port."""
    port = free_port()
    keeper = Doorkeeper(deployment, settings, Mailroom(deployment, settings))
    with start_blocking_portal() as portal:
        stop = portal.call(anyio.Event)
        working = portal.start_task_soon(listen, keeper, "127.0.0.1", port, stop)
        until(lambda: _answers(port))
        yield port
        portal.call(stop.set)
        working.result(timeout=60)


def with_names(records: dict[tuple[str, str], list[Any]]) -> MailConfig:
    """A door that trusts no relay, with these names."""
    return replace(config(), trust=read_trust(None, None), names=NoNames(records))


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
