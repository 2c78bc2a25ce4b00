"""What no record can keep of what workers ask for and systems give: told by where it stands, and nothing is done twice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Seen
from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import lane, step, the_yard, wish, worker, yard_with

CODE = """
@worker
def place(request: Wish, desk: Desk) -> Proposal[Placed]:
    asked = request.what + (chr(0) if request.what == "question" else "")
    desk.yard.look(what=asked)
    what = request.what + (chr(0) if request.what == "proposal" else "")
    return desk.yard.place(what=what, because="it is wanted")
"""
NUL = "a\x00b"


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with a lane that looks and places."""
    placer = worker("requester", "request", "placed", reads=["yard.look"], writes=["yard.place"])
    signs = lane("signs", {"placer": placer}, [step("place", "placer", "Placed", "placed")], CODE)
    with yard_with(signs, database_urls, valkey_server.url, home) as found:
        yield found


def instead_of(office: House, monkeypatch: pytest.MonkeyPatch, name: str, other: Callable[..., Any]) -> None:
    """Have the yard do something else, which is given what it did before."""
    tool = type(the_yard(office))
    before = getattr(tool, name)

    def changed(self: Any, **given: Any) -> Any:
        return other(before(self, **given))

    if hasattr(before, "__chargehand_operation__"):
        changed.__chargehand_operation__ = before.__chargehand_operation__  # type: ignore[attr-defined]
    monkeypatch.setattr(tool, name, changed)


def effects(office: House) -> list[Any]:
    return [(row.state, row.answer) for row in office.rows("select state, answer from effect")]


@pytest.mark.parametrize(
    ("what", "words", "called"),
    [
        ("question", "yard.look was asked with arguments in which what holds a character", set()),
        ("proposal", "Helper proposed yard.place with arguments in which what holds a character", {"look proposal"}),
        ("reading", "yard.look gave an answer in which says holds a number", {"look reading"}),
    ],
)
def test_a_worker_fails_by_what_can_t_be_kept_before_anything_is_done(
    office: House, monkeypatch: pytest.MonkeyPatch, what: str, words: str, called: set[str]
) -> None:
    if what == "reading":
        instead_of(office, monkeypatch, "look", lambda found: {**found, "says": 2**60})
    task, other = wish(office, "signs", what), wish(office, "signs", "sign") if what != "reading" else None

    office.work()

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert f"{words} that can't be kept." in row.sentence
    assert {name for name, times in the_yard(office).counts.items() if times and name.endswith(what)} == called
    assert other is None or office.task(other).state is TaskState.DONE
    assert_trail_is_whole(office, task)


def test_what_a_system_answers_and_can_t_be_kept_is_told_and_the_look_proves_the_effect(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(office, monkeypatch, "place", lambda _: {"says": NUL, "id": 2**60})
    task = wish(office, "signs", "sign")

    office.work()

    assert office.task(task).state is TaskState.DONE
    told = {"not_kept": "says holds a character that can't be kept", "text": f"{{'says': 'a\\x00b', 'id': {2**60}}}"}
    assert effects(office) == [("verified", told)]


def test_numbers_of_any_length_in_what_a_system_answers_are_kept(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(office, monkeypatch, "place", lambda _: {"id": 2**60})
    instead_of(
        office, monkeypatch, "placed_by_key", lambda seen: seen and replace(seen, args={**seen.args, "n": 2**60})
    )
    task = wish(office, "signs", "sign")

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert effects(office) == [("verified", {"id": 2**60})]


def test_a_look_that_shows_what_can_t_be_kept_is_no_proof_and_a_person_is_asked(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(office, monkeypatch, "placed_by_key", lambda seen: seen and Seen(NUL, seen.args, seen.at))
    task = wish(office, "signs", "sign")
    for _ in range(12):
        office.work()
        office.wait(700)

    waiting = office.task(task)
    assert (waiting.waiting_for, waiting.state) == (WaitingFor.BLOCKER, TaskState.WAITING)
    sight = "A look at yard.place shows something in which reference holds a character that can't be kept."
    assert sight in waiting.sentence
    assert stuck(office) == []

    office.answer_blocker("nuno", reason="It stands there.")
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert the_yard(office).counts["place sign"] == 1
    assert_trail_is_whole(office, task)
