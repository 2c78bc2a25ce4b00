"""How well routing chooses is counted from the record: what peers delivered, what came back and why, and how long it took."""

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from contracts.authoring import Transient
from engine.scorecard.delegations import Delegations, delegations, remedy
from storage.claims import Claimant
from tests.builders import House
from tests.integration.engine.test_second_rung import climb
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
    (told,) = json.loads(say(office, monkeypatch, "--json").stdout)

    assert nothing.stdout == "Nothing was handed to a peer in the last 30d.\n"
    assert table.stdout.splitlines()[1].split()[:5] == ["refunds/check", "night-checker", "1", "of", "1"]
    assert (told["delivered"], told["times"], told["poor"], told["remedy"]) == ([task], 1, False, None)


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
