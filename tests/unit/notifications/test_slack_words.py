"""Button values, sealed tokens, pauses, pace and refusals: the small tables that sending stands on."""

import pytest

from notifications.slack import actions
from notifications.slack.pace import Pace
from notifications.slack.pauses import growing, retry_after
from notifications.slack.refusals import Cure, cure_of
from notifications.slack.tokens import TokenUnreadable, seal, unseal

DATE = "Sun, 22 Nov 2026 10:00:00 GMT"
DM, OTHER = ("T1", "chat.postMessage", "D1"), ("T1", "chat.postMessage", "D2")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1", 1),
        ("30", 30),
        ("120", 120),
        ("1.2", 2),
        ("0", 1),
        ("-5", 1),
        ("", 30),
        ("soon", 30),
        ("nan", 30),
        ("inf", 30),
        ("999999999999", 3600),
        ("1e300", 3600),
        ("Sun, 22 Nov 2026 10:00:45 GMT", 45),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 1),
        ("Sun, 22 Nov 2099 09:00:00 GMT", 3600),
        ("Sun, 99 Nov 2026 10:00:45 GMT", 30),
    ],
)
def test_slack_is_left_alone_for_as_long_as_it_says(said: str, seconds: float) -> None:
    assert retry_after({"Retry-After": said, "Date": DATE}) == seconds


def test_a_missing_or_undated_wish_is_thirty_seconds() -> None:
    assert retry_after({}) == 30
    assert retry_after({"Retry-After": DATE}) == 30


def test_pauses_grow_up_to_ten_minutes() -> None:
    assert [growing(tries) for tries in (0, 1, 2, 3, 9, 10, 1000)] == [2, 2, 4, 8, 512, 600, 600]


def test_posts_to_one_place_are_a_second_apart_and_keep_their_order() -> None:
    pace = Pace(apart_s=1.0)

    waits = [pace.wait(DM, letter, now=100.0) for letter in (1, 2, 3)]

    assert waits == [0.0, 1.0, 2.0]
    assert pace.wait(OTHER, 9, now=100.0) == 0.0
    assert pace.wait(DM, 2, now=101.0) == 0.0
    assert pace.wait(DM, 4, now=101.0) == 2.0
    assert pace.wait(DM, 3, now=102.0) == 0.0


def test_a_slow_call_keeps_the_next_one_apart_too() -> None:
    pace = Pace(apart_s=1.0)
    pace.wait(DM, 1, now=100.0)
    pace.wait(DM, 2, now=100.0)

    pace.used(DM, now=100.8)

    assert pace.wait(DM, 2, now=101.0) == pytest.approx(0.8)
    assert pace.wait(DM, 2, now=101.8) == 0.0


def test_a_resting_place_is_left_alone_and_the_first_to_hear_goes_first() -> None:
    pace = Pace(apart_s=1.0)
    pace.wait(DM, 1, now=100.0)
    pace.wait(DM, 2, now=100.0)

    pace.rest(DM, 1, until=130.0)

    assert pace.wait(DM, 2, now=101.0) == 30.0
    assert pace.wait(DM, 1, now=129.9) == pytest.approx(0.1)
    assert pace.wait(DM, 1, now=130.0) == 0.0
    assert pace.wait(DM, 2, now=131.0) == 0.0
    assert pace.wait(OTHER, 3, now=101.0) == 0.0


def test_long_past_paces_are_forgotten() -> None:
    pace = Pace(apart_s=1.0)
    for number in range(10_050):
        pace.wait(("T1", "chat.postMessage", f"D{number}"), number, now=float(number))

    assert len(pace.free_at) < 10_050


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        ("channel_not_found", Cure.REDIRECT),
        ("is_archived", Cure.REDIRECT),
        ("invalid_blocks", Cure.PLAIN),
        ("msg_too_long", Cure.PLAIN),
        ("token_revoked", Cure.UNUSABLE),
        ("missing_scope", Cure.UNUSABLE),
        ("user_not_found", Cure.NOBODY),
        ("message_not_found", Cure.ANEW),
        ("never_heard_of", Cure.NONE),
    ],
)
def test_every_refusal_has_its_cure(error: str, cure: Cure) -> None:
    assert cure_of(error) is cure


def test_a_sealed_token_opens_with_its_own_secret_only() -> None:
    sealed = seal("xoxb-1", "secret")

    assert unseal(sealed, "secret") == "xoxb-1"
    assert b"xoxb" not in sealed
    with pytest.raises(TokenUnreadable):
        unseal(sealed, "another")
    with pytest.raises(TokenUnreadable):
        unseal(b"x", "secret")


def test_a_buttons_value_comes_back_as_it_was_written() -> None:
    assert actions.pressed(actions.of_decision(12, "7f3a" * 16)) == actions.Pressed(decision=12, saw="7f3a" * 4)
    assert actions.pressed(actions.of_task(1042)) == actions.Pressed(task=1042)


@pytest.mark.parametrize(
    "crafted",
    [
        None,
        "",
        "12",
        "[]",
        "{",
        '{"decision": "12"}',
        '{"decision": -1}',
        '{"decision": 1e3}',
        '{"decision": 99999999999999999999}',
        '{"decision": 12, "saw": "zz"}',
        '{"decision": 12, "role": "admin"}',
        '{"decision": true}',
    ],
)
def test_a_crafted_value_says_nothing(crafted: str | None) -> None:
    assert actions.pressed(crafted) is None


def test_action_names_fit_slack_and_differ() -> None:
    assert len(set(actions.ALL)) == len(actions.ALL)
    assert all(len(name) <= 255 for name in actions.ALL)
