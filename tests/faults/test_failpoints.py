"""Whoever dies, and wherever: the refund is paid once, told once, and on a whole record."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from storage.failpoints import NAMES
from tests.faults.plant import DOUBT_S, Plant
from tests.faults.test_digest import POINTS as DIGEST_POINTS
from tests.stories.stack import until

SMALL, LARGE = "42.00", "740.00"
REMINDED_AFTER_S = 3700.0
# What is moved on after a death, so that nobody sits through it: until a kept delivery is looked at again, until an
# effect whose call may still be under way may be looked up, until a message in doubt may.
WAITS_S = {"web": 6.0, "runner": 7.0, "clock": 0.0, "courier": DOUBT_S}


@dataclass(frozen=True, slots=True)
class Case:
    """At which pass of which point which process dies, while which amount is asked for, of an open or a locked shop."""

    process: str
    failpoint: str
    amount: str = SMALL
    locked: bool = False

    def __str__(self) -> str:
        return f"{self.process} at {self.failpoint}, {self.amount}"

    @property
    def name(self) -> str:
        """The failpoint without the number of the pass."""
        return self.failpoint.partition(":")[0]


CASES = (
    # The first delivery is the slash command, the second the form.
    Case("web", "gateway.before_receipt:2"),
    Case("web", "gateway.after_receipt:2"),
    *(Case("web", f"intake.{when}_commit") for when in ("before", "after")),
    *(Case("web", f"wake.{when}_enqueue") for when in ("before", "after")),
    *(Case("runner", f"claim.{when}_commit") for when in ("before", "after")),
    *(Case("runner", f"intend.{when}_commit") for when in ("before", "after")),
    *(Case("runner", f"effect.{when}_call") for when in ("before", "after")),
    Case("runner", "verify.after_look"),
    *(Case("runner", f"verify.{when}_commit") for when in ("before", "after")),
    # A step that can't read the shop is committed by itself: it is to be tried again.
    *(Case("runner", f"step.{when}_commit", locked=True) for when in ("before", "after")),
    *(Case("runner", f"ask.{when}_commit", LARGE) for when in ("before", "after")),
    # The first claim ends with the question; the second one carries out what was approved.
    Case("runner", "claim.after_commit:2", LARGE),
    *(Case("runner", f"intend.{when}_commit", LARGE) for when in ("before", "after")),
    Case("runner", "effect.after_call", LARGE),
    *(Case("web", f"decide.{when}_commit", LARGE) for when in ("before", "after")),
    *(Case("clock", f"timer.{when}_commit", LARGE) for when in ("before", "after")),
    *(Case("clock", f"seal.{when}_commit") for when in ("before", "after")),
    *(Case("courier", name) for name in NAMES if name.startswith("courier.")),
    *(Case("courier", name, LARGE) for name in NAMES if name.startswith("courier.")),
)


def test_every_failpoint_has_its_case() -> None:
    assert {case.name for case in CASES} | set(DIGEST_POINTS) == set(NAMES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_process_that_dies_there_changes_nothing_of_the_end(works: Plant, case: Case) -> None:
    order = works.order()
    works.crew.arm(case.process, case.failpoint)
    until(works.is_answering, "the gateway ready")

    with works.locked_shop() if case.locked else nullcontext():
        asked(works, order, case.amount)
        if case.amount == LARGE:
            decided(works, case, order)
        died(works, case)
    task = works.ended(order)
    everything_told(works, case, task.number)

    assert works.stack.refunds(order) == [int(float(case.amount) * 100)]
    assert works.trail_holds(task.number)
    until(works.is_sealed, "every entry sealed once, in a log that verifies")
    assert works.stack.state()["stuck"] == 0
    assert told_once(works, case, task.number), works.copies(task.number)


def asked(works: Plant, order: str, amount: str) -> None:
    """Ask as a person does, who tries again when Slack says that it did not work, or when no form comes."""
    view = until(works.stack.form_if_it_comes, "the form")
    until(lambda: gone_through(works, lambda: works.stack.submit("U0ANNA", view, order=order, amount=amount)), "asked")


def gone_through(works: Plant, act: Callable[[], dict[str, object]]) -> bool:
    """Whether the app answered Slack with yes; before the next try it is up again."""
    answer = act()
    if answer["status"] == 200:
        return True
    until(works.is_answering, "the gateway back")
    return False


def decided(works: Plant, case: Case, order: str) -> None:
    """Let time pass where a timer or a doubtful message waits for it, then approve on the card."""
    until(lambda: works.stack.state()["decisions"], "the question")
    if case.process == "clock":
        until(lambda: works.told(order), "the question told")  # a post under way would look like one in doubt
        works.later(REMINDED_AFTER_S)
    if case.process in {"clock", "courier"}:
        died(works, case)
    card = works.stack.card("U0PRIYA", f"for order {order}?")
    until(lambda: gone_through(works, lambda: works.stack.click("U0PRIYA", card, "decision.approve")), "approved")


def died(works: Plant, case: Case) -> None:
    """The process has died there, and what it left has come to its time."""
    until(lambda: works.crew.has_died_at(case.failpoint), f"a death at {case.failpoint}")
    works.later(WAITS_S[case.process])


def everything_told(works: Plant, case: Case, number: int) -> None:
    """Nothing is on its way any more; a result that was in doubt beside its live message waits for a second look."""
    if case.process == "courier":
        until(lambda: works.all_carried(number) or works.stands_still(number), "everything told but what is in doubt")
        works.later(0.0 if works.all_carried(number) else DOUBT_S)
    until(lambda: works.all_carried(number), "everything told")


def told_once(works: Plant, case: Case, number: int) -> bool:
    """One copy of each message that asks a person; live message and result once in the channel.

    What a courier that died had in its hands, and only that, is told again in the requester's DM; its own row says so.
    """
    copies = works.copies(number)
    doubted = Counter(one.message for one in works.letters(number) if one.state == "unknown")
    told = {name: copies[name, "channel"] + copies[name, "U0ANNA"] for name in ("task", "result")}
    asks = [copies["card", user] for user in ("U0PRIYA", "U0KWAME", "U0MEI")] if case.amount == LARGE else []
    # A card that was decided while it lay in a dead courier's hands is never sent: its own row must say so.
    unsent = [one for one in works.letters(number) if one.message == "card" and one.state == "superseded"]
    return (
        set(asks) <= {0, 1}
        and asks.count(0) == len(unsent)
        and (not unsent or case.process == "courier")
        and all(1 <= count <= 1 + doubted[name] for name, count in told.items())
        and (not doubted or case.process == "courier")
        and max(copies.values()) == 1
    )
