"""A unit that is paused, retired or narrowed gets no more than it is left, from the moment at which a person says so."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.lifecycle import Event
from contracts.standing import Stand, takes
from contracts.units import NoSuchUnit
from contracts.vocabulary import Standing, TaskState, WaitingFor
from engine.register import Changed, NotChanged, NotEntitled, Wish, change, refused
from storage.audit import trail_of
from tests.builders import House
from tests.integration.engine.test_workers import put_to_work
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    deploy,
    open_shop,
    press,
    stuck,
)

PAUSED, ACTIVE, RETIRED, NARROWED = Standing.PAUSED, Standing.ACTIVE, Standing.RETIRED, Standing.NARROWED


def say(
    office: House, unit: str, standing: Standing, *, by: str = "jonas", because: str = "audit", **limits: Any
) -> Changed:
    """Somebody says how a unit stands from now on; jonas is the last resort."""
    with office.deployment.database.transaction(office.company) as found:
        return change(found, office.deployment.businesses[office.company], Wish(unit, standing, by, because, **limits))


def trail(office: House, name: str) -> list[dict[str, Any]]:
    """The entries of a trail."""
    with office.deployment.database.transaction(office.company) as unit:
        return [dict(entry) for entry in trail_of(unit, name)]


def without_peers(tmp_path: Path, office: House) -> None:
    """Deploy the refund lane without peers."""
    lane = "lanes/refunds/lane.yaml"
    folder = changed_company(tmp_path, {lane: ("    peer: night-checker\n", "")})
    path = folder / lane
    path.write_text(
        path.read_text()
        .replace("    peer: night-payer\n", "")
        .replace("[night-checker, lane-owner]", "[lane-owner]")
        .replace("[night-payer, lane-owner]", "[lane-owner]")
    )
    deploy(office, folder)


@pytest.mark.parametrize(
    "unit", ["refunds", "lane:refunds", "portfolio:care", "workspace:customers", "company", "refunds/refund-payer"]
)
def test_a_paused_unit_gets_no_task_and_its_tasks_go_on_by_themselves_when_it_is_resumed(
    office: House, tmp_path: Path, unit: str
) -> None:
    shop = open_shop(office)
    without_peers(tmp_path, office)
    said = say(office, unit, PAUSED, because="the books are closed")
    task = office.asked()

    office.work()

    row = office.task(task)
    (blocker,) = office.rows("select * from blocker")
    assert (row.state, row.waiting_for, row.waiting_on) == (TaskState.WAITING, WaitingFor.BLOCKER, blocker.id)
    assert f"{said.stand.words}, by Jonas Lindqvist: the books are closed." in row.sentence
    assert blocker.owner in {"ruth", "mei", "jonas"}
    assert blocker.action.startswith("let it work again: chargehand resume ")
    assert office.rows("select 1 from decision") == []
    assert stuck(office) == []
    assert shop.performs == 0
    assert say(office, unit, ACTIVE).wake == ("default",)
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize("standing", [PAUSED, RETIRED])
def test_the_peer_of_a_worker_that_gets_no_work_takes_over(office: House, standing: Standing) -> None:
    open_shop(office)
    say(office, "refunds/order-checker", standing, by="ruth")
    task = office.asked()

    office.work()
    office.work()

    assert office.task(task).state is TaskState.DONE
    versions = [one.worker_version.split()[0] for one in office.rows("select * from attempt order by started_at")]
    assert versions[0] == "night-checker"
    assert "order-checker" not in versions
    assert office.rows("select 1 from blocker") == []


def test_a_retired_worker_whose_peer_is_retired_too_leaves_its_tasks_with_an_owner(office: House) -> None:
    open_shop(office)
    for worker in ("order-checker", "night-checker"):
        say(office, f"refunds/{worker}", RETIRED)
    task = office.asked()

    office.work()

    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert office.rows("select owner from blocker")[0].owner == "ruth"
    assert office.rows("select 1 from attempt") == []


def test_a_pause_while_a_step_runs_lets_it_intend_nothing(office: House) -> None:
    def slow(**given: Any) -> Any:
        said.append(say(office, "refunds", PAUSED))
        return declared(**given)

    said: list[Changed] = []
    shop = open_shop(office)
    declared = put_to_work(office, "pay", slow)
    task = office.asked()

    office.work()

    row = office.task(task)
    assert said[0].sentence == "Refund an order is paused. 1 task at work stops before it changes anything."
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert office.rows("select 1 from effect") == []
    assert shop.performs == 0
    put_to_work(office, "pay", declared)
    say(office, "refunds", ACTIVE)
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
    assert Event.HANDED_BACK in assert_trail_is_whole(office, task)


def test_a_pause_of_the_next_worker_while_another_works_counts_at_once(office: House, tmp_path: Path) -> None:
    def slow(**given: Any) -> Any:
        say(office, "refunds/refund-payer", PAUSED)
        put_to_work(office, "check", declared)
        return declared(**given)

    shop = open_shop(office)
    without_peers(tmp_path, office)
    declared = put_to_work(office, "check", slow)
    task = office.asked()

    office.work()

    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert shop.performs == 0


def test_an_effect_that_is_under_way_is_finished_and_read_back(office: House) -> None:
    shop = open_shop(office)
    said: list[Changed] = []
    shop.after = [lambda: said.append(say(office, "company", PAUSED))]
    task = office.asked()

    office.work()

    assert said[0].sentence == "The morning company is paused. 1 effect under way is finished and read back."
    assert office.task(task).state is TaskState.DONE
    assert office.rows("select state from effect")[0].state == "verified"


def test_an_approval_that_comes_in_during_a_pause_is_carried_out_after_it(office: House) -> None:
    shop = open_shop(office)
    task = office.asked(amount=60000)
    office.work()

    said = say(office, "refunds", PAUSED)
    press(office, task, office.approvers[0])
    office.work()

    assert said.sentence == (
        "Refund an order is paused. "
        "1 waiting task waits on and 1 open decision can be answered and is carried out later."
    )
    assert shop.performs == 0
    say(office, "refunds", ACTIVE)
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert [one.amount for one in shop.refunds] == [60000]


def test_one_task_can_be_paused_alone(office: House) -> None:
    shop = open_shop(office)
    tasks = [office.asked(form=f"form-{order}", order=order) for order in ("1234", "5678")]
    say(office, f"T-{tasks[0]}", PAUSED, by="ruth")

    office.work()

    assert [office.task(one).state for one in tasks] == [TaskState.WAITING, TaskState.DONE]
    say(office, f"T-{tasks[0]}", ACTIVE, by="ruth")
    office.work()
    assert office.task(tasks[0]).state is TaskState.DONE
    assert shop.performs == 2


def test_a_resume_that_comes_between_a_runner_s_look_and_its_parking_leaves_nobody_waiting(office: House) -> None:
    open_shop(office)
    say(office, "refunds", PAUSED)
    task = office.asked()
    stands = {"lane:refunds": Stand("lane:refunds", PAUSED, "person:jonas", "audit")}
    say(office, "refunds", ACTIVE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.shift.Taken", lambda held, _: _Stale(held, stands))
        patch.setattr("engine.bench.Bench.standings", _once(stands))
        office.work()

    office.work()
    assert office.task(task).state is TaskState.DONE
    assert Event.PARKED in assert_trail_is_whole(office, task)
    assert office.rows("select 1 from blocker where lifted_at is null") == []


class _Stale:
    def __init__(self, tasks: Any, stands: Any) -> None:
        self.tasks, self.stands = tasks, stands


def _once(stands: dict[str, Stand]) -> Any:
    left = [stands]
    return lambda bench: left.pop() if left else {}


def test_a_worker_that_is_narrowed_to_a_lower_tier_proposes_nothing_above_it(office: House) -> None:
    shop = open_shop(office)
    for worker in ("refund-payer", "night-payer"):
        said = say(office, f"refunds/{worker}", NARROWED, by="mei", tier=2)
    task = office.asked()

    office.work()

    assert said.sentence == ("Refund worker is narrowed to tier 2. What takes a higher tier goes to its peer or waits.")
    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert "Refund worker is narrowed to tier 2, by Mei-Lin Zhao: audit." in office.task(task).sentence
    assert shop.performs == 0
    assert [one.step for one in office.rows("select step from attempt")] == ["check"]


def test_a_worker_that_is_narrowed_to_a_share_leaves_the_rest_to_its_peer(office: House) -> None:
    open_shop(office)
    say(office, "refunds/order-checker", NARROWED, share=30)
    tasks = [office.asked(form=f"form-{number}", order=str(1000 + number)) for number in range(20)]

    office.work()
    office.work()

    own = Stand("worker:refunds/order-checker", NARROWED, "person:jonas", "audit", share=30)
    kept = {one for one in tasks if takes(own, task=one, step="check")}
    query = "select task, split_part(worker_version, ' ', 1) as worker from attempt where step = 'check'"
    done = {one.task: one.worker for one in office.rows(query)}
    assert 0 < len(kept) < 20
    assert done == {one: "order-checker" if one in kept else "night-checker" for one in tasks}
    assert {office.task(one).state for one in tasks} == {TaskState.DONE}


@pytest.mark.parametrize(("who", "unit"), [("mei", "refunds/refund-payer"), ("ruth", "refunds"), ("jonas", "company")])
def test_whoever_answers_for_a_unit_changes_it_and_it_is_on_its_own_trail(office: House, who: str, unit: str) -> None:
    said = say(office, unit, PAUSED, by=who, because="too many complaints")

    (entry,) = [one for one in trail(office, said.stand.unit) if one["event"] == "standing_changed"]
    assert entry["actor"] == f"person:{who}"
    assert entry["content"] | {"because": "too many complaints", "to": "paused", "from": "active"} == entry["content"]


@pytest.mark.parametrize(
    ("who", "unit"), [("anna", "refunds"), ("mei", "refunds"), ("mei", "refunds/order-checker"), ("ruth", "company")]
)
def test_whoever_does_not_answer_for_a_unit_is_refused_and_that_is_on_record(
    office: House, who: str, unit: str
) -> None:
    wish = Wish(unit, PAUSED, who, "I want to")

    with pytest.raises(NotEntitled, match=r"^Only .*Jonas Lindqvist.* can change how .* stands\.$"):
        say(office, unit, PAUSED, by=who)
    with office.deployment.database.transaction(office.company) as found:
        refused(found, office.deployment.businesses[office.company], wish)

    name = {"refunds": "lane:refunds", "company": "company"}.get(unit, f"worker:{unit}")
    assert [one["actor"] for one in trail(office, name) if one["event"] == "standing_refused"] == [f"person:{who}"]
    assert office.rows("select 1 from standing where standing <> 'active'") == []


def test_what_is_so_already_is_not_done_twice(office: House) -> None:
    say(office, "refunds", PAUSED)

    assert say(office, "refunds", PAUSED).sentence == "Refund an order is paused already."
    assert len([one for one in trail(office, "lane:refunds") if one["event"] == "standing_changed"]) == 1


@pytest.mark.parametrize(
    ("unit", "standing", "limits", "said"),
    [
        ("refunds", RETIRED, {}, "Only a worker is retired, and Refund an order is a lane. Pause it instead."),
        ("refunds/order-checker", NARROWED, {}, "Say what it is left: a tier, or a share of its tasks."),
        ("refunds/night-payer", NARROWED, {"share": 5}, "Refund worker has no peer that could take the rest."),
        ("refunds/order-checker", NARROWED, {"tier": 3}, "Order checker has tier 1: a standing only narrows it."),
    ],
)
def test_a_standing_that_makes_no_sense_is_refused_with_the_way_out(
    office: House, unit: str, standing: Standing, limits: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotChanged, match=said[:40]):
        say(office, unit, standing, **limits)


@pytest.mark.parametrize(
    ("name", "hint"), [("refund", "Did you mean refunds?"), ("refunds/payer", ""), ("T-x", "write it like T-1042")]
)
def test_a_unit_that_is_not_there_is_told_with_the_nearest(office: House, name: str, hint: str) -> None:
    with pytest.raises(NoSuchUnit) as error:
        say(office, name, PAUSED)

    assert hint in str(error.value)


def test_a_worker_that_is_declared_as_proposed_waits_for_a_word_and_keeps_it(office: House, tmp_path: Path) -> None:
    lane = "lanes/refunds/lane.yaml"
    old = "    job: Refund worker\n    outcome: Every refund that is due is paid once\n    accountable: mei\n"
    folder = changed_company(tmp_path, {lane: (old, f"{old}    joins: proposed\n")})
    shop = open_shop(office)
    deploy(office, folder)
    task = office.asked()
    office.work()
    assert "is proposed, by deployment" in office.task(task).sentence
    assert shop.performs == 0

    for worker in ("refund-payer", "night-payer"):
        say(office, f"refunds/{worker}", ACTIVE, by="mei")
    deploy(office, folder)
    office.work()

    assert office.task(task).state is TaskState.DONE


def test_the_command_line_lists_pauses_and_resumes(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    monkeypatch.setenv("COLUMNS", "140")
    open_shop(office)
    office.asked()
    office.work()
    run = CliRunner().invoke

    said = run(app, ["pause", "refunds/refund-payer", "--as", "mei", "--because", "audit"])
    listed = run(app, ["workers", "--json"])
    table = run(app, ["workers"])
    narrowed = run(app, ["narrow", "refunds/order-checker", "--share", "20", "--as", "ruth", "--because", "slow"])
    resumed = run(app, ["resume", "refunds/refund-payer", "--as", "mei", "--json"])
    wrong = run(app, ["retire", "refunds/order-checker", "--as", "anna", "--because", "no"])

    assert said.stdout == "Refund worker is paused. Nothing was under way.\n"
    workers = {one["worker"]: one for one in json.loads(listed.stdout)}
    payer = workers["refunds/refund-payer"]
    assert (payer["standing"], payer["by"], payer["because"], payer["tried"]) == ("paused", "mei", "audit", 1)
    assert (workers["refunds/night-payer"]["standing"], workers["refunds/night-payer"]["since"]) == ("active", None)
    assert "refunds/refund-payer" in table.stdout
    assert narrowed.stdout.startswith("Order checker is narrowed to 20% of its tasks.")
    assert json.loads(resumed.stdout)["standing"] == "active"
    assert isinstance(wrong.exception, NotEntitled)
    assert trail(office, "worker:refunds/order-checker")[-1]["event"] == "standing_refused"
