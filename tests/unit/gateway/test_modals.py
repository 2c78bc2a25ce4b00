"""Modals stay within what Slack takes, whatever a company calls its lanes."""

import json
from pathlib import Path

import pytest

from chargehand.business_files import load_folder
from contracts.loaded import LoadedLane
from escalation.card import Exchange
from gateway.slack import modals
from gateway.slack.bodies import Malformed
from gateway.slack.notes import DecisionNote, RequestNote, read

MORNING = Path(__file__).parents[3] / "examples" / "morning"
HOSTILE = "<!channel> *bold* <https://x|y> & " * 8


@pytest.fixture(scope="module")
def lane() -> LoadedLane:
    """The refunds lane with a title and a description at their limits."""
    found = load_folder(MORNING).lanes["refunds"]
    wordy = found.lane.model_copy(update={"title": HOSTILE[:300], "description": HOSTILE[:300]})
    return LoadedLane(**{name: getattr(found, name) for name in LoadedLane.__slots__} | {"lane": wordy})


def test_a_long_title_is_cut_to_what_a_modal_takes(lane: LoadedLane) -> None:
    view = modals.request_form(lane, "C1")

    assert len(view["title"]["text"]) == 24
    assert json.loads(view["private_metadata"]) == {"lane": "refunds", "channel": "C1"}


@pytest.mark.parametrize(("amount", "kind"), [(1, "radio_buttons"), (10, "radio_buttons"), (11, "static_select")])
def test_few_lanes_are_buttons_and_many_are_a_menu(lane: LoadedLane, amount: int, kind: str) -> None:
    view = modals.lane_choice([lane] * amount, None)

    element = view["blocks"][1]["elements"][0]
    assert element["type"] == kind
    assert len(element["options"]) == amount
    assert all(len(option["text"]["text"]) <= 75 for option in element["options"])


def test_words_of_people_stand_in_plain_text_only(lane: LoadedLane) -> None:
    views = [
        modals.request_form(lane, None),
        modals.lane_choice([lane], None),
        modals.answer_back(DecisionNote(decision=1), HOSTILE, Exchange(HOSTILE, HOSTILE, None)),
    ]

    assert not [view for view in views if "mrkdwn" in json.dumps(view)]


@pytest.mark.parametrize("text", ["[]", "5", "{", '{"lane": 5}', '{"lane": "x", "admin": true}', '{"lane": ""}'])
def test_a_note_that_we_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read(RequestNote, text)
