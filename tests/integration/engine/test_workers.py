"""Workers are strangers' code: garbage, hostile calls and attempts to end the runner stay failures of one step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from chargehand.embedded.addresses import DatabaseUrls
from contracts.authoring import Deterministic, Judgment, Proposal, Transient
from contracts.loaded import Business
from contracts.vocabulary import TaskState, WaitingFor
from engine.deployment import Deployment
from engine.watch import Watch
from tests.builders import House
from tests.databases import refuse_results_of, take_all_results
from tests.integration.engine.worlds import Shop, assert_trail_is_whole, open_shop, press, stuck

Code = Callable[..., Any]


def put_to_work(office: House, step: str, code: Code) -> Code:
    """Have a step done by other code; returns the code that the lane declares."""
    business = office.deployment.businesses[office.company]
    lane = business.lanes["refunds"]
    changed = replace(lane, functions={**lane.functions, step: code})
    other: Business = replace(business, lanes={"refunds": changed})
    was = office.deployment
    office.deployment = Deployment(was.database, {office.company: other}, was.sources, was.wakeups, was.home)
    for runner in (office.runner, office.peer):
        runner.deployment = office.deployment
    return lane.functions[step]


def ended(office: House, task: int, state: TaskState) -> str:
    """The task has ended so, and nothing was paid; its sentence."""
    row = office.task(task)
    assert row.state is state, row
    assert row.lease_runner is None
    assert office.rows("select 1 from effect") == []
    assert_trail_is_whole(office, task)
    return row.sentence


@pytest.mark.parametrize("garbage", [None, "done", 0, {"found": True}, object(), Judgment("returned, not raised")])
@pytest.mark.parametrize("step", ["check", "pay"])
def test_a_worker_that_gives_garbage_is_never_done(office: House, step: str, garbage: object) -> None:
    open_shop(office)
    put_to_work(office, step, lambda **_: garbage)
    task = office.asked()

    office.work()

    assert "Not" not in ended(office, task, TaskState.FAILED)
    assert office.rows("select failure_class from attempt where outcome = 'failed'")[0].failure_class == "deterministic"


def test_a_worker_that_gives_another_model_is_not_believed(office: House) -> None:
    class Checked(BaseModel):
        found: bool = True

    open_shop(office)
    put_to_work(office, "check", lambda **given: _with_evidence(given, Checked()))
    task = office.asked()

    office.work()

    assert "gave no Checked" in ended(office, task, TaskState.FAILED)


def _with_evidence(given: dict[str, Any], answer: Any) -> Any:
    given["desk"].keep("order.json", "{}")
    return answer


def test_a_step_whose_evidence_is_missing_has_failed(office: House) -> None:
    open_shop(office)
    model = office.deployment.businesses[office.company].lanes["refunds"].state_models["order"]
    order = {"found": True, "number": "1", "customer": "", "status": "paid", "paid": 9, "paid_at": 0, "refunded": 0}
    put_to_work(office, "check", lambda **_: model.model_validate(order))
    task = office.asked()

    office.work()

    assert "order.json was not saved" in ended(office, task, TaskState.FAILED)


@pytest.mark.parametrize(
    "call",
    [
        lambda desk: desk.shop.refund(order="1234", amount=1, reason="x"),
        lambda desk: desk.shop.refund_by_key(key="x"),
        lambda desk: desk.shop.__init__(path="/etc/passwd"),
        lambda desk: desk.bank.transfer(amount=1),
    ],
)
def test_a_call_outside_the_rights_of_a_worker_is_stopped_and_changes_nothing(office: House, call: Code) -> None:
    shop = open_shop(office)
    put_to_work(office, "check", lambda request, desk: call(desk))
    task = office.asked()

    office.work()

    sentence = ended(office, task, TaskState.FAILED)
    assert "not allowed to do this" in sentence or "TypeError" in sentence
    assert (shop.performs, shop.refunds) == (0, [])


@pytest.mark.parametrize(
    "proposal",
    [
        Proposal("shop.order", {"number": "1234"}, "a read as an effect"),
        Proposal("shop.close", {}, "unknown"),
        Proposal("shop.refund", {"order": "1234", "amount": "all of it", "reason": "x"}, "no integer"),
        Proposal("shop.refund", {"order": "1234", "amount": 1, "reason": "x", "key": "mine"}, "another key"),
        Proposal("shop.refund", {"amount": 1}, "no order"),
    ],
)
def test_a_proposal_made_by_hand_is_held_against_rights_and_shape(office: House, proposal: Proposal[Any]) -> None:
    shop = open_shop(office)
    put_to_work(office, "pay", lambda **_: proposal)
    task = office.asked()

    office.work()

    ended(office, task, TaskState.FAILED)
    assert shop.performs == 0


def test_a_proposal_changed_after_the_desk_made_it_is_judged_as_it_is(office: House) -> None:
    shop = open_shop(office)

    def greedy(request: Any, checked: Any, desk: Any) -> Any:
        proposal = desk.shop.refund(order="1234", amount=4200, reason="fine", because="fine")
        proposal.args["amount"] = 199_999
        return proposal

    put_to_work(office, "pay", greedy)
    task = office.asked()

    office.work()

    assert office.task(task).waiting_for is WaitingFor.DECISION
    assert office.rows("select proposal from decision")[0].proposal["args"]["amount"] == 199_999
    assert shop.performs == 0


def test_a_worker_that_changes_what_it_was_given_changes_nothing(office: House) -> None:
    shop = open_shop(office)

    def vandal(request: Any, desk: Any) -> Any:
        object.__setattr__(request, "amount", 1)
        request.__dict__["order"] = "9999"
        desk.shop.order(number="1234")["status"] = "unpaid"
        return declared(request=request.model_copy(update={"order": "1234"}), desk=desk)

    declared = put_to_work(office, "check", vandal)
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert [(one.order, one.amount) for one in shop.refunds] == [("1234", 4200)]
    assert office.task(task).request["amount"] == 4200


@pytest.mark.parametrize(
    "error", [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), RecursionError(), MemoryError()]
)
def test_a_worker_that_tries_to_end_its_runner_ends_only_its_step(office: House, error: BaseException) -> None:
    def code(**_: Any) -> None:
        raise error

    shop = open_shop(office)
    declared = put_to_work(office, "check", code)
    task = office.asked()
    office.work()

    put_to_work(office, "check", declared)
    other = office.asked(order="1235", form="b")
    office.work()

    assert ended_with_failure(office, task)
    assert office.task(other).state is TaskState.DONE
    assert len(shop.refunds) == 1


def ended_with_failure(office: House, task: int) -> bool:
    """The task failed in its own step."""
    row = office.task(task)
    return row.state is TaskState.FAILED and row.deaths == 0


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 100_000])
def test_texts_that_the_record_can_t_keep_do_not_stop_the_shift(office: House, text: str) -> None:
    def code(request: Any, desk: Any) -> None:
        desk.note(text)
        desk.keep(text, "{}", media_type=text)
        raise Deterministic(text, cause=text)

    open_shop(office)
    put_to_work(office, "check", code)
    task = office.asked()

    office.work()

    assert len(ended(office, task, TaskState.FAILED)) < 500


def assert_spared(office: House, other: int, shop: Shop) -> None:
    """The refund of order 1235 came to its end, and no other did."""
    assert office.task(other).state is TaskState.DONE
    assert [one.order for one in shop.refunds] == ["1235"]


@pytest.mark.parametrize(
    ("customer", "paid", "words"),
    [
        ("a\x00b", 90000, "customer holds a character"),
        ("half \ud800", 90000, "customer holds a character"),
        ("C-1", 2**60, "paid holds a number"),
    ],
)
def test_what_the_record_can_t_keep_of_an_output_is_its_worker_s_failure_and_spares_the_others(
    office: House, customer: str, paid: object, words: str
) -> None:
    shop = open_shop(office)
    model = office.deployment.businesses[office.company].lanes["refunds"].state_models["order"]
    order: dict[str, Any] = {"found": True, "number": "1234", "status": "paid", "paid_at": 0, "refunded": 0}

    def code(request: Any, desk: Any) -> Any:
        if request.order != "1234":
            return declared(request=request, desk=desk)
        desk.keep("order.json", "{}")
        return model.model_construct(**order, customer=customer, paid=paid)

    declared = put_to_work(office, "check", code)
    task, other = office.asked(), office.asked(order="1235", form="b")

    office.work()

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert f"The worker gave a Checked in which {words} that can't be kept." in row.sentence
    assert_spared(office, other, shop)
    assert_trail_is_whole(office, task)


def test_an_error_that_nobody_foresaw_parks_the_task_and_spares_the_others(
    office: House, morning_urls: DatabaseUrls
) -> None:
    shop = open_shop(office)
    task, other = office.asked(), office.asked(order="1235", form="b")
    refuse_results_of(morning_urls, task)

    office.work()

    row = office.task(task)
    assert (row.state, row.waiting_for, row.lease_runner) == (TaskState.WAITING, WaitingFor.BLOCKER, None)
    assert "Chargehand itself stopped" in row.sentence
    assert stuck(office) == []
    assert [r.person for r in office.rows("select person from outbox where message = 'card'")] == ["ruth"]
    assert_spared(office, other, shop)
    assert_trail_is_whole(office, task)


def test_an_unforeseen_trouble_that_is_over_goes_on_at_the_next_look_and_its_blocker_is_lifted(
    office: House, morning_urls: DatabaseUrls
) -> None:
    open_shop(office)
    task = office.asked()
    refuse_results_of(morning_urls, task)
    office.work()

    take_all_results(morning_urls)
    office.wait(700)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert office.rows("select 1 from blocker where lifted_at is null") == []


def test_a_step_that_hangs_is_seen_to_be_overdue_by_whoever_watches(office: House) -> None:
    seen: list[tuple[bool, int]] = []

    def slow(**given: Any) -> Any:
        watch: Watch = office.runner.watch
        watch.slot[0] -= 100
        seen.append((watch.overdue(), int(watch.slot[1])))
        return declared(**given)

    open_shop(office)
    declared = put_to_work(office, "check", slow)
    task = office.asked()

    office.work()

    assert seen == [(True, task)]
    assert not office.runner.watch.overdue()


def test_every_step_run_twice_gives_one_outcome(office: House) -> None:
    shop = open_shop(office)
    lane = office.deployment.businesses[office.company].lanes["refunds"]

    def twice(step: str) -> Code:
        code = lane.functions[step]

        def run(**given: Any) -> Any:
            code(**given)
            return code(**given)

        return run

    for step in lane.functions:
        put_to_work(office, step, twice(step))
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert len(shop.refunds) == 1
    assert len(office.rows("select 1 from artifact")) == 1


def test_what_a_proposing_step_saves_and_reads_is_evidence_too(office: House) -> None:
    open_shop(office)

    def thorough(request: Any, checked: Any, desk: Any) -> Any:
        desk.shop.order(number=request.order)
        desk.keep("grounds.txt", "The carrier has paid.")
        return declared(request=request, checked=checked, desk=desk)

    declared = put_to_work(office, "pay", thorough)
    task = office.asked(amount=74000)
    office.work()
    kept = {row.name for row in office.rows("select name from task_artifact")}
    press(office, task, "priya")
    office.work()

    assert kept == {"order.json", "grounds.txt"}
    assert "grounds.txt" in office.rows("select card from decision")[0].card["evidence"]
    assert office.task(task).state is TaskState.DONE


def test_a_judgment_waits_with_an_owner_and_is_not_repeated_at_once(office: House) -> None:
    def unsure(**_: Any) -> None:
        raise Judgment("Two customers have this order.", cause="twin orders")

    open_shop(office)
    put_to_work(office, "check", unsure)
    task = office.asked()

    office.work()
    office.work()

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    tried = office.rows("select worker_version from attempt order by started_at")
    assert [one.worker_version.split()[0] for one in tried] == ["order-checker", "night-checker"]
    assert stuck(office) == []


def test_a_failure_tells_its_own_pause_and_it_is_kept(office: House) -> None:
    def limited(**_: Any) -> None:
        raise Transient("The shop asks for patience.", cause="shop", retry_after_s=50)

    open_shop(office)
    put_to_work(office, "check", limited)
    task = office.asked()

    office.work()

    row = office.task(task)
    assert row.due_at is not None
    assert (row.due_at - row.accepted_at).total_seconds() >= 50
    assert row.waiting_for is WaitingFor.TIME
