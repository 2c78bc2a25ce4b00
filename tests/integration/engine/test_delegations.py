"""How well routing chooses is counted from the record: what peers delivered, what came back and why, and how long it took."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from contracts.authoring import Transient
from contracts.vocabulary import Standing, TaskState
from engine.scorecard.delegations import Delegations, delegations, remedies, remedy
from engine.scorecard.kept_back import KeptBack, kept_back
from storage.claims import Claimant
from tests.builders import House
from tests.integration.engine.test_second_rung import climb
from tests.integration.engine.test_standing import say as set_standing
from tests.integration.engine.test_standing import without_peers
from tests.integration.engine.worlds import changed_company, deploy, open_shop, raising

DOWN = Transient("The shop can't be reached.", cause="shop")
READ = "    order = desk.shop.order(number=request.order)\n"
CODE = "lanes/refunds/workers.py"


def counted(office: House) -> tuple[Delegations, ...]:
    """What was handed to peers within a week."""
    with office.deployment.database.transaction(office.company) as unit:
        return delegations(unit, ["refunds"], unit.now - timedelta(days=7))


def failing_at_night(home: Path, how: str) -> Path:
    """A company whose order checker fails always, and whose night checker fails in its own way."""
    failing = f'    if desk.before:\n        {how}\n    raise Transient("The shop can\'t be reached.", cause="shop")\n'
    folder = changed_company(home, {CODE: (READ, failing + READ)})
    code = folder / CODE
    code.write_text(code.read_text().replace("import Desk, Proposal", "import Desk, Judgment, Proposal, Transient"))
    return folder


def test_what_a_peer_delivers_is_counted_with_its_time(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    task = office.asked()

    climb(office, rounds=5)

    (found,) = counted(office)
    assert (found.lane, found.step, found.peer, found.delivered) == ("refunds", "check", "night-checker", (task,))
    assert (found.times, found.came_back, found.is_poor) == (1, 0, False)
    assert found.median_s is not None
    assert 0 <= found.median_s < 200


@pytest.mark.parametrize(
    ("case", "field"), [("needs_context", "wanted_context"), ("wrong_lane", "wrong_lane"), ("unsure", "unusable")]
)
def test_what_comes_back_is_told_apart_by_why(office: House, home: Path, case: str, field: str) -> None:
    how = f'if len(desk.before) > 3: raise Judgment("I can not tell.", case="{case}", cause="night")'
    deploy(office, failing_at_night(home, how))
    open_shop(office)
    task = office.asked()

    climb(office, rounds=8)

    (found,) = counted(office)
    assert getattr(found, field) == (task,), found
    assert (found.times, found.came_back, found.delivered, found.in_vain) == (1, 1, (), ())
    assert found.median_s is None


def test_what_fails_for_the_same_cause_in_both_hands_was_handed_over_in_vain(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(20)]
    task = office.asked()

    climb(office, rounds=12)

    found = counted(office)[0]
    assert set(found.in_vain) == set(found.unusable) == {task}
    assert found.delivered == ()


def test_what_a_peer_still_has_is_open(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    office.peer.claimant = Claimant("nobody-at-night", "browser")
    task = office.asked()
    while not office.rows("select 1 from tried where move in ('peer', 'other_runtime')"):
        office.work()
        office.wait(30)

    (found,) = counted(office)

    assert (found.open, found.over) == ((task,), 0)


def of(**tasks: tuple[int, ...]) -> Delegations:
    empty: dict[str, tuple[int, ...]] = dict.fromkeys(
        ("delivered", "unusable", "wanted_context", "wrong_lane", "in_vain", "open"), ()
    )
    return Delegations("refunds", "check", "night-checker", **{**empty, **tasks}, median_s=None)


@pytest.mark.parametrize(
    ("tasks", "poor", "word"),
    [
        ({"wanted_context": (1, 2, 3, 4, 5), "delivered": (6, 7)}, True, "as evidence"),
        ({"wrong_lane": (1, 2, 3, 4, 5)}, True, "another peer"),
        ({"unusable": (1, 2, 3, 4, 5), "in_vain": (1, 2, 3, 4, 5)}, True, "the same cause"),
        ({"unusable": (1, 2, 3, 4, 5)}, True, "chargehand why"),
        ({"wrong_lane": (1, 2, 3, 4)}, False, "another peer"),
        ({"wrong_lane": (1, 2, 3, 4, 5), "delivered": (6, 7, 8, 9, 10, 11)}, False, "another peer"),
    ],
)
def test_routing_is_called_poor_when_too_much_comes_back_and_the_remedy_is_for_what_comes_back_most(
    tasks: dict[str, tuple[int, ...]], poor: bool, word: str
) -> None:
    found = of(**tasks)

    assert (found.is_poor, word in remedy(found)) == (poor, True)


def say(office: House, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    opened = lambda company: nullcontext((office.deployment, office.company))  # noqa: E731
    monkeypatch.setattr("chargehand.commands.opening.opened", opened)
    return CliRunner().invoke(app, ["delegations", *words])


def test_the_command_shows_it_and_says_when_there_is_nothing(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = say(office, monkeypatch)
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    task = office.asked()
    climb(office, rounds=5)

    table = say(office, monkeypatch, "--since", "7d")
    whole = json.loads(say(office, monkeypatch, "--json").stdout)
    (told,) = whole["delegations"]

    assert nothing.stdout == "Nothing was handed to a peer in the last 30d.\n"
    assert table.stdout.splitlines()[1].split()[:5] == ["refunds/check", "night-checker", "1", "of", "1"]
    assert (told["delivered"], told["times"], told["poor"], told["remedy"]) == ([task], 1, False, None)
    assert (told["needless"], told["late"], whole["kept_back"]) == ([], [task], [])


def test_five_that_come_back_are_told_with_a_remedy(office: House, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how = 'if len(desk.before) > 3: raise Judgment("I can not tell.", case="needs_context", cause="night")'
    deploy(office, failing_at_night(home, how))
    open_shop(office)
    for order in range(5):
        office.asked(order=str(2000 + order), form=f"f{order}")
    climb(office, rounds=10)

    shown = say(office, monkeypatch).stdout

    assert "refunds/check: 5 of 5 came back from night-checker." in shown
    assert "keep what they lack as evidence" in shown


def test_what_its_worker_does_itself_meanwhile_was_handed_on_without_need(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    office.peer.claimant = Claimant("nobody-at-night", "nowhere")
    first = office.asked()
    climb(office, rounds=5)
    second = office.asked(order="777", form="f2")
    office.work()  # its own worker does the same step of another task while the peer has the first one
    office.peer.claimant = Claimant("somebody-at-night", "batch")
    climb(office, rounds=2)

    (found,) = counted(office)

    assert (found.delivered, found.needless, found.late) == ((first,), (first,), (first,))
    assert office.task(second).rung == "self"


def test_what_its_worker_does_itself_after_it_came_back_was_handed_on_without_need(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(20)]
    task = office.asked()
    climb(office, rounds=12)
    shop.reading.clear()
    office.answer_blocker("ruth")
    climb(office, rounds=2)

    found = counted(office)[0]

    assert office.task(task).state is TaskState.DONE
    assert (set(found.unusable), set(found.needless)) == ({task}, {task})


def test_a_peer_who_lacks_what_its_worker_lacked_was_not_asked_without_need(office: House, home: Path) -> None:
    how = 'if len(desk.before) > 3: raise Judgment("I can not tell.", case="unsure", cause="night")'
    deploy(office, failing_at_night(home, how))
    open_shop(office)
    office.asked()

    climb(office, rounds=8)

    (found,) = counted(office)
    assert (found.unusable, found.needless, found.late) == ((found.unusable[0],), (), ())


def back(office: House) -> tuple[KeptBack, ...]:
    """What people were asked about within a week and somebody else could have had."""
    business = office.deployment.businesses[office.company]
    with office.deployment.database.transaction(office.company) as unit:
        return kept_back(unit, business, unit.now - timedelta(days=7))


def test_what_people_were_asked_about_although_somebody_had_the_rights_for_it_was_kept_back(
    office: House, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_peers(home, office)
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    task = office.asked()
    climb(office, rounds=5)

    (found,) = back(office)
    shown = say(office, monkeypatch).stdout

    assert (found.lane, found.step, found.could, found.tasks) == ("refunds", "check", ("night-checker",), (task,))
    assert "refunds/check: people were asked about 1 task that night-checker never had." in shown
    assert "  name night-checker as `peer` of the step" in shown


def test_what_every_peer_had_or_nobody_may_do_now_was_not_kept_back(office: House, home: Path) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(20)]
    office.asked()
    climb(office, rounds=12)
    every_peer_had_it = back(office)

    without_peers(home, office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    office.asked(order="777", form="f2")
    climb(office, rounds=5)
    set_standing(office, "refunds/night-checker", Standing.PAUSED)

    assert (every_peer_had_it, back(office)) == ((), ())


def test_five_that_were_handed_on_without_need_or_late_are_told_with_a_remedy() -> None:
    five = (1, 2, 3, 4, 5)
    needless = replace(of(delivered=five), needless=five)
    late = replace(of(delivered=five), late=five)

    assert remedies(needless) == (
        (
            "refunds/check: 5 of 5 were handed to night-checker without need.\n"
            "  its worker does such work itself: raise `tries` or `longest_s` in `retries`, or let a tactic come first"
        ),
    )
    assert remedies(late) == (
        (
            "refunds/check: 5 of 5 reached night-checker after 4 failures or more.\n"
            "  its worker fails for long before it hands on: lower `tries` in `retries`"
        ),
    )
    assert remedies(replace(needless, needless=five[1:])) == ()
