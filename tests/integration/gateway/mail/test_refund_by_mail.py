"""The refund by mail alone: asked in a letter, decided in a letter, told in letters, between two real mail servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import Answer
from escalation.decisions import Voice, decide
from notifications.courier import CourierConfig, run
from notifications.mail.desk import MailConfig
from notifications.mail.server import Server, Tls
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from tests.builders import House, house
from tests.integration.escalation.asking import open_decisions
from tests.integration.gateway.mail.mail_door import (
    REFUNDS,
    SECRET,
    SENDER,
    SERVER,
    config,
    listening,
    until,
)
from tests.integration.notifications.post_office import PostOffice, slack_team
from tests.plain_http import plain_client
from tests.ports import free_port
from tests.unit.sandbox.playing import PATIENT

LARGE = "order: 1234\namount: 740.00\nreason: The parcel was lost by the carrier.\n"


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The company at work, and people's mailboxes."""

    house: House
    sandbox: str
    http: httpx2.Client

    def write(self, who: str, text: str) -> None:
        """Somebody writes to the lane."""
        letter = {"from": f"{who}@morning.example", "to": REFUNDS, "subject": "Refund for Ms Lee", "text": text}
        assert self.http.post(f"{self.sandbox}/sandbox/mail/write", json=letter).status_code == 200

    def answer(self, letter: dict[str, Any], text: str) -> None:
        """The reader answers a letter in their mail program."""
        sent = self.http.post(f"{self.sandbox}/sandbox/mail/answer", json={"letter": letter["id"], "text": text})
        assert sent.status_code == 200

    def letter(self, who: str, words: str) -> dict[str, Any]:
        """The first letter to somebody that has those words, once it is there."""
        return until(lambda: next((one for one in self._received(who) if words in str(one)), {}))

    def _received(self, who: str) -> list[dict[str, Any]]:
        found = self.http.get(f"{self.sandbox}/sandbox/mail/letters", params={"address": f"{who}@morning.example"})
        return [one for one in found.json() if not one.get("written")]

    def paid(self) -> list[Any]:
        """What the shop paid back."""
        return self.house.shop("select order_number, amount from refunds where order_number = '1234'")

    def work_until_waiting(self) -> int:
        """The runner works until a decision is open; its number."""

        def decision() -> int:
            self.house.work()
            rows = self.house.rows("select number from decision where state = 'open'")
            return int(rows[0].number) if rows else 0

        return until(decision)


@contextmanager
def couriers(office: House, sandbox: str, smtp_port: int, redis_url: str) -> Iterator[None]:
    """A courier for Slack and mail."""
    mail = MailConfig(SENDER, "morning.example", SECRET)
    server = Server("127.0.0.1", smtp_port, Tls.OFFERED)
    settings = CourierConfig(f"{sandbox}/api/", SECRET, redis_url, sweep_s=0.3, mail=mail, mail_server=server)
    with start_blocking_portal() as portal:
        stop = portal.call(anyio.Event)
        working = portal.start_task_soon(run, office.deployment, settings, stop)
        yield
        portal.call(stop.set)
        working.result(timeout=60)


@pytest.fixture
def mailboxes(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[Mailboxes]:
    """The company, its mail door, its courier, and the mail server between them and the people."""
    with house(morning_urls, valkey_server.url, home) as office, listening(office.deployment, config()) as port:
        team = slack_team(office.deployment.businesses["morning"])
        mail = {"relay": f"127.0.0.1:{port}", "authserv_id": SERVER}
        played, smtp_port = Config.model_validate({"teams": [team], "mail": mail}, strict=False), free_port()
        with (
            served(create_app(played, pace=PATIENT, smtp_port=smtp_port)) as sandbox,
            plain_client(timeout=60) as http,
        ):
            PostOffice(office, sandbox, http, valkey_server.url).install()
            with couriers(office, sandbox, smtp_port, valkey_server.url):
                yield Mailboxes(office, sandbox, http)


def test_a_large_refund_runs_whole_by_mail_alone(mailboxes: Mailboxes) -> None:
    mailboxes.write("anna", "order: 1234\n")
    question = mailboxes.letter("anna", "I need these before I can begin")
    mailboxes.answer(question, "amount: 740.00\nreason: The parcel was lost by the carrier.")
    mailboxes.letter("anna", "Accepted: refund of 740.00 USD for order 1234")

    decision = mailboxes.work_until_waiting()
    assert mailboxes.paid() == []
    card = mailboxes.letter("mei", "Refund 740.00 USD for order 1234?")
    mailboxes.answer(card, "approved, the carrier was clear")

    until(lambda: mailboxes.house.rows("select 1 from decision where state = 'approved'"))
    mailboxes.house.work()
    mailboxes.letter("anna", "Done: 740.00 USD refunded for order 1234")
    mailboxes.letter("mei", "approved this")
    assert mailboxes.paid() == [("1234", 74000)]
    (vote,) = mailboxes.house.rows("select * from vote where decision = :decision", decision=decision)
    assert (vote.person, vote.via, vote.answer) == ("mei", "mail", "approve")
    assert mailboxes.house.rows("select count(*) from task")[0][0] == 1


def test_asked_by_mail_and_decided_in_slack(mailboxes: Mailboxes) -> None:
    mailboxes.write("anna", LARGE)
    decision = mailboxes.work_until_waiting()
    card = mailboxes.letter("mei", "Refund 740.00 USD for order 1234?")

    with mailboxes.house.deployment.database.transaction("morning") as unit:
        decide(unit, Voice(decision, "priya", Answer.REJECT, "not before Friday", "slack", None))
    mailboxes.house.deployment.wakeups.courier()

    mailboxes.letter("anna", "not before Friday")
    mailboxes.answer(card, "approve")
    mailboxes.letter("mei", "Priya Nair rejected this")
    assert mailboxes.paid() == []


def test_asked_in_slack_and_decided_by_mail_after_a_question(mailboxes: Mailboxes) -> None:
    mailboxes.house.asked(order="1234", amount=74000)
    mailboxes.work_until_waiting()
    card = mailboxes.letter("mei", "Refund 740.00 USD for order 1234?")

    mailboxes.answer(card, "What did the carrier say?")
    until(lambda: mailboxes.house.rows("select 1 from decision where state = 'asked_back'"))
    mailboxes.answer(card, "No, because it was found again")

    until(lambda: mailboxes.house.rows("select 1 from decision where state = 'rejected'"))
    assert mailboxes.paid() == []


def test_several_decisions_are_asked_in_one_letter_and_decided_by_its_answer(mailboxes: Mailboxes) -> None:
    numbers = open_decisions(mailboxes.house, 3)
    mailboxes.house.deployment.wakeups.courier()
    for order in (2000, 2001, 2002):
        mailboxes.letter("mei", f"Refund 740.00 USD for order {order}?")
    mailboxes.house.wait(3660)
    mailboxes.house.sweep()
    asked = mailboxes.letter("mei", "3 decisions wait for you")
    first = min(numbers, key=lambda one: asked["text"].index(f"order {_order(mailboxes, one)}?"))

    mailboxes.answer(asked, "1 reject because it was paid back in cash\nthe rest: hm")
    doubted = mailboxes.letter("mei", "so nothing was decided")
    before = mailboxes.house.rows("select 1 from vote")
    mailboxes.answer(doubted, "1 reject because it was paid back in cash, the rest ok")

    told = mailboxes.letter("mei", "All 3 answers are taken.")
    rows = mailboxes.house.rows("select decision, answer, via, reason from vote")
    assert before == []
    assert told["in_reply_to"]
    assert {row.decision: row.answer for row in rows} == {
        one: "reject" if one == first else "approve" for one in numbers
    }
    assert {row.via for row in rows} == {"mail"}
    assert (
        mailboxes.house.rows("select reason from decision where state = 'rejected'")[0].reason
        == "it was paid back in cash"
    )


def _order(mailboxes: Mailboxes, decision: int) -> str:
    query = "select t.request from decision d join task t on t.number = d.task where d.number = :number"
    return str(mailboxes.house.rows(query, number=decision)[0].request["order"])


def test_what_waits_is_told_to_who_asks_and_one_of_it_needs_no_number(mailboxes: Mailboxes) -> None:
    mailboxes.write("mei", "What waits for me?")
    mailboxes.letter("mei", "Nothing waits for you")
    mailboxes.house.asked(order="1234", amount=74000)
    decision = mailboxes.work_until_waiting()

    mailboxes.write("mei", "What is waiting for me?")
    mailboxes.answer(mailboxes.letter("mei", "One decision waits for you"), "approved, the carrier was clear")

    mailboxes.letter("mei", "Your answer is taken.")
    found = mailboxes.house.rows("select state, reason from decision where number = :number", number=decision)
    assert (found[0].state, found[0].reason) == ("approved", "the carrier was clear")


def test_a_request_is_changed_and_then_ended_by_letters_in_its_thread(mailboxes: Mailboxes) -> None:
    mailboxes.write("anna", LARGE)
    accepted = mailboxes.letter("anna", "Accepted: refund of 740.00 USD for order 1234")
    mailboxes.work_until_waiting()
    mailboxes.letter("mei", "Refund 740.00 USD for order 1234?")

    mailboxes.answer(accepted, "make it a bit less")
    how = mailboxes.letter("anna", "I could not tell what should be otherwise")
    mailboxes.answer(how, "make it 720.00 instead")

    mailboxes.letter("anna", "740.00 USD → 720.00 USD")
    mailboxes.letter("mei", "changed the request at")
    mailboxes.work_until_waiting()
    mailboxes.letter("mei", "Refund 720.00 USD for order 1234?")
    mailboxes.answer(accepted, "Never mind, she got it.")
    mailboxes.letter("anna", "Anna Kowalczyk cancelled it")
    assert mailboxes.house.rows("select state from task")[0].state == "cancelled"
    assert mailboxes.paid() == []
