"""A requester who has only mail changes a live request, or ends it, by a letter in its thread: the door of the buttons."""

from typing import Any

import pytest

from tests.integration.gateway.mail.mail_door import ASKED, MailDoor, letter

THREAD = "In-Reply-To: <1@morning.example>\nReferences: <1@morning.example>\n"
AT_FIRST = {"order": "1001", "amount": 4200, "reason": "The parcel was lost by the carrier."}


@pytest.fixture
def task(door: MailDoor) -> int:
    """What Anna has asked for in a letter: 42.00 for order 1001."""
    door.send(letter(ASKED))
    door.settled()
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            "update outbox set team = 'mail', channel = 'anna@morning.example', ts = '<1@morning.example>', state = 'sent'"
        )
    return int(door.tasks()[0].number)


def write(door: MailDoor, text: str, *, name: str = "<2@morning.example>", **changed: Any) -> Any:
    """Anna writes in the thread; what became of it."""
    by = changed.pop("by", "anna")
    header = f"{THREAD}{changed.pop('header', '')}"
    before = len(door.rows())
    door.send(
        letter(text, by=f"{by}@morning.example", name=name, header=header, **changed), sender=f"{by}@morning.example"
    )
    return door.settled(before + 1)[-1]


def request_of(door: MailDoor) -> dict[str, Any]:
    """What the first task asks for."""
    found: dict[str, Any] = door.tasks()[0].request
    return found


def events(door: MailDoor, task: int) -> list[str]:
    """The task's trail."""
    rows = door.house.rows("select event from audit_entry where trail = :t order by seq", t=f"task:{task}")
    return [row.event for row in rows]


CHANGES: dict[str, dict[str, Any]] = {
    "change amount to 300": {"amount": 30000},
    "Please change the amount to 30.00, thanks": {"amount": 3000},
    "make it 300 instead": {"amount": 30000},
    "Hi,\n\ncould you make it 30.00 instead?\n\nAnna": {"amount": 3000},
    "it should be $30": {"amount": 3000},
    "My mistake, the amount is 30 USD.": {"amount": 3000},
    "it is order 1002, not 1001": {"order": "1002"},
    "Sorry, wrong order. It should be 1002.": {"order": "1002"},
    "change the amount to 30 and the order number to 1002": {"amount": 3000, "order": "1002"},
    "Amount to pay back: 30.00\nWhy: It was lost,\nand found again.": {
        "amount": 3000,
        "reason": "It was lost,\nand found again.",
    },
    "change amount from 42.00 to 30": {"amount": 3000},
    "change amount to 30 because half of it came back": {"amount": 3000},
}


@pytest.mark.parametrize(("words", "differs"), CHANGES.items(), ids=[repr(words)[:50] for words in CHANGES])
def test_plain_words_change_the_request(door: MailDoor, task: int, words: str, differs: dict[str, Any]) -> None:
    row = write(door, words)

    assert request_of(door) == AT_FIRST | differs
    assert (row.became, row.reference, row.why) == ("task", f"T-{task}", "changed_it")
    assert "request_changed" in events(door, task)
    assert "→" in door.answers()[-1]
    assert f"T-{task} begins anew with that." in door.answers()[-1]


def test_the_changed_request_is_what_is_carried_out(door: MailDoor, task: int) -> None:
    write(door, "change amount to 30.00 because half of it came back")

    door.house.work()

    assert door.house.shop("select order_number, amount from refunds where order_number = '1001'") == [("1001", 3000)]
    (entry,) = door.house.rows("select content from audit_entry where event = 'request_changed'")
    assert (entry.content["by"], entry.content["via"], entry.content["reason"]) == (
        "anna",
        "mail",
        "half of it came back",
    )


DOUBTFUL = (
    "make it less", "change it", "change amount to 30 if she agrees", "the amount should be lower", "make it 1003 instead", "change amount to 30,00",
    "change amount to 30 EUR", "change amount from 41 to 30", "amount: 30\namount: 40", "amount is 30?", "cancel?", "don't cancel",
    "cancel but keep the order", "cancel\namount: 30", "cancel T-9999", "change the customer to Ms Lee", "change order to 12", "change amount to 30. Or 40.",
)  # fmt: skip


@pytest.mark.parametrize("words", DOUBTFUL)
def test_doubt_changes_nothing_and_says_what_can_be_changed_and_how(door: MailDoor, task: int, words: str) -> None:
    row = write(door, words)

    assert request_of(door) == AT_FIRST
    assert (row.became, door.tasks()[0].state) == ("ignored", "ready")
    told = door.answers()[-1]
    assert told.startswith(f"T-{task} goes on as it was asked")
    assert "Not understood:" in told
    assert "order: 1001\namount: 42.00 USD\nreason: The parcel was lost by the carrier." in told
    assert "change amount to 42.00" in told
    assert "cancel" in told


def test_what_was_understood_beside_a_doubt_is_said_and_not_done(door: MailDoor, task: int) -> None:
    write(door, "change amount to 30\nand call me before you pay")

    assert request_of(door) == AT_FIRST
    assert "Understood:\namount: 30\n\nNot understood:\n“and call me before you pay”" in door.answers()[-1]


@pytest.mark.parametrize(
    "words",
    [
        "cancel",
        "Please cancel this.",
        "never mind, the customer got it",
        "Hi,\n\nI'd like to cancel this\n\nAnna",
        "recall it",
    ],
)
def test_plain_words_end_the_request(door: MailDoor, task: int, words: str) -> None:
    row = write(door, words)

    assert (row.became, row.why, door.tasks()[0].state) == ("task", "cancelled", "cancelled")
    (result,) = door.house.rows("select 1 from outbox where message = 'result'")
    assert result is not None
    assert door.answers() == [], "the letter on how it ended says it"


def test_a_reason_behind_the_word_is_kept(door: MailDoor, task: int) -> None:
    write(door, "Cancel, because the customer called.")

    (entry,) = door.house.rows("select content from audit_entry where event = 'cancelled'")
    assert (entry.content["by"], entry.content["via"], entry.content["reason"]) == (
        "anna",
        "mail",
        "the customer called",
    )


def test_only_the_requester_changes_it_and_a_try_stays_on_record(door: MailDoor, task: int) -> None:
    row = write(door, "change amount to 30", by="tomas")

    assert (row.became, request_of(door)) == ("ignored", AT_FIRST)
    assert "Only Anna Kowalczyk can change what" in door.answers()[-1]
    assert door.house.rows("select 1 from audit_entry where event = 'change_refused' and actor = 'person:tomas'")


def test_somebody_else_does_not_end_it(door: MailDoor, task: int) -> None:
    write(door, "cancel", by="tomas")

    assert door.tasks()[0].state == "ready"
    assert "your try is on record" in door.answers()[-1]


@pytest.mark.parametrize(
    ("changed", "became"),
    [({"proven": False}, "quarantine"), ({"header": "Auto-Submitted: auto-replied\n"}, "ignored")],
)
def test_who_is_not_proven_or_no_person_changes_nothing(
    door: MailDoor, task: int, changed: dict[str, Any], became: str
) -> None:
    row = write(door, "change amount to 30", **changed)

    assert (row.became, request_of(door), door.answers()) == (became, AT_FIRST, [])


def test_the_same_letter_twice_changes_it_once(door: MailDoor, task: int) -> None:
    write(door, "change amount to 30")
    door.send(letter("change amount to 30", name="<2@morning.example>", header=THREAD))

    assert len(door.settled(2)) == 2
    assert events(door, task).count("request_changed") == 1
    assert len(door.answers()) == 1


def test_what_has_ended_is_not_changed_any_more(door: MailDoor, task: int) -> None:
    door.house.work()

    write(door, "change amount to 30")
    write(door, "cancel", name="<3@morning.example>")

    assert request_of(door) == AT_FIRST
    assert "has ended already" in door.answers()[0]
    assert "has ended already" in door.answers()[1]


def test_a_card_that_waited_says_who_changed_the_request(door: MailDoor) -> None:
    door.send(letter(ASKED.replace("1001", "1234").replace("42.00", "740.00")))
    door.settled()
    door.house.work()
    (decision,) = door.house.rows("select number from decision")

    header = "In-Reply-To: <1@morning.example>\n"
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            "update outbox set team = 'mail', ts = '<1@morning.example>' where message = 'task'"
        )
    door.send(letter("make it 720.00 instead", name="<2@morning.example>", header=header))
    door.settled(2)

    assert door.decision(decision.number).state == "withdrawn"
    door.house.work()
    (fresh,) = door.house.rows("select proposal from decision where state = 'open'")
    assert fresh.proposal["args"]["amount"] == 72000


@pytest.mark.parametrize(
    ("words", "answers"), [("Thank you so much!", 0), ("Thanks, that was quick.", 1), ("My mistake.", 1)]
)
def test_talk_changes_nothing_and_thanks_need_no_answer(door: MailDoor, task: int, words: str, answers: int) -> None:
    row = write(door, words)

    assert (row.became, request_of(door), len(door.answers())) == ("ignored", AT_FIRST, answers)


def test_the_two_parts_of_a_letter_must_ask_the_same(door: MailDoor, task: int) -> None:
    header = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n"
    text = (
        "--b\nContent-Type: text/plain\n\nchange amount to 30\n"
        "--b\nContent-Type: text/html\n\n<p>change amount to 41</p>\n--b--\n"
    )
    write(door, text, header=header)

    assert request_of(door) == AT_FIRST
    assert "one thing as text and another as it is shown" in door.answers()[-1]
