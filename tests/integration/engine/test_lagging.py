"""A world that shows late what it has taken: it is waited for within bounds, and nothing is done twice meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Deterministic, Seen, Transient, effect, reads
from contracts.vocabulary import Answer, TaskState, WaitingFor
from escalation.decisions import OutcomeKind
from tests.builders import House, house
from tests.integration.engine.dying import Reaper, survive
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, next_runner, stuck

LAGS = (0.1, 1.0, 5.0, 20.0, 60.0)
BOUND_S = 60.0
Trouble = Callable[[], None]


@dataclass(slots=True)
class LaggingShop:
    """Shows a refund `lag_s` seconds of the record's clock after it has taken it.

    With `refuses_again` a key that it has taken raises Deterministic, otherwise it is answered as the first time; `pays_twice`
    has it take every call. `before` is raised instead of taking a call, `after` once it was taken.
    """

    now: Callable[[], float]
    lag_s: float
    pays_twice: bool
    refuses_again: bool = False
    paid: list[tuple[str, float]] = field(default_factory=list)
    before: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    calls: int = 0

    @reads()
    def order(self, *, number: str) -> Any:
        """An order that was paid."""
        order = {"number": number, "customer": "Ada", "status": "paid", "paid": 200000, "paid_at": 1793491200}
        return {**order, "refunded": 0}

    @effect("readable", look="refund_by_key", blast="spending", settle_s=BOUND_S)
    def refund(self, *, order: str, amount: int, reason: str = "", key: str) -> dict[str, Any]:
        """Take a refund."""
        self.calls += 1
        if self.before:
            raise self.before.pop()
        has_it = any(key == known for known, _ in self.paid)
        if has_it and self.refuses_again:
            raise Deterministic("The shop knows this key.", cause="shop")
        if self.pays_twice or not has_it:
            self.paid.append((key, self.now()))
        if self.after:
            raise self.after.pop()
        return {}

    def refund_by_key(self, *, key: str, order: str, amount: int, reason: str) -> Seen | None:
        """The refund of a key, once it has become visible."""
        visible = [at for known, at in self.paid if known == key and at + self.lag_s <= self.now()]
        args = {"order": order, "amount": amount, "reason": reason}
        return Seen("1", args, int(visible[0])) if visible else None


@pytest.fixture
def keyed(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The company whose shop takes a key only once."""
    changes = {"tools/shop.py": ('@effect("readable"', '@effect("keyed"')}
    with house(database_urls, valkey_server.url, home, folder=changed_company(home, changes)) as found:
        yield found


def lagging(office: House, lag_s: float, *, pays_twice: bool = True, refuses_again: bool = False) -> LaggingShop:
    """Put a shop that lags in the place of the one on disk."""

    def now() -> float:
        return float(office.rows("select extract(epoch from chargehand_now()) as at")[0].at)

    shop = LaggingShop(now, lag_s, pays_twice, refuses_again)
    for runner in (office.runner, office.peer):
        runner.systems[office.company]["shop"] = shop
    return shop


def live_until_settled(office: House, task: int) -> None:
    """Work whenever something is due, with another runner after each death, for a little more than three bounds."""
    for turn in range(45):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
        if office.task(task).state in (TaskState.DONE, TaskState.FAILED):
            return
        office.wait(5)


def assert_paid_once(office: House, task: int, shop: LaggingShop) -> None:
    """Done, verified, and taken once by the world."""
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert [key for key, _ in shop.paid] == [f"morning/T-{task}/pay/1/1"]
    assert [row.state for row in office.rows("select state from effect")] == ["verified"]
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize("lag_s", LAGS)
def test_a_call_that_was_answered_is_verified_once_the_world_shows_it(office: House, lag_s: float) -> None:
    shop = lagging(office, lag_s)
    task = office.asked()

    live_until_settled(office, task)

    assert_paid_once(office, task, shop)
    assert shop.calls == 1


@pytest.mark.parametrize("error", [Transient("It broke off."), ConnectionResetError(), ValueError("?")])
@pytest.mark.parametrize("lag_s", LAGS)
def test_a_call_that_broke_off_is_not_made_again_while_the_world_may_still_show_it(
    office: House, lag_s: float, error: Exception
) -> None:
    shop = lagging(office, lag_s)
    shop.after = [error]
    task = office.asked()

    live_until_settled(office, task)

    assert_paid_once(office, task, shop)
    assert shop.calls == 1


@pytest.mark.parametrize("place", ["effect.after_call", "verify.before_commit", "verify.after_look"])
@pytest.mark.parametrize("lag_s", LAGS)
def test_a_runner_that_dies_after_its_call_leaves_one_that_is_found_late(
    office: House, reaper: Reaper, lag_s: float, place: str
) -> None:
    shop = lagging(office, lag_s)
    task = office.asked()
    died = reaper.kill_in(place)

    live_until_settled(office, task)

    assert died == [place]
    assert_paid_once(office, task, shop)
    assert shop.calls == 1


@pytest.mark.parametrize("refuses_again", [False, True])
@pytest.mark.parametrize("place", ["effect.before_call", "effect.after_call"])
@pytest.mark.parametrize("lag_s", LAGS)
def test_a_keyed_call_that_is_repeated_under_its_key_pays_once_whether_the_world_refuses_the_second_or_not(
    keyed: House, reaper: Reaper, lag_s: float, place: str, refuses_again: bool
) -> None:
    shop = lagging(keyed, lag_s, pays_twice=False, refuses_again=refuses_again)
    task = keyed.asked()
    died = reaper.kill_in(place)

    live_until_settled(keyed, task)

    assert died == [place]
    assert_paid_once(keyed, task, shop)


def test_runners_that_die_at_every_look_leave_the_world_its_whole_time(office: House, reaper: Reaper) -> None:
    shop = lagging(office, BOUND_S)
    task = office.asked()
    died = reaper.kill_in("verify.after_look", passes=(1, 2))

    live_until_settled(office, task)

    assert len(died) == 2
    assert_paid_once(office, task, shop)
    assert shop.calls == 1


@pytest.mark.parametrize("error", [None, ValueError("?")])
def test_what_shows_beyond_the_bound_goes_to_a_human_and_is_found_when_they_say_so(
    office: House, error: Exception | None
) -> None:
    shop = lagging(office, 10_000)
    shop.after = [error] if error is not None else []
    task = office.asked()

    live_until_settled(office, task)
    row = office.task(task)
    office.wait(10_000)
    answered = office.answer_blocker("ruth", Answer.APPROVE, "It stands in the bank's list.")
    office.work()

    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "Nobody knows whether shop.refund happened" in row.sentence
    assert stuck(office) == []
    assert answered is OutcomeKind.DECIDED
    assert_paid_once(office, task, shop)
    assert shop.calls == 1


def test_a_refusal_of_a_repeated_key_is_believed_once_the_earlier_call_must_have_shown(
    keyed: House, reaper: Reaper
) -> None:
    shop = lagging(keyed, 0.1, pays_twice=False)
    shop.before = [Deterministic("The shop does not refund gift cards.", cause="shop") for _ in range(3)]
    task = keyed.asked()
    reaper.kill_in("effect.before_call")

    live_until_settled(keyed, task)

    row = keyed.task(task)
    assert row.state is TaskState.FAILED
    assert row.sentence.startswith("The shop does not refund gift cards. It was read back: nothing was changed.")
    assert (shop.calls, shop.paid) == (2, [])
