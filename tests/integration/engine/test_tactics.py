"""A step that has failed is done otherwise: each declared tactic once, with all that was tried before at hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.authoring import Before, Deterministic, Judgment, Transient
from contracts.vocabulary import FailureClass, TaskState, WaitingFor
from engine.telling import task_view
from tests.builders import House
from tests.integration.engine.test_workers import put_to_work
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    deploy,
    open_shop,
    press,
    raising,
    stuck,
)

STEP = "    progress: Checking order {request.order} in the shop.\n"
TACTICS = """    tactics:
      - {name: other-number, kind: amend, after: [deterministic], because: the number may be written otherwise}
      - {name: by-mail, kind: other-tool, after: [transient, judgment], because: the archive may know it}
"""
Run = Callable[..., Any]


def tactical(office: House, home: Path, *, more: str = "") -> None:
    """The refund lane with two tactics for its first step."""
    changes = {"lanes/refunds/lane.yaml": (STEP, STEP + TACTICS)}
    folder = changed_company(home, changes)
    if more:
        lane = folder / "lanes/refunds/lane.yaml"
        lane.write_text(lane.read_text() + more)
    deploy(office, folder)


def doing(office: House, step: str, code: Callable[[Run, Any, Any], Any]) -> None:
    """Put another code in the place of a step's, which is given the step's own, the request and the desk."""
    own = office.deployment.businesses[office.company].lanes["refunds"].functions[step]

    def run(request: Any, desk: Any, **more: Any) -> Any:
        return code(lambda: own(request=request, desk=desk, **more), request, desk)

    put_to_work(office, step, run)


def climbed(office: House, *, rounds: int = 9) -> None:
    """Let time pass and work whatever is due."""
    for _ in range(rounds):
        office.work()
        office.wait(61)


def told(office: House, task: int) -> str:
    """What the requester reads of a task."""
    with office.deployment.database.transaction(office.company) as unit:
        view = task_view(unit, task)
    return " ".join([view.headline, *view.lines])


def test_a_deterministic_failure_is_amended_and_never_tried_again_unchanged(office: House, home: Path) -> None:
    tactical(office, home)
    open_shop(office)
    seen: list[tuple[str, tuple[Before, ...]]] = []

    def code(own: Run, request: Any, desk: Any) -> Any:
        seen.append((desk.tactic, desk.before))
        if desk.tactic != "other-number":
            desk.shop.order(number=request.order)
            desk.keep("half.json", "{}")
            desk.note("The customer is known.")
            raise Deterministic("The number is taken.", case="duplicate_slug")
        return own()

    doing(office, "check", code)
    task = office.asked()

    climbed(office, rounds=2)

    assert office.task(task).state is TaskState.DONE
    assert [tactic for tactic, _ in seen] == ["", "other-number"]
    (before,) = seen[1][1]
    assert (before.worker, before.tactic, before.kind) == ("order-checker", "", FailureClass.DETERMINISTIC)
    assert (before.case, before.cause, before.sentence) == ("duplicate_slug", "duplicate_slug", "The number is taken.")
    assert before.used == ({"what": "shop.order", "args": {"number": "1234"}, "answered": True},)
    assert (before.kept, before.notes) == (("half.json",), ("The customer is known.",))
    assert [one.name for one in office.rows("select name from task_artifact where name = 'half.json'")] == ["half.json"]
    assert "The worker changed what it had asked for and completed the task." in told(office, task)
    assert_trail_is_whole(office, task)


def test_the_worker_switches_to_a_different_tool_after_its_retries_and_the_requester_reads_so(
    office: House, home: Path
) -> None:
    tactical(office, home)
    shop = open_shop(office)
    shop.reading = [raising(Transient("The shop can't be reached.", cause="shop", case="provider_down"))] * 4
    task = office.asked()

    climbed(office, rounds=6)

    rows = office.rows("select tactic, move, chosen, reason, used from tried order by version")
    assert office.task(task).state is TaskState.DONE
    assert [(one.tactic, one.move, one.chosen) for one in rows] == [
        *[("", "retry", "")] * 3,
        ("", "other_tool", "by-mail"),
    ]
    assert rows[3].reason == (
        "The shop can't be reached. The worker switches to a different tool: the archive may know it."
    )
    assert rows[0].used == [{"what": "shop.order", "args": {"number": "1234"}, "answered": False}]
    assert "The worker switched to a different tool and completed the task." in told(office, task)
    assert office.rows("select 1 from decision") == []


def test_every_tactic_is_tried_once_then_a_person_is_asked_and_no_tactic_is_tried_twice(
    office: House, home: Path
) -> None:
    tactical(office, home)
    open_shop(office)
    seen: list[str] = []

    def code(own: Run, request: Any, desk: Any) -> Any:
        seen.append(desk.tactic)
        raise Judgment("There are two orders of that number.")

    doing(office, "check", code)
    task = office.asked()

    climbed(office, rounds=4)
    first = list(seen)
    office.answer_blocker("ruth")
    climbed(office, rounds=2)

    assert first == ["", "by-mail", ""]  # itself, its tactic, and its peer
    assert seen == [*first, ""]
    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert stuck(office) == []


FAILURES = """
failures:
  - name: closed-at-night
    when: {"and": [{"==": [{"var": "error.system"}, "shop"]}, {"==": [{"var": "error.case"}, "provider_down"]}]}
    class: deterministic
    cause: the night
    sentence: "The shop is closed, so order {request.order} waits for the morning."
    then: blocked
    examples:
      accepted: [{error.system: shop, error.case: provider_down}]
      refused: [{error.system: shop, error.case: network}, {error.system: crm, error.case: provider_down}]
"""


def test_a_contract_says_by_rule_what_a_failure_is_and_where_it_leads(office: House, home: Path) -> None:
    tactical(office, home, more=FAILURES.replace("class: deterministic", "class: judgment"))
    shop = open_shop(office)
    shop.reading = [raising(Transient("It is dark.", case="provider_down"))] * 9
    task = office.asked()

    climbed(office, rounds=3)

    rows = office.rows("select failure_class, failure_case, cause, sentence from tried order by version")
    assert {(one.failure_class, one.failure_case, one.cause) for one in rows} == {
        ("judgment", "closed-at-night", "the night")
    }
    assert rows[0].sentence == "The shop is closed, so order 1234 waits for the morning."
    assert office.task(task).waiting_for is WaitingFor.BLOCKER


def test_a_blocked_failure_says_on_what_the_lane_is_blocked_and_is_never_retried(office: House, home: Path) -> None:
    more = FAILURES.replace("cause: the night", "cause: missing night staff")
    folder = changed_company(home, {})
    lane = folder / "lanes/refunds/lane.yaml"
    lane.write_text(lane.read_text() + more)
    deploy(office, folder)
    shop = open_shop(office)
    shop.reading = [raising(Transient("It is dark.", case="provider_down"))]
    task = office.asked()

    climbed(office, rounds=3)

    assert office.task(task).sentence == (
        "The shop is closed, so order 1234 waits for the morning. "
        "The lane is blocked on missing night staff, so downstream refunds remains paused."
    )
    assert [one.move for one in office.rows("select move from tried")] == ["human"]


AMENDED = """    tactics:
      - {name: less, kind: amend, after: ["rule amount within the order", rejected], because: less may be possible, run: workers:pay_less}
"""
PAY_LESS = """

@worker
def pay_less(request: Refund, checked: Checked, desk: Desk) -> Proposal[Paid]:
    \"\"\"Ask for half.\"\"\"
    amount = desk.before[-1].used[-1]["args"]["amount"] // 2 if desk.before[-1].used else checked.paid
    return desk.shop.refund(order=checked.number, amount=amount, reason=request.reason, because="less")
"""


@pytest.fixture
def amending(office: House, home: Path) -> House:
    """The refund lane that can pay less."""
    recheck = "    recheck: [check]\n"
    folder = changed_company(home, {"lanes/refunds/lane.yaml": (recheck, recheck + AMENDED)})
    workers = folder / "lanes/refunds/workers.py"
    workers.write_text(workers.read_text() + PAY_LESS)
    deploy(office, folder)
    return office


def test_what_the_world_refuses_is_proposed_otherwise_once_a_look_shows_that_nothing_happened(amending: House) -> None:
    shop = open_shop(amending)
    shop.before = [raising(Deterministic("That is too much for the till.", cause="shop", case="rejected"))]
    task = amending.asked(amount=4200)

    climbed(amending, rounds=2)

    effects = amending.rows("select state, args ->> 'amount' as amount, key from effect order by revision")
    assert amending.task(task).state is TaskState.DONE
    assert [(one.state, one.amount) for one in effects] == [("disproved", "4200"), ("verified", "2100")]
    assert [one.amount for one in shop.refunds] == [2100]
    assert_trail_is_whole(amending, task)


def test_a_proposal_that_breaks_a_rule_is_amended_and_judged_anew(amending: House) -> None:
    open_shop(amending)
    task = amending.asked(amount=200001)

    climbed(amending, rounds=2)

    verdicts = amending.rows("select holds from verdict where rule = 'amount within the order' order by version")
    row = amending.task(task)
    kept = amending.rows("select used from tried")
    assert [one.holds for one in verdicts] == [False, True]
    assert kept[0].used == [
        {
            "what": "shop.refund",
            "args": {"order": "1234", "amount": 200001, "reason": "The parcel was lost."},
            "answered": False,
        }
    ]
    assert row.waiting_for is WaitingFor.DECISION  # 2,000.00 USD is within the order, and for approvers to decide
    assert press(amending, task, amending.approvers[0]).wake is not None


GROUP = 'escalates: ["group:finance-approvers", lane-owner]\n    patience: {"group:finance-approvers": {for: 2h, remind: [30m]}}'


def test_a_ladder_ends_with_the_people_that_it_names_for_as_long_as_it_says(office: House, home: Path) -> None:
    old = "escalates: [night-checker, lane-owner]"
    peer = "    peer: night-checker\n"
    title = "title: The shop's order database"
    owned = (title, f"{title}\n    owner: ruth")  # the shop's outages go to one, whomever its workers ask
    folder = changed_company(home, {"lanes/refunds/lane.yaml": (old, GROUP), "company.yaml": owned})
    lane = folder / "lanes/refunds/lane.yaml"
    lane.write_text(lane.read_text().replace(peer, ""))
    deploy(office, folder)
    shop = open_shop(office)
    shop.reading = [raising(Judgment("Which order?"))]
    office.asked()
    office.work()

    asked = {one.person for one in office.rows("select person from outbox where message = 'card'")}
    silence = office.rows("select silence, card from decision")[0]
    office.wait(2 * 3600 + 1)
    office.sweep()
    later = {one.person for one in office.rows("select person from outbox where message = 'card'")}

    assert asked == set(office.approvers)
    assert [(one["who"], one["for_s"]) for one in silence.silence["steps"]] == [
        ("group:finance-approvers", 7200),
        ("person:ruth", 72000),
        ("person:jonas", 86400),
    ]
    assert silence.card["because"] == "workers could not go on with “Refund an order”"
    assert later == {*office.approvers, "ruth"}


def test_a_lane_stays_blocked_with_an_owner_when_a_step_has_no_ladder_left(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(Judgment("Which order?"))] * 2
    task = office.asked()

    climbed(office, rounds=2)

    moves = [(one.move, one.chosen) for one in office.rows("select move, chosen from tried order by version")]
    assert moves == [("other_runtime", "night-checker"), ("human", "")]
    assert "Owner: Ruth Adeyemi." in told(office, task)
