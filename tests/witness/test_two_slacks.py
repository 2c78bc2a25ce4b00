"""Our sandbox and the stand-in are asked the same; where they differ, Slack's pages say who is right."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.sandbox.playing import ANNA, SUPPORT, Playing, playing
from tests.witness.questions import QUESTIONS, Side
from tests.witness.slack import standing_in

BLOCKS_UNSEEN = "the stand-in does not look into blocks; Slack does: invalid_blocks"
VIEW_WORD = "Slack's pages of views.* know invalid_arguments and no invalid_view"
# question: (our sandbox, the stand-in, why we keep ours)
DIFFERENT: dict[str, tuple[Any, Any, str]] = {
    "a block of no known type": ("invalid_blocks", "ok", BLOCKS_UNSEEN),
    "blocks that are none": (
        "invalid_blocks_format", "invalid_blocks", "chat.postMessage#errors: what is no JSON is invalid_blocks_format"
    ),
    "a modal that is none": ("invalid_arguments", "invalid_view", VIEW_WORD),
    "a modal without a title": ("invalid_arguments", "invalid_view", VIEW_WORD),
    "the replies to no message": (
        "thread_not_found", "ok", "conversations.replies: `ts` must be that of a message that is there"
    ),
    "a reply to no message": ([], ["thread_ts"], "Slack posts it in the channel: sandbox/posting.py names the report"),
    "metadata, when nobody asks": (False, True, "conversations.history: include_all_metadata is false unless given"),
    "too much history": ("invalid_limit", "ok", "conversations.history: the limit is 999"),
    "an address in other letters": ("ok", "users_not_found", "Slack's page is silent; addresses are ours, as declared"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ours() -> Iterator[Side]:
    """The sandbox."""
    with playing() as sandbox:
        yield Side(_calling(sandbox), ANNA, SUPPORT, lambda: _trigger(sandbox))


@pytest.fixture(scope="module")
def theirs() -> Iterator[Side]:
    """The stand-in."""
    with standing_in() as slack:

        def trigger() -> str:
            return str(slack.call("views.generateTriggerId", user_id=slack.ids["anna"])["trigger_id"])

        yield Side(slack.call, slack.ids["anna"], slack.ids["support"], trigger)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_slacks_answer_alike_but_for_what_is_known(ours: Side, theirs: Side, question: str) -> None:
    ours_said, theirs_said = QUESTIONS[question](ours), QUESTIONS[question](theirs)

    if question in DIFFERENT:
        assert (ours_said, theirs_said) == DIFFERENT[question][:2]
    else:
        assert ours_said == theirs_said


def test_every_known_difference_is_a_question_that_is_asked() -> None:
    assert DIFFERENT.keys() <= QUESTIONS.keys()


def _calling(sandbox: Playing) -> Any:
    def call(method: str, **arguments: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {sandbox.client.token}"}
        found: dict[str, Any] = sandbox.http.post(f"/api/{method}", json=arguments, headers=headers).json()
        return found

    return call


def _trigger(sandbox: Playing) -> str:
    sandbox.act("command", user=ANNA, channel=SUPPORT, command="/chargehand", text="")
    return parse_qs(sandbox.received[-1]["body"])["trigger_id"][0]
