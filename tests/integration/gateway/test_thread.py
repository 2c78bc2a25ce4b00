"""Plain words below a card answer it as its buttons do; words of others, and edited ones, decide nothing."""

from typing import Any

import pytest

from contracts.vocabulary import DecisionState
from tests.integration.gateway.world import TEAM, World, eventually

pytestmark = pytest.mark.usefixtures("courier")


def _dm(world: World, user: str) -> str | None:
    found = [one["id"] for one in world.look("channels", user=user) if one["is_im"]]
    return str(found[0]) if found else None


def _posted(world: World, user: str, words: str) -> dict[str, Any]:
    """The message in somebody's DM that has these words, as soon as it is there and its place is recorded."""

    def there() -> dict[str, Any] | None:
        channel = _dm(world, user)
        messages = world.look("messages", user=user, channel=channel) if channel else []
        found = [{"channel": channel, **one} for one in messages if words in str(one)]
        return found[-1] if found else None

    found: dict[str, Any] = eventually(there)
    assert found, words
    assert eventually(lambda: not world.house.rows("select 1 from outbox where state = 'sending'"))
    return found


def _card(world: World, user: str = "U0PRIYA", **request: Any) -> dict[str, Any]:
    world.house.asked(amount=74_000, **request)
    world.house.work()
    return _posted(world, user, "Refund 740.00 USD for order 1234?")


def _reply(world: World, user: str, to: dict[str, Any], words: str) -> None:
    world.act("message", user=user, channel=to["channel"], thread_ts=to["ts"], text=words)


def _becomes(world: World, state: DecisionState) -> bool:
    return bool(eventually(lambda: _state(world) == state))


def _state(world: World) -> str:
    found: str = world.house.rows("select state from decision order by number")[0].state
    return found


def _became(world: World) -> list[tuple[str, str]]:
    return [(row.became, row.why) for row in world.rows() if row.kind == "event" and row.handled_at]


def test_a_plain_yes_below_the_card_approves_and_the_refund_is_paid(world: World) -> None:
    card = _card(world)

    _reply(world, "U0PRIYA", card, "looks good to me 👍")

    assert _becomes(world, DecisionState.APPROVED)
    world.house.work()
    assert len(world.house.shop("select * from refunds where order_number = '1234'")) == 1


def test_a_no_keeps_its_reason(world: World) -> None:
    card = _card(world)

    _reply(world, "U0PRIYA", card, "no, because Anna & Tomás paid it back")

    assert _becomes(world, DecisionState.REJECTED)
    assert world.house.rows("select reason from decision")[0].reason == "Anna & Tomás paid it back"


def test_a_limit_makes_the_successor_that_its_writer_approves(world: World) -> None:
    card = _card(world)

    _reply(world, "U0PRIYA", card, "approved but only 600")

    assert _becomes(world, DecisionState.CHANGED)
    amounts = [
        row.amount for row in world.house.rows("select (proposal->'args'->>'amount')::int as amount from decision")
    ]
    assert sorted(amounts) == [60_000, 74_000]


def test_a_question_goes_to_the_requester_whose_reply_in_the_thread_answers_it(world: World) -> None:
    card = _card(world, by="anna")

    _reply(world, "U0PRIYA", card, "what did the carrier say?")
    question = _posted(world, "U0ANNA", "asks you")
    _reply(world, "U0ANNA", question, "It was lost in Hamburg.")

    assert eventually(lambda: world.house.rows("select answer from question")[0].answer == "It was lost in Hamburg.")
    assert _state(world) == DecisionState.OPEN


def test_what_can_not_be_told_decides_nothing_and_says_what_to_write(world: World) -> None:
    card = _card(world)

    _reply(world, "U0PRIYA", card, "yes and no")

    assert eventually(lambda: [said for said in world.heard("U0PRIYA", card["channel"]) if "I could not tell" in said])
    assert _state(world) == DecisionState.OPEN


def test_words_beside_the_thread_decide_nothing(world: World) -> None:
    card = _card(world)

    world.act("message", user="U0PRIYA", channel=card["channel"], text="approved")

    assert eventually(lambda: ("ignored", "no reply to what was put to somebody") in _became(world))
    assert _state(world) == DecisionState.OPEN


def test_a_bystanders_reply_and_an_edited_one_decide_nothing(world: World) -> None:
    card = _card(world)
    said = {"type": "message", "channel": card["channel"], "channel_type": "im", "thread_ts": card["ts"], "ts": "1.1"}

    world.event("EvBystander", {**said, "user": "U0TOMAS", "text": "approved"})
    world.event("EvEdited", {**said, "subtype": "message_changed", "message": {"user": "U0PRIYA", "text": "approved"}})
    world.event("EvBot", {**said, "bot_id": "B0OTHER", "user": "U0OTHERBOT", "text": "approved"})

    assert eventually(lambda: ("ignored", "a bystander's reply") in _became(world))
    assert eventually(lambda: ("ignored", "a bot's message") in _became(world))
    assert eventually(lambda: ("ignored", "no reply to what was put to somebody") in _became(world))
    assert _state(world) == DecisionState.OPEN


def test_the_same_reply_delivered_five_times_decides_once(world: World) -> None:
    card = _card(world)
    said = {"type": "message", "channel": card["channel"], "channel_type": "im", "thread_ts": card["ts"], "ts": "1.1"}

    for _ in range(5):
        assert world.event("EvReply", {**said, "user": "U0PRIYA", "text": "ok", "team": TEAM}).status_code == 200

    assert _becomes(world, DecisionState.APPROVED)
    assert world.count("vote") == 1
