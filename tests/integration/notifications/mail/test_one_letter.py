"""One letter on all that waits for somebody takes the place of many reminders, carried over real SMTP."""

from typing import Any

from contracts.vocabulary import Answer, Message
from escalation.decisions import Voice, decide
from notifications.mail.tokens import Token, read, token_in
from storage.outbox import Letter
from tests.integration.escalation.asking import open_decisions
from tests.integration.notifications.mail.mail_office import MailOffice
from tests.integration.notifications.post_office import SECRET, until

HOUR = 3600


def lists(office: MailOffice, who: str = "mei") -> list[dict[str, Any]]:
    """The letters that list what waits, oldest first."""
    return [one for one in office.letters(who) if "decisions wait for you" in one["text"]]


def asked(office: MailOffice, count: int) -> list[int]:
    """Decisions whose cards have all been sent."""
    numbers = open_decisions(office.house, count)
    until(lambda: len(office.letters("mei")) == count and office.post.all_sent())
    return numbers


def later(office: MailOffice, seconds: float) -> None:
    """The clock goes on, and what is due then is sent."""
    office.house.wait(seconds)
    office.house.sweep()
    until(office.post.all_sent)


def reminders(office: MailOffice, who: str = "mei") -> list[tuple[int, str]]:
    """The reminders to somebody: their decision and what became of them."""
    rows = office.post.rows(message="reminder", person=who)
    return sorted((row.decision, row.state) for row in rows)


def test_several_reminders_are_one_letter_that_lists_them_all(mail_office: MailOffice) -> None:
    with mail_office.courier():
        numbers = asked(mail_office, 3)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))

    (letter,) = lists(mail_office)
    assert letter["subject"] == "3 decisions wait for you"
    for order in (2000, 2001, 2002):
        assert f". Refund 740.00 USD for order {order}?" in letter["text"]
        assert f"Refund 740.00 USD for order {order}?" in letter["html"]
    token = read(SECRET, token_in(letter["reply_to"]) or "")
    (row,) = [one for one in mail_office.post.rows(message="reminder", person="mei") if one.state == "sent"]
    assert token == Token("morning", 0, "mei", letter=row.id)
    assert sorted(one["decision"] for one in row.details["listed"]) == sorted(numbers)
    assert sorted(state for _, state in reminders(mail_office)) == ["sent", "superseded", "superseded"]
    assert len(mail_office.letters("mei")) == 4, "three cards and one letter"


def test_two_couriers_at_once_send_one_list(mail_office: MailOffice) -> None:
    with mail_office.courier(), mail_office.courier():
        asked(mail_office, 4)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))

    assert len(lists(mail_office)) == 1
    assert sorted(state for _, state in reminders(mail_office)) == ["sent", *["superseded"] * 3]


def test_one_that_waits_alone_is_reminded_of_in_its_own_thread(mail_office: MailOffice) -> None:
    with mail_office.courier():
        first, second = asked(mail_office, 2)
        mail_office.answer(second, "priya", Answer.REJECT, "not ours")
        later(mail_office, HOUR + 60)
        until(lambda: any("Still waiting for you" in one["text"] for one in mail_office.letters("mei")))

    assert lists(mail_office) == []
    assert reminders(mail_office) == [(first, "sent")]


def test_the_next_reminders_are_one_letter_again_with_what_still_waits(mail_office: MailOffice) -> None:
    with mail_office.courier():
        numbers = asked(mail_office, 3)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))
        mail_office.answer(numbers[0], "priya", Answer.APPROVE)
        later(mail_office, 2 * HOUR)
        until(lambda: len(lists(mail_office)) == 2)

    first, second = lists(mail_office)
    assert second["subject"] == "2 decisions wait for you"
    assert "order 2000" not in second["text"]
    assert second["reply_to"] != first["reply_to"]


def test_a_reminder_shortly_after_a_list_is_left_out_unless_its_deadline_is_near(mail_office: MailOffice) -> None:
    with mail_office.courier():
        numbers = asked(mail_office, 2)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))
        with mail_office.house.deployment.database.transaction("morning") as unit:
            unit.connection.exec_driver_sql(
                "update decision set due_at = chargehand_now() + interval '10 minutes' where number = %s", (numbers[1],)
            )
        for number in numbers:
            mail_office.post.put(
                Letter(Message.REMINDER, f"again:{number}", person="mei", task=1, decision=number, details={"n": 2})
            )
        until(mail_office.post.all_sent)

    again = {
        row.decision: row.state for row in mail_office.post.rows(message="reminder") if row.dedupe.startswith("again")
    }
    assert again == {numbers[0]: "superseded", numbers[1]: "sent"}
    assert len(lists(mail_office)) == 1


def test_what_somebody_has_put_off_is_not_on_the_list(mail_office: MailOffice) -> None:
    with mail_office.courier():
        numbers = asked(mail_office, 3)
        with mail_office.house.deployment.database.transaction("morning") as unit:
            soon = unit.connection.exec_driver_sql("select chargehand_now() + interval '2 hours'").scalar_one()
            decide(unit, Voice(numbers[2], "mei", Answer.SNOOZE, None, "mail", None, until=soon))
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))

    (letter,) = lists(mail_office)
    assert letter["subject"] == "2 decisions wait for you"
    assert "order 2002" not in letter["text"]
    assert "1 that you have put off is not listed" in letter["text"]


def test_who_asks_to_be_reminded_after_a_list_is_reminded_then(mail_office: MailOffice) -> None:
    with mail_office.courier():
        numbers = asked(mail_office, 2)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))
        with mail_office.house.deployment.database.transaction("morning") as unit:
            soon = unit.connection.exec_driver_sql("select chargehand_now() + interval '20 minutes'").scalar_one()
            decide(unit, Voice(numbers[1], "mei", Answer.SNOOZE, None, "mail", None, until=soon))
        later(mail_office, 1300)
        until(lambda: any("Still waiting for you" in one["text"] for one in mail_office.letters("mei")))

    assert len(lists(mail_office)) == 1
    assert sum("Still waiting for you" in one["text"] for one in mail_office.letters("mei")) == 1


def test_who_reads_cards_in_slack_gets_reminders_there_as_before(mail_office: MailOffice) -> None:
    with mail_office.courier():
        asked(mail_office, 2)
        later(mail_office, HOUR + 60)
        until(lambda: lists(mail_office))

    assert [state for _, state in reminders(mail_office, "priya")] == ["sent", "sent"]
    assert mail_office.letters("priya") == []


def test_in_quiet_hours_nothing_is_sent_and_in_the_morning_one_letter(mail_office: MailOffice) -> None:
    with mail_office.courier():
        asked(mail_office, 2)
        with mail_office.house.deployment.database.transaction("morning") as unit:
            # Quiet from now on where Mei is, for two hours, whatever the time is where this test runs.
            unit.connection.exec_driver_sql(
                "update company set declared = declared || jsonb_build_object('quiet', jsonb_build_object("
                "'from', to_char(chargehand_now() at time zone p.timezone, 'HH24:MI'),"
                "'to', to_char((chargehand_now() + interval '2 hours') at time zone p.timezone, 'HH24:MI')))"
                " from person p where p.id = 'mei' and p.company = company.id"
            )
        later(mail_office, HOUR + 60)
        quiet = list(lists(mail_office))
        later(mail_office, HOUR)
        until(lambda: lists(mail_office))

    assert quiet == []
    assert len(lists(mail_office)) == 1
