"""What hangs on another message is not taken before that one stands, however urgent it is."""

from contracts.vocabulary import Message, OutboxState
from storage.outbox import Letter, Outgoing, give_up, put, sent, take
from tests.builders import House

LIVE = [Letter(Message.TASK, f"task:{number}", task=number) for number in range(1, 21)]
RESULTS = [Letter(Message.RESULT, f"result:{number}", task=number) for number in range(1, 21)]


def taken(office: House, limit: int) -> list[Outgoing]:
    """What a courier takes of these letters."""
    with office.deployment.database.transaction("morning") as unit:
        return take(unit, limit=limit)


def written(office: House) -> None:
    """Twenty tasks that have ended before anything was told of them."""
    with office.deployment.database.transaction("morning") as unit:
        for letter in [*RESULTS, *LIVE]:
            put(unit, letter)


def test_many_results_do_not_keep_the_live_messages_from_their_turn(office: House) -> None:
    written(office)

    assert {one.message for one in taken(office, 8)} == {Message.TASK}


def test_a_result_is_taken_as_soon_as_its_live_message_stands_or_never_will(office: House) -> None:
    written(office)
    first, second, *_ = taken(office, 20)

    with office.deployment.database.transaction("morning") as unit:
        sent(unit, first, team="T1", channel="C1", ts="1.1", shown_digest=None)
        give_up(unit, second, state=OutboxState.UNKNOWN, why="broke off")

    assert [(one.message, one.task) for one in taken(office, 20)] == [
        (Message.RESULT, first.task),
        (Message.RESULT, second.task),
    ]
