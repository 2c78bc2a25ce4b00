"""A kill switch of a lane counts complaints, and lowers its stage or stops it by itself, once for what tripped it."""

import json
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.authoring import Failure, Governance, Transient
from contracts.switch import RUN_RATE
from contracts.vocabulary import CauseClass, TaskState, WaitingFor
from engine import switches
from engine.staging import change
from engine.switches import mind, readings
from storage.standings import stand_of
from tests.builders import House
from tests.integration.engine.test_incidents import done, end, say
from tests.integration.engine.test_standing import ACTIVE
from tests.integration.engine.test_standing import say as stand
from tests.integration.engine.worlds import changed_company, deploy, open_shop, raising, stuck

LANE = "lanes/refunds/lane.yaml"
DAY_S = 86_400


@pytest.fixture
def alarmed(office: House, tmp_path: Path) -> House:
    """The refund lane with a switch that trips at two complaints."""
    deploy(office, changed_company(tmp_path, {LANE: ("trips_at: 5", "trips_at: 2")}))
    open_shop(office)
    return office


@pytest.fixture
def stopping(office: House, tmp_path: Path) -> House:
    """The same, and it stops the lane."""
    folder = changed_company(tmp_path, {LANE: ("trips_at: 5", "trips_at: 2")})
    path = folder / LANE
    path.write_text(path.read_text().replace("then: stage 2", "then: pause"))
    deploy(office, folder)
    open_shop(office)
    return office


def paid(office: House, number: int) -> int:
    return done(office, order=f"10{number}", form=f"form {number}")


def counts(office: House) -> list[int]:
    loaded = office.deployment.businesses[office.company].lanes["refunds"]
    with office.deployment.database.transaction(office.company) as unit:
        return [one.count for one in readings(unit, loaded)]


def stage(office: House) -> int | None:
    with office.deployment.database.transaction(office.company) as unit:
        found = stand_of(unit, "lane:refunds")
    return found.stage if found is not None else None


def tripped(office: House) -> list[dict[str, Any]]:
    query = "select content from audit_entry where trail = 'lane:refunds' and event = 'switch_tripped' order by seq"
    return [row.content for row in office.rows(query)]


def notices(office: House) -> list[str]:
    rows = office.rows("select details, person from outbox where dedupe like 'switch:%' order by id")
    assert {row.person for row in rows} <= {"ruth"}
    return [row.details["sentence"] for row in rows]


def test_one_complaint_counts_once_however_many_complain_of_it(alarmed: House) -> None:
    task = paid(alarmed, 1)

    for who in ("anna", "tomas", "priya"):
        say(alarmed, task, by=who)

    assert counts(alarmed) == [1]
    assert (tripped(alarmed), stage(alarmed)) == ([], None)


def test_the_one_too_many_lowers_the_stage_and_its_owner_is_told_how_to_put_it_back(alarmed: House) -> None:
    tasks = [paid(alarmed, n) for n in range(2)]

    for task in tasks:
        say(alarmed, task)
    later = paid(alarmed, 7)

    assert stage(alarmed) == 2
    (entry,) = tripped(alarmed)
    assert (entry["switch"], entry["count"], entry["then"]) == ("too many wrong refunds", 2, "stage 2")
    (notice,) = notices(alarmed)
    assert notice.endswith(
        "until it is clear why (complaints 2 of 2 in 7 d). It is at stage 2 now, and was at 3. "
        "When it is mended: chargehand stage refunds 3."
    )
    waiting = alarmed.task(later)
    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.DECISION)


def test_what_tripped_it_counts_no_more_once_a_person_has_raised_the_stage(alarmed: House) -> None:
    tasks = [paid(alarmed, n) for n in range(5)]
    for task in tasks[:2]:
        say(alarmed, task)
    with alarmed.deployment.database.transaction("morning") as unit:
        business = alarmed.deployment.businesses["morning"]
        change(unit, business, lane="refunds", stage=3, by="ruth", because="It was the price list.")

    say(alarmed, tasks[2])
    one_more = (stage(alarmed), counts(alarmed), len(tripped(alarmed)))
    say(alarmed, tasks[3])

    assert one_more == (None, [1], 1)
    assert (stage(alarmed), len(tripped(alarmed)), len(notices(alarmed))) == (2, 2, 2)


def test_complaints_of_longer_ago_are_forgotten(alarmed: House) -> None:
    first, second = paid(alarmed, 1), paid(alarmed, 2)
    say(alarmed, first)
    alarmed.wait(7 * DAY_S + 60)

    say(alarmed, second)

    assert (counts(alarmed), stage(alarmed)) == ([1], None)


def test_a_closed_incident_still_counts(alarmed: House) -> None:
    first, second = paid(alarmed, 1), paid(alarmed, 2)
    end(alarmed, say(alarmed, first).incident or 0, cause=CauseClass.DATA, minutes=1)

    say(alarmed, second)

    assert stage(alarmed) == 2


def test_a_switch_that_stops_the_lane_parks_what_is_under_way_until_it_is_resumed(stopping: House) -> None:
    tasks = [paid(stopping, n) for n in range(2)]
    queued = stopping.asked(order="1050", form="queued")

    for task in tasks:
        say(stopping, task)
    stopping.work()

    row = stopping.task(queued)
    assert (row.state, row.waiting_for, stuck(stopping)) == (TaskState.WAITING, WaitingFor.BLOCKER, [])
    assert "paused, by switch too many wrong refunds" in row.sentence
    assert "1 queued task waits" in notices(stopping)[0]
    stand(stopping, "refunds", ACTIVE, by="ruth")
    stopping.work()
    assert stopping.task(queued).state is TaskState.DONE


def test_two_complaints_at_the_same_moment_trip_it_too(alarmed: House) -> None:
    tasks = [paid(alarmed, n) for n in range(2)]
    ready = threading.Barrier(2)

    def complain(task: int) -> None:
        ready.wait()
        say(alarmed, task)

    threads = [threading.Thread(target=complain, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (stage(alarmed), len(tripped(alarmed))) == (2, 1)


def test_a_lane_that_is_lower_already_is_left_where_it_is(alarmed: House) -> None:
    tasks = [paid(alarmed, n) for n in range(2)]
    with alarmed.deployment.database.transaction("morning") as unit:
        business = alarmed.deployment.businesses["morning"]
        change(unit, business, lane="refunds", stage=1, by="ruth", because="Holidays.")

    for task in tasks:
        say(alarmed, task)

    assert stage(alarmed) == 1
    assert notices(alarmed)[0].endswith("It is at stage 1 already.")


def test_the_list_of_lanes_shows_how_far_each_switch_is(alarmed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((alarmed.deployment, alarmed.company))
    )
    say(alarmed, paid(alarmed, 1))

    lanes = json.loads(CliRunner().invoke(app, ["lanes", "--json"]).stdout)

    assert {one["lane"]: one["switches"] for one in lanes}["refunds"] == "complaints 1 of 2 in 7 d"
    assert {one["lane"]: one["switches"] for one in lanes}["triage"] == "–"


def counting(office: House, tmp_path: Path, counts: str, trips_at: int) -> None:
    """Deploy the refund lane with a switch that stops it at so many."""
    folder = changed_company(tmp_path, {LANE: ("counts: complaints", f"counts: {counts}")})
    path = folder / LANE
    path.write_text(
        path.read_text().replace("trips_at: 5", f"trips_at: {trips_at}").replace("then: stage 2", "then: pause")
    )
    deploy(office, folder)


def test_a_lane_that_runs_too_often_is_stopped_and_all_its_tasks_wait_on_one_blocker(
    office: House, tmp_path: Path
) -> None:
    counting(office, tmp_path, "runs", 7)
    shop = open_shop(office)
    for number in range(3):
        paid(office, number)
    mind(office.deployment, office.company)
    before = (counts(office), tripped(office))
    paid(office, 3)

    mind(office.deployment, office.company)
    mind(office.deployment, office.company)
    tasks = [office.asked(order=f"20{number}", form=f"later {number}") for number in range(4)]
    office.work()

    assert before == ([6], [])
    (told,) = tripped(office)
    assert (told["count"], told["then"]) == (8, "pause")
    assert len(notices(office)) == 1
    assert {office.task(task).waiting_for for task in tasks} == {WaitingFor.BLOCKER}
    assert office.rows("select cause from blocker where lifted_at is null") == [("standing of lane:refunds",)]
    assert shop.performs == 4
    stand(office, "lane:refunds", ACTIVE)
    office.work()
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert counts(office) == [8]


def test_a_lane_that_declares_nothing_is_stopped_when_it_runs_away(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "RUN_RATE", RUN_RATE.model_copy(update={"trips_at": 7}))
    shop = open_shop(office)
    for number in range(3):
        paid(office, number)
    mind(office.deployment, office.company)
    before = tripped(office)
    paid(office, 3)

    mind(office.deployment, office.company)
    mind(office.deployment, office.company)
    tasks = [office.asked(order=f"20{number}", form=f"later {number}") for number in range(4)]
    office.work()

    assert before == []
    (told,) = tripped(office)
    assert (told["switch"], told["count"], told["then"]) == ("run rate", 8, "pause")
    assert told["because"].endswith("as if something went round in it (runs 8 of 7 in 1 h)")
    assert len(notices(office)) == 1
    assert {office.task(task).waiting_for for task in tasks} == {WaitingFor.BLOCKER}
    assert office.rows("select cause from blocker where lifted_at is null") == [("standing of lane:refunds",)]
    assert shop.performs == 4


def test_a_lane_that_says_how_often_it_may_run_is_held_to_that_alone(
    office: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "RUN_RATE", RUN_RATE.model_copy(update={"trips_at": 3}))
    counting(office, tmp_path, "runs", 9)
    open_shop(office)
    paid(office, 1)
    paid(office, 2)

    mind(office.deployment, office.company)

    assert (counts(office), tripped(office)) == ([4], [])


@pytest.mark.parametrize(
    ("kind", "counted", "not_counted"), [("errors", Transient, Governance), ("violations", Governance, Transient)]
)
def test_errors_and_violations_are_told_apart(
    office: House, tmp_path: Path, kind: str, counted: type[Failure], not_counted: type[Failure]
) -> None:
    counting(office, tmp_path, kind, 3)
    shop = open_shop(office)
    shop.reading = [raising(counted("No.")), raising(not_counted("No."))]
    for number in range(2):
        office.asked(order=f"30{number}", form=f"f {number}")

    office.work()

    assert counts(office) == [1]


def test_what_went_on_before_its_time_is_not_counted(office: House, tmp_path: Path) -> None:
    counting(office, tmp_path, "runs", 7)
    open_shop(office)
    paid(office, 1)

    office.wait(8 * DAY_S)

    assert counts(office) == [0]
