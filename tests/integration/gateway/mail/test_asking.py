"""A request that is not complete is asked for once, and the answer in its thread completes it."""

from tests.integration.gateway.mail.mail_door import ASKED, MailDoor, letter, until


def test_one_answer_asks_for_all_that_is_missing_and_its_answer_completes_the_request(door: MailDoor) -> None:
    door.send(letter("Hello,\n\nOrder number: 1001\n\nThanks\n"))
    door.settled()

    (question,) = door.answers()
    assert "amount: 42.00\nreason: The parcel was lost" in question
    assert "order:" not in question.partition("Answer this mail with:")[2]
    assert door.tasks() == []

    header = (
        "In-Reply-To: <9.1.morning@morning.example>\nReferences: <1@morning.example> <9.1.morning@morning.example>\n"
    )
    door.send(letter("amount: 42.00\nreason: Lost by the carrier.", name="<2@morning.example>", header=header))

    rows = door.settled(2)
    (task,) = door.tasks()
    assert task.request == {"order": "1001", "amount": 4200, "reason": "Lost by the carrier."}
    assert [row.became for row in rows] == ["ignored", "task"]
    assert len(door.answers()) == 1


def test_somebody_else_does_not_complete_it(door: MailDoor) -> None:
    door.send(letter("order: 1001"))
    door.settled()

    header = "References: <1@morning.example>\n"
    door.send(
        letter(
            "amount: 42.00\nreason: Lost by the carrier.",
            by="tomas@morning.example",
            name="<2@morning.example>",
            header=header,
        )
    )

    door.settled(2)
    assert door.tasks() == []


def test_a_wrong_amount_is_told_with_what_to_write(door: MailDoor) -> None:
    door.send(letter(ASKED.replace("42.00", "42,00")))

    door.settled()

    (question,) = door.answers()
    assert "Write the amount like 42.00." in question
    assert door.tasks() == []


def test_who_may_not_ask_is_told_so(door: MailDoor) -> None:
    door.send(letter(by="priya@morning.example"), sender="priya@morning.example")

    (row,) = door.settled()

    assert row.became == "ignored"
    assert door.answers() == ["“Refund an order” is not open to you. Ask ruth for access."]


def test_a_whole_request_in_the_thread_of_one_that_lives_changes_it_and_later_asks_for_another(door: MailDoor) -> None:
    door.send(letter("order: 1001"))
    door.settled()
    header = "In-Reply-To: <1@morning.example>\nReferences: <1@morning.example>\n"
    door.send(letter("amount: 42.00\nreason: Lost by the carrier.", name="<2@morning.example>", header=header))
    door.settled(2)
    corrected = "It is the other order.\norder: 1002\namount: 19.99\nreason: Lost by the carrier."

    door.send(letter(corrected, name="<3@morning.example>", header=header))
    door.settled(3)
    (changed,) = door.tasks()
    answered = door.answers()[-1]
    door.house.work()
    door.send(letter(corrected.replace("1002", "1003"), name="<4@morning.example>", header=header))
    door.settled(4)

    assert (changed.request["order"], changed.request["amount"]) == ("1002", 1999)
    assert f"T-{changed.number} begins anew with that." in answered
    assert [one.request["order"] for one in door.tasks()] == ["1002", "1003"], "once it has ended, it is another one"


def test_a_request_that_waits_already_is_answered_with_its_task(door: MailDoor) -> None:
    door.large_refund(order="1234")

    door.send(letter(ASKED.replace("1001", "1234")))

    (row,) = door.settled()
    assert (row.became, row.why) == ("task", "already asked")
    assert until(door.answers)[0].startswith("Already asked: order 1234")
