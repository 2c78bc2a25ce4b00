"""Whatever a worker may not do is refused at its desk, named, and on the task's trail, whatever the worker makes of it."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from contracts.authoring import Governance, Proposal
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState
from storage.audit import trail_of
from tests.builders import House
from tests.integration.engine.test_workers import put_to_work
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop


def denied(office: House, task: int) -> list[tuple[str, str]]:
    """(call, sentence) of each refusal on a task's trail; the trail is whole."""
    assert_trail_is_whole(office, task)
    with office.deployment.database.transaction(office.company) as unit:
        entries = trail_of(unit, f"task:{task}")
    found = [entry["content"] for entry in entries if entry["event"] == Event.DENIED]
    assert all({"worker", "step"} < set(one) for one in found)
    return [(one["call"], one["sentence"]) for one in found]


def narrow(office: House, worker: str, **only: tuple[str, ...]) -> None:
    """Leave a worker of the refund lane only these fields or arguments."""
    business = office.deployment.businesses[office.company]
    loaded = business.lanes["refunds"]
    workers = dict(loaded.lane.workers)
    named = {right.replace("__", "."): fields for right, fields in only.items()}
    workers[worker] = workers[worker].model_copy(update={"only": named})
    lane = loaded.lane.model_copy(update={"workers": workers})
    changed = replace(business, lanes={"refunds": replace(loaded, lane=lane)})
    office.deployment = replace(office.deployment, businesses={office.company: changed})
    for runner in (office.runner, office.peer):
        runner.deployment = office.deployment


def test_a_field_outside_the_rights_is_refused_by_name_and_audited(office: House) -> None:
    open_shop(office)
    narrow(office, "order-checker", shop__order=("number", "status"))
    task = office.asked()

    office.work()

    told = "Order checker has no right to read shop.order.customer; of shop.order it may read number and status."
    put_to_work(office, "check", lambda desk, **_: desk.shop.order(number="1234")["customer"])
    other = office.asked(form="form-2", order="777")
    office.work()
    assert office.task(task).state is TaskState.FAILED  # the declared code wants every field
    assert office.task(other).state is TaskState.FAILED
    assert told in office.task(other).sentence
    assert denied(office, other) == [("shop.order.customer", told)]


def test_what_was_handed_out_is_what_is_kept_as_read(office: House) -> None:
    seen: list[Any] = []

    def curious(request: Any, desk: Any) -> Any:
        seen.append(desk.shop.order(number="1234"))
        desk.keep("order.json", "{}")
        return declared(request=request, desk=desk)

    open_shop(office)
    declared = put_to_work(office, "check", curious)
    narrow(office, "order-checker", shop__order=("number", "customer", "status", "paid", "paid_at"))
    office.asked()

    office.work()

    assert sorted(seen[0]) == ["customer", "number", "paid", "paid_at", "status"]


def test_an_argument_outside_the_rights_is_refused_at_the_desk_and_in_a_proposal_by_hand(office: House) -> None:
    shop = open_shop(office)
    narrow(office, "refund-payer", shop__refund=("order", "amount"))
    task = office.asked()
    office.work()
    told = "Refund worker has no right to set shop.refund.reason; of shop.refund it may set order and amount."
    args = {"order": "777", "amount": 5, "reason": "mine"}
    put_to_work(office, "pay", lambda **_: Proposal("shop.refund", args, "by hand"))
    other = office.asked(form="form-2", order="777")

    office.work()

    assert [office.task(one).state for one in (task, other)] == [TaskState.FAILED] * 2
    assert denied(office, task) == denied(office, other) == [("shop.refund", told)]
    assert shop.performs == 0


def test_an_argument_that_stays_at_its_default_is_not_asked_for(office: House) -> None:
    shop = open_shop(office)
    narrow(office, "refund-payer", shop__refund=("order", "amount"))
    args = {"order": "1234", "amount": 4200}
    put_to_work(office, "pay", lambda desk, **_: desk.shop.refund(**args, because="lost"))
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert [(one.order, one.reason) for one in shop.refunds] == [("1234", "")]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda desk: desk.shop.refund(order="1234", amount=1), "Order checker has no right to change the world by"),
        (lambda desk: desk.till_of_another_company.order(number="1"), "There is no system till_of_another_company"),
        (lambda desk: desk.shop.refund_by_key(key="k"), "shop has no operation refund_by_key."),
        (lambda desk: desk.call("crm", "prospect", {"number": "P-1"}), "There is no system crm"),
    ],
    ids=["above the tier", "another company's system", "past the operations", "outside the rights"],
)
def test_a_refusal_stays_on_the_trail_when_the_worker_swallows_it(office: House, call: Any, said: str) -> None:
    def stubborn(request: Any, desk: Any) -> Any:
        with suppress(Governance):
            call(desk)
        return declared(request=request, desk=desk)

    shop = open_shop(office)
    office.runner.systems[office.company] = {"shop": shop}
    declared = put_to_work(office, "check", stubborn)
    task = office.asked()

    office.work()

    ((_, told),) = denied(office, task)
    assert told.startswith(said)
    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1


def test_a_worker_that_tries_again_and_again_does_not_fill_the_trail(office: House) -> None:
    def stubborn(request: Any, desk: Any) -> Any:
        for _ in range(500):
            with suppress(Governance):
                desk.shop.refund(order="1234", amount=1)
        return declared(request=request, desk=desk)

    open_shop(office)
    declared = put_to_work(office, "check", stubborn)
    task = office.asked()

    office.work()

    assert len(denied(office, task)) == 20


def test_a_write_into_what_a_step_was_only_given_is_refused_and_audited(office: House) -> None:
    def vandal(request: Any, checked: Any, desk: Any) -> Any:
        object.__setattr__(checked, "paid", 10**9)
        object.__setattr__(request, "amount", 10**8)
        return desk.shop.refund(order=checked.number, amount=4200, because="mine")

    shop = open_shop(office)
    put_to_work(office, "pay", vandal)
    task = office.asked()

    office.work()

    told = "Refund worker changed {}, which pay does not write; nothing of it was kept."
    assert denied(office, task) == [(one, told.format(one)) for one in ("request", "state.order")]
    assert office.task(task).facts["order"]["paid"] == 200000
    assert [one.amount for one in shop.refunds] == [4200]


def test_an_answer_that_was_made_past_its_model_is_not_kept(office: House) -> None:
    def forger(request: Any, desk: Any) -> Any:
        desk.keep("order.json", "{}")
        checked = type(declared(request=request, desk=desk))
        return checked.model_construct(found="perhaps", paid="much")

    open_shop(office)
    declared = put_to_work(office, "check", forger)
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.FAILED
    assert office.task(task).facts == {}
    assert "promised shape" in office.task(task).sentence


def test_a_worker_can_not_write_itself_more_rights(office: House) -> None:
    def greedy(request: Any, desk: Any) -> Any:
        with suppress(Exception):
            desk._rights.worker.writes = ("shop.refund",)
        with suppress(Exception):
            object.__setattr__(desk._rights, "tier", 3)
        return desk.shop.refund(order="1234", amount=1)

    shop = open_shop(office)
    put_to_work(office, "check", greedy)
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.FAILED
    assert len(denied(office, task)) == 1
    assert shop.performs == 0
