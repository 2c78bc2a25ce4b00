"""The weekly digest on its way to a manager: one letter, or else its short form in Slack, and never nothing."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.scorecard.digests import kept
from engine.scorecard.weeks import due_at, week_of
from notifications.mail.digest import digest_page
from notifications.mail.looks import as_text
from storage.letters import mark_undeliverable
from storage.outbox import take
from storage.tables.traffic import outbox
from tests.integration.engine.worlds import ONLY_REFUNDS, changed_company, deploy
from tests.integration.notifications.mail.mail_office import MailOffice
from tests.integration.notifications.post_office import until

PATIENCE_S = 40.0  # a letter whose turn comes late on a busy machine is put off, with growing pauses


def due(mail_office: MailOffice, *, waiting: bool = False) -> str:
    """Move on to the hour of this week's digest, with a refund done and maybe one that waits; the digest's name."""
    house = mail_office.house
    deploy(house, changed_company(house.deployment.home, ONLY_REFUNDS))
    house.asked(order="1236")
    house.work()
    company = house.deployment.businesses["morning"].company
    now = house.rows("select chargehand_now() as now")[0].now
    week = week_of(now, company.timezone)
    at = due_at(week.monday + timedelta(days=7), company.digest, company.timezone)
    house.wait((at - now).total_seconds() + 1)
    if waiting:  # only now: nobody is reminded, and Ruth is not asked yet
        house.asked(order="1234", amount=74000, form="large")
        house.work()
    house.sweep()
    return f"care:{week.name}"


def text_of(mail_office: MailOffice, name: str) -> str:
    """The digest on record as text."""
    with mail_office.house.deployment.database.transaction("morning") as unit:
        return as_text(digest_page(kept(unit, name)))


def test_the_manager_gets_what_is_on_record_as_one_letter_of_two_forms(mail_office: MailOffice) -> None:
    name = due(mail_office, waiting=True)
    with mail_office.courier():
        until(lambda: mail_office.letters("ruth"), within_s=PATIENCE_S)
        mail_office.house.asked(order="1008", form="after")
        mail_office.house.work()
        mail_office.house.sweep()
        until(mail_office.post.all_sent, within_s=PATIENCE_S)

    (letter,) = mail_office.letters("ruth")
    assert letter["text"].replace("\r\n", "\n") == text_of(mail_office, name)
    assert letter["subject"] == letter["text"].splitlines()[0]
    assert letter["subject"].startswith(f"Customer care, week {int(name[-2:])}: ")
    assert "Refund 740.00 USD for order 1234?" in letter["html"]
    assert (letter["auto_submitted"], letter["reply_to"], letter["in_reply_to"]) == ("auto-generated", "", "")
    assert not {"list-id", "precedence"} & {header.lower() for header, _ in letter["headers"]}
    assert mail_office.post.messages("ruth") == []


def test_a_manager_whose_address_is_dead_is_told_in_short(mail_office: MailOffice) -> None:
    name = due(mail_office)
    with mail_office.house.deployment.database.transaction("morning") as unit:
        mark_undeliverable(unit, "ruth@morning.example", "550 no such mailbox")

    with mail_office.courier():
        until(lambda: mail_office.post.messages("ruth"), within_s=PATIENCE_S)
        until(mail_office.post.all_sent, within_s=PATIENCE_S)

    assert_told_in_short(mail_office, name)


def test_without_a_mail_server_the_manager_is_told_in_short(mail_office: MailOffice) -> None:
    name = due(mail_office)

    with mail_office.post.courier():
        until(lambda: mail_office.post.messages("ruth"), within_s=PATIENCE_S)
        until(mail_office.post.all_sent, within_s=PATIENCE_S)

    assert_told_in_short(mail_office, name)


@pytest.mark.parametrize(
    ("at", "fault", "letters"),
    [
        ("reader", {"kind": "say", "code": 550, "text": "5.1.1 No such mailbox", "address": "ruth@morning.example"}, 0),
        ("dot", {"kind": "say", "code": 554, "text": "5.6.0 Looks like spam"}, 0),
        ("dot", {"kind": "drop"}, 1),
    ],
    ids=["the address is refused", "the letter is refused", "nobody knows whether it arrived"],
)
def test_a_letter_that_is_refused_or_in_doubt_is_told_in_short_and_never_sent_again(
    mail_office: MailOffice, at: str, fault: dict[str, object], letters: int
) -> None:
    name = due(mail_office)
    mail_office.fault(at, **fault)  # type: ignore[arg-type]

    with mail_office.courier():
        until(lambda: mail_office.post.messages("ruth"), within_s=PATIENCE_S)
        until(mail_office.post.all_sent, within_s=PATIENCE_S)

    assert_told_in_short(mail_office, name, letters=letters)


def test_a_letter_whose_courier_was_killed_in_the_middle_is_told_in_short_and_not_written_again(
    mail_office: MailOffice,
) -> None:
    name = due(mail_office)
    with mail_office.house.deployment.database.transaction("morning") as unit:
        (letter,) = [one for one in take(unit, limit=50) if one.message == "digest"]
        mine = update(outbox).where(outbox.c.id == letter.id)
        unit.connection.execute(mine.values(team="mail", channel="ruth@morning.example"))
    mail_office.house.wait(30)

    with mail_office.courier():
        until(lambda: mail_office.post.messages("ruth"), within_s=PATIENCE_S)

    assert_told_in_short(mail_office, name)


def assert_told_in_short(mail_office: MailOffice, name: str, *, letters: int = 0) -> None:
    """One direct message with the headline and what waits, and no letter beyond those given."""
    (told,) = mail_office.post.messages("ruth")
    said = json.dumps(told, ensure_ascii=False)
    assert told["text"] == text_of(mail_office, name).splitlines()[0]
    assert "Refunds answered within a day: 100% of 95% (on target)" in said
    assert "This is the short form" in said
    assert len(mail_office.letters("ruth")) == letters
