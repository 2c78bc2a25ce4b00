"""Answers by mail: they decide where the contract says so, for the person that they were made for, and once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.vocabulary import Answer
from escalation.decisions import Voice, decide
from tests.integration.gateway.mail.mail_door import SENDER, MailDoor, letter


@pytest.fixture
def asked(door: MailDoor) -> int:
    """A large refund that waits for its approvers."""
    return door.large_refund()


def test_a_word_in_the_first_line_approves_and_the_refund_is_paid(door: MailDoor, asked: int) -> None:
    door.reply(asked, "Approved, the carrier was clear.\n\n> Refund 740.00 USD for order 1234?\n")

    (row,) = door.settled()
    door.house.work()
    assert (row.became, row.reference, row.why) == ("decision", f"approve:{asked}", "decided")
    found = door.decision(asked)
    assert (found.state, found.decided_by, found.reason) == ("approved", "mei", "the carrier was clear.")
    assert door.house.shop("select count(*) from refunds where order_number = '1234'") == [(1,)]
    used = door.house.rows("select used_at from mail_token")
    assert [one.used_at is not None for one in used] == [True]


def test_a_no_rejects_with_its_reason(door: MailDoor, asked: int) -> None:
    door.reply(asked, "no, because the order was paid back in cash")

    door.settled()
    found = door.decision(asked)
    assert (found.state, found.reason) == ("rejected", "the order was paid back in cash")


def test_a_question_is_put_to_the_requester_whose_letter_answers_it(door: MailDoor, asked: int) -> None:
    door.reply(asked, "What did the carrier say?")
    door.settled()
    assert door.decision(asked).state == "asked_back"

    door.reply(asked, "They accepted the claim.\n\n> What did the carrier say?", person="anna")

    rows = door.settled(2)
    assert [row.reference for row in rows] == [f"ask:{asked}", f"answer:{asked}"]
    (question,) = door.house.rows("select * from question")
    assert (question.question, question.answer) == ("What did the carrier say?", "They accepted the claim.")
    assert door.decision(asked).state == "open"


@pytest.mark.parametrize("words", ["not sure", "approve, but only if she calls", "yes and no", "> approve", "thanks"])
def test_doubt_decides_nothing_and_says_what_to_write(door: MailDoor, asked: int, words: str) -> None:
    door.reply(asked, words)

    (row,) = door.settled()
    assert (row.became, door.decision(asked).state) == ("ignored", "open")
    assert len(door.answers()) == 1


def test_a_letter_that_agrees_to_less_makes_the_decision_of_that(door: MailDoor, asked: int) -> None:
    door.reply(asked, "approve, but only 500")

    (row,) = door.settled()
    assert (row.became, row.reference, row.why) == ("decision", f"change:{asked}", "changed_it")
    assert door.decision(asked).state == "changed"
    successor = door.decision(asked).successor
    assert door.decision(successor).proposal["args"]["amount"] == 50000
    assert door.decision(successor).state == "approved"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"by": "kwame"}, "made for mei"),
        ({"by": "anna"}, "made for mei"),
        ({"proven": False}, "nobody knows who sent it"),
    ],
)
def test_nobody_else_decides_with_somebodys_address(
    door: MailDoor, asked: int, changed: dict[str, Any], why: str
) -> None:
    door.reply(asked, "approve", **changed)

    (row,) = door.settled()
    assert row.became == "quarantine"
    assert why in row.why
    assert door.decision(asked).state == "open"
    assert door.answers() == []


def test_an_automatic_answer_decides_nothing(door: MailDoor, asked: int) -> None:
    door.reply(asked, "OK", header="Auto-Submitted: auto-replied\n")

    (row,) = door.settled()
    assert (row.became, door.decision(asked).state, door.answers()) == ("ignored", "open", [])


def test_where_the_edge_does_not_allow_mail_the_card_goes_to_slack(door: MailDoor, asked: int) -> None:
    # As if it had been asked under an edge of another name, which allows nothing.
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql("update decision set edge = 'another edge'")

    door.reply(asked, "approve")

    (row,) = door.settled()
    assert (row.became, door.decision(asked).state) == ("ignored", "open")
    assert door.cards_to_slack() == ["mei"]
    assert door.answers() == [
        "This can't be decided by mail. The same card is in your Slack messages: please decide there."
    ]


def test_slack_and_mail_at_once_decide_once_and_the_other_is_told(door: MailDoor, asked: int) -> None:
    deployment = door.house.deployment

    def in_slack() -> str:
        with deployment.database.transaction("morning") as unit:
            return decide(unit, Voice(asked, "priya", Answer.REJECT, "not ours", "slack", None)).kind

    with ThreadPoolExecutor(2) as both:
        slack, mail = both.submit(in_slack), both.submit(door.reply, asked, "approve")
        mail.result()
        kinds = {slack.result(), door.settled()[0].why}

    assert kinds == {"decided", "already"}
    assert len(door.house.rows("select 1 from vote")) == 1
    won = door.decision(asked).state
    told = door.answers()
    assert won in {"approved", "rejected"}
    assert (won == "approved") == (told == [])
    assert all("Priya Nair rejected this" in one for one in told)


def test_the_same_answer_ten_times_decides_once(door: MailDoor, asked: int) -> None:
    for number in range(10):
        door.reply(asked, "approve", name=f"<{number % 5}@morning.example>")

    rows = door.settled(5)
    assert len(rows) == 5
    assert len(door.house.rows("select 1 from vote")) == 1


def test_a_bounce_marks_the_address_and_the_card_goes_to_slack(door: MailDoor, asked: int) -> None:
    sent = "<7.1.morning@morning.example>"
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            "update outbox set team = 'mail', channel = 'mei@morning.example', ts = %s, state = 'sent'"
            " where message = 'card' and person = 'mei'",
            (sent,),
        )
    report = (
        "--b\nContent-Type: text/plain\n\nIt did not arrive.\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.morning.example\n\nFinal-Recipient: rfc822; Mei@morning.example\nAction: failed\n"
        f"Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {sent}\n\n--b--\n"
    )
    header = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\nAuto-Submitted: auto-replied\n"
    forged = report.replace(sent, "<8.1.morning@morning.example>").replace("Mei@", "ruth@")

    by = "mailer-daemon@elsewhere.example"
    door.send(letter(report, by=by, to=SENDER, header=header), SENDER, sender="")
    door.send(letter(forged, by=by, to=SENDER, header=header, name="<2@e>"), SENDER, sender="")

    rows = door.settled(2)
    assert [row.became for row in rows] == ["ignored", "ignored"]
    assert [row.address for row in door.house.rows("select address from undeliverable")] == ["mei@morning.example"]
    assert door.cards_to_slack() == ["mei"]
    assert (door.answers(), door.tasks()[1:]) == ([], [])


def test_a_letter_to_our_senders_address_is_told_where_to_write(door: MailDoor) -> None:
    door.send(letter("hello", to=SENDER), SENDER)

    door.settled()

    assert "refunds@morning.example" in door.answers()[0]


AWAY = "Auto-Submitted: auto-replied\n"


def test_an_approvers_own_out_of_office_letter_has_their_manager_asked(door: MailDoor, asked: int) -> None:
    door.reply(asked, "I am out of office and back in a while.", header=AWAY)

    (row,) = door.settled()
    (absence,) = door.house.rows("select person, source from absence")
    assert (row.became, row.why.startswith("mei is away until")) == ("ignored", True)
    assert (absence.person, absence.source) == ("mei", "letter")
    assert "ruth" in door.decision(asked).entitled
    assert door.decision(asked).state == "open"


@pytest.mark.parametrize("changed", [{"proven": False}, {"by": "kwame"}])
def test_nobody_elses_out_of_office_letter_sends_an_approver_away(
    door: MailDoor, asked: int, changed: dict[str, Any]
) -> None:
    door.reply(asked, "I am out of office and back in a while.", header=AWAY, **changed)

    door.settled()
    assert door.house.rows("select 1 from absence") == []
    assert "ruth" not in door.decision(asked).entitled
