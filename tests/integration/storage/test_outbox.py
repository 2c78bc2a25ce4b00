"""The outbox: one row a message however often it is wanted, most urgent first, and never two hands on one row."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from contracts.vocabulary import Message, OutboxState
from storage.outbox import Letter, Outgoing, doubt, give_up, postpone, put, sent, show_again, take
from tests.builders import House


def write(office: House, *letters: Letter) -> None:
    """Letters in one transaction."""
    with office.deployment.database.transaction("morning") as unit:
        for letter in letters:
            put(unit, letter)


def taken(office: House, limit: int = 10) -> list[Outgoing]:
    """What a courier takes."""
    with office.deployment.database.transaction("morning") as unit:
        return take(unit, limit=limit)


def arrived(office: House, letter: Outgoing) -> None:
    """The courier says where it stands."""
    with office.deployment.database.transaction("morning") as unit:
        sent(unit, letter, team="T1", channel="C1", ts="1.1", shown_digest=None)


TASK = Letter(Message.TASK, "task:1", task=1)


def state_of(office: House) -> tuple[str, int]:
    """(state, wanted) of the only row."""
    (row,) = office.rows("select state, wanted from outbox")
    return row.state, row.wanted


def test_the_same_letter_twice_is_one_row_that_is_wanted_once_more_with_the_newest_details(office: House) -> None:
    write(office, TASK, Letter(Message.TASK, "task:1", task=1, details={"n": 2}))

    assert state_of(office) == ("pending", 2)
    assert taken(office)[0].details == {"n": 2}


def test_what_is_wanted_anew_while_it_is_being_sent_stays_sending_and_is_pending_after_it(office: House) -> None:
    write(office, TASK)
    (letter,) = taken(office)

    write(office, TASK)
    while_sending = state_of(office)
    arrived(office, letter)
    after = state_of(office)
    (again,) = taken(office)
    arrived(office, again)

    assert while_sending == ("sending", 2)
    assert after == ("pending", 2)
    assert again.ts == "1.1"
    assert state_of(office) == ("sent", 2)


def test_the_most_urgent_are_taken_first(office: House) -> None:
    kinds = [Message.TASK, Message.RESULT, Message.CARD, Message.NOTICE, Message.QUESTION]
    write(office, *(Letter(kind, str(kind)) for kind in kinds))

    order = [letter.message for letter in taken(office)]

    assert order == [Message.CARD, Message.QUESTION, Message.NOTICE, Message.RESULT, Message.TASK]


@pytest.mark.usefixtures("standing_clock")
def test_one_whose_courier_is_gone_comes_back_after_ten_seconds_and_says_that_it_was_being_sent(office: House) -> None:
    write(office, TASK)
    first = taken(office)
    office.wait(9)
    too_early = taken(office)
    office.wait(2)
    (back,) = taken(office)

    assert first[0].state is OutboxState.PENDING
    assert too_early == []
    assert (back.state, back.tries) == (OutboxState.SENDING, 1)


def test_a_doubtful_one_remembers_where_it_may_have_arrived(office: House) -> None:
    write(office, TASK)
    (letter,) = taken(office)
    with office.deployment.database.transaction("morning") as unit:
        doubt(unit, letter, team="T1", channel="D1", why="reset")
    at_once = taken(office)
    office.wait(11)
    (back,) = taken(office)

    assert at_once == []
    assert (back.state, back.channel, back.ts) == (OutboxState.SENDING, "D1", None)


def test_two_couriers_at_once_never_share_a_row(office: House) -> None:
    write(office, *(Letter(Message.NOTICE, f"n:{i}") for i in range(60)))

    with ThreadPoolExecutor(4) as threads:
        batches = list(threads.map(lambda _: [one.id for one in taken(office, 20)], range(4)))

    ids = [one for batch in batches for one in batch]
    assert len(ids) == len(set(ids))
    assert set(ids) | {one.id for one in taken(office, 60)} == {r.id for r in office.rows("select id from outbox")}


def test_one_that_was_put_off_is_not_sent_before_its_time_even_when_it_is_wanted_anew(office: House) -> None:
    write(office, TASK)
    (letter,) = taken(office)
    with office.deployment.database.transaction("morning") as unit:
        postpone(unit, letter, until=unit.now + timedelta(seconds=60), why="ratelimited")

    write(office, TASK)
    early = taken(office)
    office.wait(61)

    assert early == []
    assert len(taken(office)) == 1


def test_every_copy_of_a_card_is_shown_again_and_nothing_else(office: House) -> None:
    cards = [Letter(Message.CARD, f"card:7:{who}", person=who, decision=7) for who in ("mei", "priya")]
    write(office, *cards, Letter(Message.REMINDER, "r", decision=7), Letter(Message.CARD, "card:8:mei", decision=8))
    for letter in taken(office):
        arrived(office, letter)

    with office.deployment.database.transaction("morning") as unit:
        show_again(unit, decision=7)

    assert sorted(letter.person or "" for letter in taken(office)) == ["mei", "priya"]


def test_one_that_was_given_up_is_not_taken_any_more(office: House) -> None:
    write(office, TASK)
    (letter,) = taken(office)
    with office.deployment.database.transaction("morning") as unit:
        give_up(unit, letter, state=OutboxState.FAILED, why="channel_not_found")
    office.wait(60)

    assert taken(office) == []
    assert state_of(office)[0] == "failed"


def test_a_letter_of_a_transaction_that_failed_does_not_exist(office: House) -> None:
    with suppress(ZeroDivisionError), office.deployment.database.transaction("morning") as unit:
        put(unit, TASK)
        _ = 1 / 0

    assert taken(office) == []


def test_what_only_waited_for_its_turn_gets_its_try_back(office: House) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        put(unit, Letter(Message.NOTICE, "patient", person="ruth", details={"sentence": "Look."}))

    for counts in (False, True, False):
        with office.deployment.database.transaction(office.company) as unit:
            (taken,) = take(unit, limit=1)
            postpone(unit, taken, until=unit.now, why="others are before it", counts=counts)

    assert office.rows("select tries from outbox")[0].tries == 1
