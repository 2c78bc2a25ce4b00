"""A plain word in the thread of a result makes an incident by mail, too; what is in doubt is asked back."""

from typing import Any

import pytest

from tests.integration.gateway.mail.mail_door import ASKED, MailDoor, letter, until

RESULT = "<result@morning.example>"


@pytest.fixture
def told(door: MailDoor) -> MailDoor:
    """Anna asked by mail, was paid, and has the letter that says so."""
    door.send(letter(ASKED))
    door.settled()
    until(lambda: door.house.work() or all(task.state == "done" for task in door.tasks()))
    door.house.rows(f"update outbox set team = 'mail', ts = '{RESULT}' where message = 'result' returning 1")
    return door


def reply(door: MailDoor, text: str, *, name: str = "<2@morning.example>", **more: Any) -> Any:
    """A letter in the result's thread; the row that it became."""
    count = len(door.rows())
    door.send(
        letter(text, name=name, header=f"In-Reply-To: {RESULT}\n", **more),
        sender=more.get("by", "anna@morning.example"),
    )
    return door.settled(count + 1)[-1]


def incidents(door: MailDoor) -> list[Any]:
    return door.house.rows("select * from incident order by number")


def test_a_plain_word_that_it_is_wrong_is_an_incident_once(told: MailDoor) -> None:
    (task,) = told.tasks()
    text = "That's the wrong customer.\n\nAnna\n\n> Done: 42.00 USD refunded for order 1001\n"

    row = reply(told, text)
    told.send(letter(text, header=f"In-Reply-To: {RESULT}\n", name="<2@morning.example>"))

    (incident,) = incidents(told)
    assert (incident.task, incident.reported_by, incident.via) == (task.number, "anna", "mail")
    assert incident.sentence.startswith("That's the wrong customer.")
    assert "Done:" not in incident.sentence
    assert (row.became, row.reference) == ("task", f"T-{task.number}")
    assert told.answers()[-1].endswith("Mei-Lin Zhao looks into it.")
    told.settled(2)
    assert len(incidents(told)) == 1


def test_somebody_else_of_the_company_who_has_the_letter_may_say_so(told: MailDoor) -> None:
    reply(told, "this is wrong", by="priya@morning.example")

    assert [one.reported_by for one in incidents(told)] == ["priya"]


def test_a_doubtful_one_is_asked_back(told: MailDoor) -> None:
    (task,) = told.tasks()

    reply(told, "Is this wrong?")

    assert incidents(told) == []
    assert told.answers()[-1].startswith(f"Do you mean that the result of T-{task.number} is wrong?")


def test_thanks_are_left_alone_and_other_talk_is_answered(told: MailDoor) -> None:
    before = len(told.answers())

    reply(told, "Thank you!")
    thanked = len(told.answers())
    reply(told, "When is the next sale?", name="<3@morning.example>")

    assert (thanked, incidents(told)) == (before, [])
    assert "has ended: this letter changes nothing." in told.answers()[-1]
