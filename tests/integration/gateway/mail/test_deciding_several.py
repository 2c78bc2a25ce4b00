"""Answers to the one letter on all that waits: each by its number, through the one door, recorded alone, or not at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.vocabulary import Answer
from escalation.decisions import Voice, decide
from storage.erasing import sweep_tasks
from tests.integration.escalation.asking import open_decisions
from tests.integration.gateway.mail.list_door import SentList, sent_list
from tests.integration.gateway.mail.mail_door import REFUNDS, SENDER, MailDoor, letter, until

UNDERSTOOD_IN_PART = ("1 approve\n2 maybe, if she calls", "1 approve, 9 reject")


@pytest.fixture
def three(door: MailDoor) -> SentList:
    """Three refunds that wait for Mei, alike, on one list."""
    open_decisions(door.house, 3)
    return sent_list(door)


def say(door: MailDoor, number: int, person: str, word: Answer, reason: str) -> None:
    """Somebody answers elsewhere."""
    with door.house.deployment.database.transaction("morning") as unit:
        decide(unit, Voice(number, person, word, reason, "slack", None))


def votes(door: MailDoor) -> list[tuple[int, str, str, str]]:
    """Every vote on record."""
    rows = door.house.rows("select decision, person, answer, via from vote order by decision")
    return [(row.decision, row.person, row.answer, row.via) for row in rows]


def test_each_number_is_decided_and_recorded_alone(door: MailDoor, three: SentList) -> None:
    three.reply("1 approve, 2 reject because it was paid back in cash\n\n> 3. Refund 740.00 USD for order 2002?\n")

    (row,) = door.settled()
    first, second, _ = three.decisions
    assert (row.became, row.reference) == ("decision", "list:2 of 3")
    assert three.states() == ["approved", "rejected", "open"]
    assert door.decision(second).reason == "it was paid back in cash"
    assert sorted(votes(door)) == sorted([(first, "mei", "approve", "mail"), (second, "mei", "reject", "mail")])
    (told,) = door.answers()
    assert told.startswith("All 2 answers are taken.")
    assert "Approved. It is on record under your name." in told
    assert "Still waiting for you:\n3. Refund 740.00 USD" in told


def test_all_that_are_alike_go_with_one_word(door: MailDoor, three: SentList) -> None:
    three.reply("Approve all, the carrier was clear.\n\nMei")

    door.settled()
    assert three.states() == ["approved"] * 3
    assert [door.decision(one).reason for one in three.decisions] == ["the carrier was clear."] * 3
    assert len(votes(door)) == 3


def test_what_is_not_alike_is_not_answered_with_one_word(door: MailDoor, three: SentList) -> None:
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            "update decision set edge = 'another edge' where number = %s", (three.decisions[1],)
        )

    three.reply("approve all")

    (row,) = door.settled()
    assert (row.became, three.states()) == ("ignored", ["open"] * 3)
    assert "is not alike" in door.answers()[0]


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("1 approve\n2 maybe, if she calls", "“2 maybe, if she calls”"),
        ("approve", "say by its number which one you mean"),
        ("1 approve, 9 reject", "there is no 9 on the list"),
        ("1 approve\n1 reject", "1 stands there twice"),
        ("approve all but 2", "say by its number what each of them is"),
    ],
)
def test_a_doubt_decides_nothing_and_is_told_beside_what_was_understood(
    door: MailDoor, three: SentList, words: str, doubt: str
) -> None:
    three.reply(words)

    (row,) = door.settled()
    assert (row.became, three.states(), votes(door)) == ("ignored", ["open"] * 3, [])
    (told,) = door.answers()
    assert told.startswith("I could not understand all of your letter, so nothing was decided.")
    assert doubt in told
    assert ("Understood:\n1 approve" in told) == (words in UNDERSTOOD_IN_PART)
    assert "Answer this mail once more, with a line for each, such as:" in told


def test_the_answer_to_what_was_asked_back_decides(door: MailDoor, three: SentList) -> None:
    three.reply("1 approve\n2 hm")
    door.settled()
    (asked,) = door.house.rows("select details from outbox where message = 'notice'")

    assert asked.details["mail"]["reply_to"] == three.address
    three.reply("1 approve\n2 reject: no receipt")

    door.settled(2)
    assert three.states() == ["approved", "rejected", "open"]


def test_what_others_have_decided_meanwhile_is_said_and_the_rest_is_taken(door: MailDoor, three: SentList) -> None:
    say(door, three.decisions[0], "priya", Answer.REJECT, "a duplicate")

    three.reply("1 approve\n2 approve\n3 why so late?")

    door.settled()
    assert three.states() == ["rejected", "approved", "asked_back"]
    (told,) = door.answers()
    assert told.startswith("2 of 3 answers are taken.")
    assert "Priya Nair rejected this at" in told
    assert "a duplicate" in told
    (question,) = door.house.rows("select * from question")
    assert (question.decision, question.question) == (three.decisions[2], "why so late?")


def test_a_late_word_for_all_decides_those_that_are_open_and_says_why_not_of_the_others(
    door: MailDoor, three: SentList
) -> None:
    say(door, three.decisions[1], "priya", Answer.REJECT, "a duplicate")

    three.reply("approve all")

    door.settled()
    assert three.states() == ["approved", "rejected", "approved"]
    assert door.answers()[0].startswith("2 of 3 answers are taken.")
    assert "Priya Nair rejected this at" in door.answers()[0]


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("proposal_digest = repeat('0', 64)", "What you saw has changed since."),
        ("entitled = array['priya']", "can decide this; your try is on record."),
    ],
    ids=["the proposal has changed", "the right was lost"],
)
def test_what_can_not_be_decided_any_more_is_told_and_the_rest_is_decided(
    door: MailDoor, three: SentList, since: str, told: str
) -> None:
    door.house.rows(f"update decision set {since} where number = :n returning 1", n=three.decisions[0])

    three.reply("1 approve\n2 approve")

    door.settled()
    assert three.states() == ["open", "approved", "open"]
    assert told in door.answers()[0]


def test_other_answers_of_the_seven_go_by_number_too(door: MailDoor, three: SentList) -> None:
    three.reply("1 only 300\n2 hand over to Ruth Adeyemi\n3 remind me in 1 hour")

    door.settled()
    assert three.states() == ["changed", "open", "open"]
    successor = door.decision(three.decisions[0]).successor
    assert door.decision(successor).proposal["args"]["amount"] == 30000
    assert "ruth" in door.decision(three.decisions[1]).entitled
    assert "mei" not in door.decision(three.decisions[1]).entitled
    assert "You are reminded at" in door.answers()[0]


@pytest.mark.parametrize(
    "changed", [{"by": "kwame"}, {"by": "anna"}, {"proven": False}, {"header": "Auto-Submitted: auto-replied\n"}]
)
def test_nobody_else_decides_with_somebodys_list(door: MailDoor, three: SentList, changed: dict[str, Any]) -> None:
    three.reply("approve all", **changed)

    (row,) = door.settled()
    assert row.became in ("quarantine", "ignored")
    assert (three.states(), votes(door), door.answers()) == (["open"] * 3, [], [])


def test_an_address_of_a_list_that_was_never_sent_decides_nothing(door: MailDoor, three: SentList) -> None:
    never = SentList(door, "mei", three.row + 1000, three.decisions)

    never.reply("approve all")

    (row,) = door.settled()
    assert (row.became, three.states()) == ("quarantine", ["open"] * 3)


def test_where_the_edge_takes_no_letters_the_card_goes_to_slack_and_the_others_are_decided(
    door: MailDoor, three: SentList
) -> None:
    with door.house.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql(
            "update decision set edge = 'another edge' where number = %s", (three.decisions[0],)
        )

    three.reply("1 approve\n2 approve")

    door.settled()
    assert three.states() == ["open", "approved", "open"]
    assert door.cards_to_slack() == ["mei"]
    assert "This can't be decided by mail." in door.answers()[0]


def test_the_same_letter_delivered_many_times_and_at_once_counts_once(door: MailDoor, three: SentList) -> None:
    with ThreadPoolExecutor(4) as relays:
        list(
            relays.map(lambda _: three.reply("1 approve, 2 reject: no receipt", name="<one@morning.example>"), range(8))
        )

    rows = door.settled()
    assert len(rows) == 1
    assert len(votes(door)) == 2
    assert len(door.answers()) == 1


def test_a_letter_that_stopped_in_the_middle_goes_on_and_tells_of_all(
    door: MailDoor, three: SentList, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = iter([True])

    def stop_once(place: str) -> None:
        if place == "decide.after_commit" and next(passes, False):
            raise RuntimeError("the process ended here")

    monkeypatch.setattr("gateway.mail.deciding_several.passing", stop_once)
    three.reply("1 approve\n2 approve")
    until(lambda: len(votes(door)) == 1)

    door.house.wait(60)

    until(lambda: door.rows()[0].handled_at, within_s=60)
    assert three.states() == ["approved", "approved", "open"]
    assert len(votes(door)) == 2
    (told,) = door.answers()
    assert told.startswith("All 2 answers are taken.")


def test_the_two_parts_of_a_letter_must_say_the_same(door: MailDoor, three: SentList) -> None:
    header = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n"
    parts = "--b\nContent-Type: text/plain\n\n1 approve\n--b\nContent-Type: text/html\n\n<p>1 reject</p>\n--b--\n"
    three.reply(parts, header=header)

    door.settled()
    assert three.states() == ["open"] * 3
    assert "one thing as text and another as it is shown" in door.answers()[0]


@pytest.mark.parametrize(
    "words", ["1 approve, 2 reject because Ms Lee was paid back", "2 reject because Ms Lee called, 1 hm"]
)
def test_an_erasure_of_one_of_them_takes_the_letter_that_answered_several(
    door: MailDoor, three: SentList, words: str
) -> None:
    three.reply(words)
    door.settled()
    task = door.house.rows("select task from decision where number = :n", n=three.decisions[1])[0].task

    with door.house.deployment.database.transaction("morning") as unit:
        sweep_tasks(unit, [task], ["refunds"], _hidden)

    (row,) = door.rows()
    assert (row.body, row.answer) == ({"erased": True}, None)
    assert [one.raw for one in door.house.rows("select raw from letter")] == [b""]
    assert "Ms Lee" not in str(door.answers())


def _hidden(value: Any) -> Any:
    """As an erasure hides a name wherever it stands in a value."""
    return json.loads(json.dumps(value).replace("Ms Lee", "[erased]"))


@pytest.mark.parametrize("to", [SENDER, REFUNDS])
def test_asking_what_waits_brings_the_list_to_whom_it_waits_for(door: MailDoor, three: SentList, to: str) -> None:
    by = "mei@morning.example"
    door.send(letter("What waits for me?\n\nMei", by=by, to=to), to, sender=by)

    (row,) = door.settled()
    (asked,) = door.house.rows("select * from outbox where message = 'reminder' and dedupe like 'waiting:mail:%'")
    assert (row.became, row.reference, asked.person, asked.decision) == ("answer", "waiting", "mei", None)
    assert asked.details["mail"]["in_reply_to"] == "<1@morning.example>"
    assert door.tasks() == door.tasks()[:3]


def test_who_is_not_proven_gets_no_list(door: MailDoor, three: SentList) -> None:
    by = "mei@morning.example"
    door.send(letter("What waits for me?", by=by, to=SENDER, proven=False), SENDER, sender=by)

    (row,) = door.settled()
    assert row.became == "quarantine"
    assert door.house.rows("select 1 from outbox where dedupe like 'waiting:mail:%'") == []
