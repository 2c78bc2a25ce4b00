"""Letters at the door: kept before they are acknowledged, each one once, and none that proves nothing gets in."""

from dataclasses import replace
from datetime import timedelta

from chargehand.commands.mail import _shown
from gateway.mail.quarantine import raw_of, set_aside
from storage import deliveries
from storage.database import Database
from storage.deliveries import Delivery
from tests.integration.gateway.mail.mail_door import ASKED, REFUNDS, MailDoor, config, letter, listening, until


def test_a_letter_becomes_the_task_that_a_form_would_make(door: MailDoor) -> None:
    code, _ = door.send(letter())

    (row,) = door.settled()
    assert (code, row.became) == (250, "task")
    (task,) = door.tasks()
    assert (row.reference, task.requester) == (f"T-{task.number}", "anna")
    assert task.request == {"order": "1001", "amount": 4200, "reason": "The parcel was lost by the carrier."}
    assert task.origin == {
        "surface": "mail",
        "address": "anna@morning.example",
        "message_id": "<1@morning.example>",
        "subject": "Refund please",
        "references": [],
    }


def test_the_same_letter_by_every_way_is_one_task(door: MailDoor) -> None:
    raw = letter()
    again = b"Received: from elsewhere by mx\r\n" + raw

    said = [door.send(raw)[0], door.send(raw)[0], door.send(again)[0], door.send(raw, REFUNDS, REFUNDS)[0]]
    posted = [door.post(raw).status_code, door.post(again.replace(b"\r\n", b"\n")).status_code]

    rows = door.settled()
    until(lambda: all(row.handled_at for row in door.rows()))
    assert (said, posted) == ([250] * 4, [202] * 2)
    assert len(door.tasks()) == 1
    assert sorted(row.became for row in door.rows()) == ["ignored"] * (len(door.rows()) - 1) + ["task"]
    assert rows


def test_the_same_message_id_with_another_body_is_another_task(door: MailDoor) -> None:
    door.send(letter())
    door.send(letter(ASKED.replace("1001", "1002")))

    door.settled(2)

    assert {task.request["order"] for task in door.tasks()} == {"1001", "1002"}


def test_a_letter_without_a_message_id_is_still_one(door: MailDoor) -> None:
    for _ in range(3):
        door.send(letter(name=""))

    door.settled()

    assert len(door.tasks()) == 1


def test_a_forgers_copy_that_comes_first_does_not_hide_the_true_letter(door: MailDoor) -> None:
    door.send(letter(proven=False))
    door.settled()

    door.send(letter())

    rows = door.settled(2)
    assert [row.became for row in rows] == ["quarantine", "task"]


def test_a_letter_that_proves_nothing_waits_for_an_operator(door: MailDoor) -> None:
    raw = letter(proven=False)
    door.send(raw)

    (row,) = door.settled()
    assert (row.became, door.tasks(), door.answers()) == ("quarantine", [], [])
    with door.house.deployment.database.transaction("morning") as unit:
        (shown,) = set_aside(unit, limit=5)
        assert "found no proof for morning.example" in shown.why
        assert raw_of(unit, shown.name) == raw


def test_somebody_unknown_is_not_answered(door: MailDoor) -> None:
    door.send(letter(by="otto@elsewhere.example"), sender="otto@elsewhere.example")

    (row,) = door.settled()

    assert (row.became, row.why) == ("quarantine", "nobody of the company has its sender's address")
    assert door.answers() == []


def test_a_letter_that_breaks_the_parser_is_kept_for_a_person(door: MailDoor) -> None:
    raw = letter(header="".join(f"X-{n}: a\n" for n in range(2_000)))

    code, _ = door.send(raw)

    (row,) = door.settled()
    assert (code, row.became) == (250, "quarantine")
    assert row.why.startswith("Unreadable mail: it has more than 1,000 header fields")


def test_letters_to_nobody_of_ours_are_refused_at_the_door(door: MailDoor) -> None:
    strangers = ("nobody@morning.example", "refunds@elsewhere.example", "reply+morning.1.mei.forged@morning.example")

    said = [door.send(letter(), one)[0] for one in strangers]

    assert said == [550, 550, 550]
    assert door.post(letter(), to=strangers[0]).status_code == 404
    assert door.rows() == []


def test_a_letter_that_is_too_large_is_refused(door: MailDoor) -> None:
    raw = letter() + (b"a" * 988 + b"\r\n") * (27 * 1024)

    assert door.send(raw)[0] == 552
    assert door.post(raw).status_code == 413
    assert door.rows() == []


def test_while_the_database_is_away_senders_are_told_to_come_again(door: MailDoor) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    lost = replace(door.house.deployment, database=nowhere)

    with listening(lost, config()) as port:
        code, said = replace(door, port=port).send(letter())

    nowhere.close()
    assert (code, said) == (451, "4.3.0 not kept, send it again")


def test_a_provider_that_proves_nothing_is_refused(door: MailDoor) -> None:
    raw = letter()

    answers = [
        door.post(raw, secret="another").status_code,
        door.post(raw, **{"X-Chargehand-Signature": ""}).status_code,
        door.post(raw, to="").status_code,
    ]

    assert answers == [401, 401, 400]
    assert door.rows() == []


def test_checks_from_outside_find_a_letter_by_its_message_id(door: MailDoor) -> None:
    door.send(letter())
    door.settled()

    found = door.http.get(f"{door.web}/api/v1/test/deliveries", params={"message_id": "<1@morning.example>"}).json()

    assert found["known"]
    assert (found["became"], found["task"]) == ("task", f"T-{door.tasks()[0].number}")


def test_what_a_forger_writes_is_shown_harmlessly() -> None:
    assert _shown("eve\x1b[2J@evil.example") == "eve?[2J@evil.example"


def test_no_machine_is_answered_and_none_decides(door: MailDoor) -> None:
    machines = [
        "Auto-Submitted: auto-replied\n",
        "Precedence: bulk\n",
        "List-Id: <talk.lists.example>\n",
        "".join("Received: from a by b\n" for _ in range(100)),
        "Return-Path: <>\n",
    ]
    for number, header in enumerate(machines):
        door.send(letter("I am away.", header=header, name=f"<m{number}@morning.example>"))
    door.send(letter("I am away.", name="<m6@morning.example>"), sender="")
    door.send(letter("I am away.", by="refunds@morning.example", name="<m7@morning.example>"), sender=REFUNDS)

    rows = door.settled(7)

    assert [row.became for row in rows] == ["ignored"] * 7
    assert door.answers() == []


def test_a_machine_that_does_not_say_so_is_answered_once_a_day(door: MailDoor) -> None:
    for number in range(6):
        door.send(letter("I am away until Monday.", name=f"<{number}@morning.example>"))

    door.settled(6)

    assert len(door.answers()) == 1


def test_a_header_in_a_subject_stays_words(door: MailDoor) -> None:
    raw = letter("order: 1001").replace(
        b"Subject: Refund please", b"Subject: =?utf-8?q?hi=0D=0ABcc:_eve@evil.example?="
    )
    door.send(raw)

    door.settled()

    (row,) = door.house.rows("select details from outbox where message = 'notice'")
    assert row.details["mail"]["subject"] == "hi Bcc: eve@evil.example"


def test_each_sweep_takes_only_what_came_by_its_own_door(door: MailDoor) -> None:
    body = {"letter": "none", "rcpt_to": [REFUNDS]}
    deployment = door.house.deployment
    for source in ("slack", "mail"):
        deliveries.receive(deployment.database, Delivery("morning", f"{source}:1", source, "letter", body))

    with deployment.database.transaction("morning") as unit:
        unit.now += timedelta(seconds=60)
        found = deliveries.overdue(unit, source="slack", limit=20)

    assert [one.key for one in found] == ["slack:1"]
    assert {row.key: row.tries for row in door.rows()} == {"slack:1": 1, "mail:1": 0}
