"""What becomes of letters when the mail server misbehaves: one copy per reader, and nobody is left untold."""

import pytest
from sqlalchemy import update

from contracts.vocabulary import Answer
from storage.letters import is_undeliverable
from storage.outbox import take
from storage.tables.traffic import outbox
from tests.integration.notifications.mail.mail_office import MailOffice
from tests.integration.notifications.post_office import buttons, until


def sentences(mail_office: MailOffice, who: str = "mei") -> list[str]:
    return [letter["subject"] for letter in mail_office.letters(who)]


@pytest.mark.parametrize("at", ["connect", "sender", "reader", "data", "body"])
def test_a_line_that_drops_before_the_dot_is_tried_again(mail_office: MailOffice, at: str) -> None:
    mail_office.fault(at, "drop", times=2)
    mail_office.post.notice("Please look.", to="mei")

    with mail_office.courier():
        until(mail_office.post.all_sent)

    assert sentences(mail_office) == ["Please look."]
    assert [row.state for row in mail_office.post.rows()] == ["sent"]


def test_a_card_whose_line_drops_after_the_dot_is_sent_once_and_then_asked_in_slack(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)
    mail_office.fault("dot", "drop")

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.post.messages("mei") and mail_office.post.all_sent())
        mail_office.answer(mail_office.decision(), "priya", Answer.APPROVE)
        until(lambda: not buttons(mail_office.post.messages("mei")[0]))

    assert len(mail_office.letters("mei")) == 1
    assert len(mail_office.post.messages("mei")) == 1
    (lost,) = mail_office.post.rows(state="unknown")
    assert (lost.team, lost.channel) == ("mail", "mei@morning.example")


def test_another_letter_whose_line_drops_after_the_dot_stays_unknown_and_is_never_sent_again(
    mail_office: MailOffice,
) -> None:
    mail_office.fault("dot", "drop")
    mail_office.post.notice("Please look.", to="mei")

    with mail_office.courier():
        until(lambda: mail_office.post.rows(state="unknown"))
        mail_office.post.notice("And now?", to="mei", name="second")
        until(lambda: mail_office.post.rows(state="sent"))

    assert sentences(mail_office) == ["Please look.", "And now?"]
    assert mail_office.post.messages("mei") == []


@pytest.mark.parametrize(
    ("at", "code"), [("sender", 451), ("reader", 450), ("reader", 452), ("dot", 451), ("data", 421)]
)
def test_a_mail_server_that_says_later_is_asked_again_later(mail_office: MailOffice, at: str, code: int) -> None:
    mail_office.fault(at, "say", code=code, text="4.7.1 Greylisted", times=2)
    mail_office.post.notice("Please look.", to="mei")

    with mail_office.courier():
        until(mail_office.post.all_sent)

    assert sentences(mail_office) == ["Please look."]


def test_an_address_that_is_refused_is_dead_from_then_on_and_its_owner_told_in_slack(mail_office: MailOffice) -> None:
    mail_office.fault("reader", "say", code=550, text="5.1.1 No such mailbox", address="mei@morning.example")
    mail_office.house.asked(order="1234", amount=74000)
    mail_office.post.notice("Please look.", to="anna")

    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.post.messages("mei") and mail_office.post.all_sent())
        mail_office.post.notice("And now?", to="mei", name="second")
        until(lambda: len(mail_office.post.messages("mei")) == 2)

    assert mail_office.letters("mei") == []
    (refused,) = mail_office.post.rows(state="failed")
    assert "No such mailbox" in refused.error
    with mail_office.house.deployment.database.transaction("morning") as unit:
        assert is_undeliverable(unit, "MEI@morning.example")


def test_a_letter_that_is_refused_says_nothing_against_its_reader(mail_office: MailOffice) -> None:
    mail_office.fault("dot", "say", code=554, text="5.6.0 Looks like spam")
    mail_office.post.notice("Please look.", to="mei")

    with mail_office.courier():
        until(lambda: mail_office.post.messages("mei"))
        mail_office.post.notice("And now?", to="mei", name="second")
        until(lambda: mail_office.letters("mei"))

    assert sentences(mail_office) == ["And now?"]


def test_a_mail_server_that_wants_nothing_from_us_is_told_to_the_operator(mail_office: MailOffice) -> None:
    mail_office.fault("sender", "say", code=550, text="5.7.1 Not for you", times=1)
    mail_office.post.notice("Please look.", to="mei")

    with mail_office.courier():
        until(lambda: mail_office.post.messages("jonas"))

    assert "The mail server refuses" in mail_office.post.messages("jonas")[0]["text"]
    assert mail_office.letters("mei") == []
    assert mail_office.post.rows(person="mei")[0].state == "pending"


def test_a_letter_claimed_by_a_courier_that_died_before_it_wrote_is_sent_once(mail_office: MailOffice) -> None:
    mail_office.post.notice("Please look.", to="mei")
    with mail_office.house.deployment.database.transaction("morning") as unit:
        take(unit, limit=1)
    mail_office.house.wait(30)

    with mail_office.courier():
        until(lambda: mail_office.letters("mei") and mail_office.post.all_sent())

    assert sentences(mail_office) == ["Please look."]


def test_a_slow_mail_server_gets_each_letter_once(mail_office: MailOffice) -> None:
    mail_office.fault("dot", "slow", seconds=2.0, times=3)
    for number in range(3):
        mail_office.post.notice(f"Sentence {number}.", to="mei", name=f"notice-{number}")

    with mail_office.courier():
        until(lambda: len(mail_office.post.rows(state="sent")) == 3)

    assert sorted(sentences(mail_office)) == ["Sentence 0.", "Sentence 1.", "Sentence 2."]


def test_a_letter_whose_courier_died_while_it_was_handing_it_over_is_not_sent_again(mail_office: MailOffice) -> None:
    mail_office.post.notice("Please look.", to="mei")
    with mail_office.house.deployment.database.transaction("morning") as unit:
        (letter,) = take(unit, limit=1)
        unit.connection.execute(
            update(outbox).where(outbox.c.id == letter.id).values(team="mail", channel="mei@x.example")
        )
    mail_office.house.wait(30)

    with mail_office.courier():
        until(lambda: mail_office.post.rows(state="unknown"))

    assert mail_office.letters("mei") == []
    assert mail_office.post.messages("mei") == []


def test_without_a_mail_server_what_stood_in_a_mailbox_goes_on_in_slack(mail_office: MailOffice) -> None:
    mail_office.house.asked(order="1234", amount=74000)
    with mail_office.courier():
        mail_office.house.work()
        until(lambda: mail_office.letters("mei") and mail_office.post.all_sent())

    with mail_office.post.courier():
        mail_office.house.wait(3700)
        mail_office.house.sweep()
        until(lambda: mail_office.post.messages("mei"))

    assert len(mail_office.letters("mei")) == 1
