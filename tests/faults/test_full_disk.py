"""Disks that are truly full: nothing is answered with yes that is not kept, nothing happens that was not written, and all of it goes on alone once there is room."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chargehand.embedded import postgres
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.places import LARGEST_LOG
from chargehand.embedded.postgres import PostgresFailed
from chargehand.embedded.valkey import Valkey
from chargehand.supervisor import shorten
from contracts.vocabulary import TaskState
from gateway.health import conditions
from storage.artifacts import wrong_with as wrong_with_artifacts
from tests.builders import House, house
from tests.faults.cramped import (
    Cramped,
    begin_a_segment,
    cramped_company,
    orders_of,
    posted,
    until_refused,
    use_up_the_log,
)
from tests.faults.plant import Plant
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.test_processes import events_of
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop
from tests.stores import keep_all_in_store
from tests.stories.stack import Stack, running, until

ROUNDS, OF_ACCEPTANCE = 1, 4
AT_WORK = 13
"""Tasks that nobody has begun yet when the disk becomes full: what they would write is more than any table has room for."""
LOOK_AGAIN_S = 601.0


@pytest.fixture(scope="module")
def cramped(process_server: None, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cramped]:
    """A company whose database lies on a small disk; each test keeps to orders of its own."""
    with cramped_company(valkey_server.url, tmp_path_factory.mktemp("cramped")) as made:
        yield made


@pytest.mark.timeout(900)  # with --acceptance
def test_with_the_databases_disk_full_every_door_says_come_again_and_all_is_done_once_there_is_room(
    cramped: Cramped, acceptance: bool
) -> None:
    for _ in range(OF_ACCEPTANCE if acceptance else ROUNDS):
        filled_once(cramped)

    until(cramped.works.is_sealed, "every entry sealed")
    assert cramped.works.stack.state()["stuck"] == 0


def filled_once(cramped: Cramped) -> None:
    """The disk is full while some requests are at work and others come in; then there is room."""
    works = cramped.works
    kept_before, told_before = cramped.kept(), cramped.shifts_without_room()
    at_work = accepted_and_not_begun(cramped)
    begin_a_segment(cramped.home)

    with cramped.disk.full():
        forms, form = until_refused(cramped.form, orders_of(works))
        letters, mailed = until_refused(cramped.letter, orders_of(works))
        works.crew.start("runner")
        works.crew.halt("web")
        works.crew.start("web")
        until(lambda: sounds_the_alarm(works), "the alarm, by a gateway that was started on the full disk")
        until(lambda: cramped.shifts_without_room() > told_before, "a runner without room")
        told_of(cramped)
        paid = [order for order in at_work if works.stack.refunds(order)]
        assert cramped.unforeseen() == set()

    assert (forms[form], letters[mailed]) == (503, 451)
    assert len(paid) < len(at_work)
    assert cramped.kept() - kept_before == len(at_work) + len(forms) - 1 + len(letters) - 1
    until(works.is_answering, "ready again")
    assert {cramped.form(order) for order in forms} == {200}
    assert {cramped.letter(order) for order in letters} == {250}
    everything = [*at_work, *forms, *letters]
    numbers = [works.ended(order).number for order in everything]
    assert [works.stack.refunds(order) for order in everything] == [[4200]] * len(everything)
    assert all(works.trail_holds(number) for number in numbers)


def test_an_effect_that_is_under_way_when_a_full_disk_ends_the_database_happens_once(cramped: Cramped) -> None:
    works, order = cramped.works, cramped.works.order()

    with ExitStack() as shop:
        shop.enter_context(works.locked_shop("immediate"))
        assert cramped.form(order) == 200
        until(lambda: "intended" in events_of(works, order), "the effect under way")
        with cramped.disk.full():
            until(cramped.is_ended, "the database ended by its log")
            away = cramped.shifts_without_database()
            shop.close()
            until(lambda: cramped.shifts_without_database() > away, "nobody to tell of it")
            refused = works.order()
            assert cramped.form(refused) == 503
    cramped.start_again()
    until(works.is_answering, "ready again")
    task = works.ended(order)

    assert works.task(refused) is None
    assert works.stack.refunds(order) == [4200]
    assert works.trail_holds(task.number)
    assert cramped.unforeseen() == set()


def sounds_the_alarm(works: Plant) -> bool:
    """Whether the gateway is up and says that it is not ready."""
    try:
        return works.stack.client.get(f"{works.stack.web}/readyz").status_code == 503
    except httpx2.HTTPError:
        return False


def told_of(cramped: Cramped) -> None:
    """Who is called at night reads what is wrong and what to do, and a proxy reads when to come again."""
    works = cramped.works
    ready = works.stack.client.get(f"{works.stack.web}/readyz")
    doctor = works.stack.chargehand("doctor", "--json")

    assert (ready.status_code, bool(ready.headers["retry-after"])) == (503, True)
    assert "room: the disk of the database is full" in ready.text
    assert wrong_with(doctor.stdout)["room"]["mend"].startswith("make room")


def accepted_and_not_begun(cramped: Cramped) -> list[str]:
    """Orders whose refunds are accepted while no runner lives."""
    works = cramped.works
    works.crew.halt("runner")
    orders = [works.order() for _ in range(AT_WORK)]
    assert {cramped.form(order) for order in orders} == {200}
    until(lambda: all(works.task(order) for order in orders), "all requests accepted")
    return orders


def wrong_with(report: str) -> dict[str, dict[str, Any]]:
    """What doctor found wrong, by check."""
    return {one["check"]: one for one in json.loads(report) if one["health"] in {"bad", "away"}}


@pytest.fixture
def everything_on_it(tmp_path: Path) -> Iterator[tuple[Stack, SmallDisk]]:
    """`chargehand up`, with all that it keeps on one small disk."""
    with small_disk(tmp_path / "disk", mib=192) as disk:
        with running(disk.folder / "home") as stack:
            yield stack, disk
        for nothing_can_be_kept in (disk.read_only, disk.full):
            with nothing_can_be_kept():
                tried = stack.chargehand("up")
            assert (tried.returncode, "can't keep its files" in tried.stderr) == (3, True), tried.stderr


def test_a_machine_whose_disk_is_full_comes_back_alone_also_when_that_ended_its_database(
    everything_on_it: tuple[Stack, SmallDisk],
) -> None:
    stack, disk = everything_on_it
    stack.ask(order="1001", amount="42.00")
    until(lambda: stack.refunds("1001"), "the first refund")
    signing = (stack.home / "secrets" / "sandbox-signing-secret").read_text()

    with disk.full():
        fill_the_last_block(stack.home / "logs")
        until(lambda: is_ended(stack, disk), "the database away")
        heard = posted(stack.client, stack.web, signing, "1003")
        doctor = stack.chargehand("doctor", "--json")
        said = readiness(stack)

    assert stack.process.poll() is None
    assert heard == 503
    assert "disk: that of CHARGEHAND_HOME is full" in said
    assert wrong_with(doctor.stdout)["disk"]["said"].endswith("is full.")
    assert doctor.returncode == 3

    until(lambda: "can't" not in readiness(stack) and "full" not in readiness(stack), "ready again")
    until(lambda: posted(stack.client, stack.web, signing, "1003") == 200, "the form taken")
    until(lambda: stack.refunds("1003"), "the second refund")
    assert [stack.refunds(order) for order in ("1001", "1003")] == [[4200], [4200]]
    until(lambda: stack.chargehand("audit", "verify", "--live").returncode == 0, "a whole trail")
    assert stack.state()["stuck"] == 0


def readiness(stack: Stack) -> str:
    """What the gateway says of its parts."""
    return stack.client.get(f"{stack.web}/readyz").text


def fill_the_last_block(logs: Path) -> None:
    """Nobody can write one line more, as after some minutes on a full disk."""
    for path in logs.glob("*.log"):
        with path.open("ab", buffering=0) as log, suppress(OSError):
            while True:
                log.write(b"\n")


def is_ended(stack: Stack, disk: SmallDisk) -> bool:
    """Whether the database has ended because its log had no room."""
    use_up_the_log(stack.home, disk)
    return "database: can't be reached" in readiness(stack)


def test_a_database_does_not_start_on_a_full_disk_and_has_everything_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=128) as disk:
        home = disk.folder / "home"
        with postgres.running(home), postgres.administrator(home) as connection:
            connection.execute("create table kept as select 42 as number")

        with disk.full(), pytest.raises(PostgresFailed, match=r"Its log: .*postgres\.log"), postgres.running(home):
            pass

        with postgres.running(home), postgres.administrator(home) as connection:
            assert connection.execute("select number from kept").fetchall() == [(42,)]


def test_a_log_for_whose_copy_there_is_no_room_stays_as_it_is(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=12) as disk:
        log = disk.folder / "web.log"
        log.write_bytes(bytes(LARGEST_LOG + 1))

        with disk.full():
            shorten(log)
        assert [path.name for path in disk.folder.iterdir()] == ["web.log"]
        assert log.stat().st_size == LARGEST_LOG + 1


@pytest.fixture
def office(
    morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, SmallDisk]]:
    """The morning company with a runner in this process, all of its artifacts on a small disk."""
    keep_all_in_store(monkeypatch)
    with small_disk(home / "artifacts", mib=1) as disk, house(morning_urls, valkey_server.url, home) as found:
        yield found, disk


@pytest.mark.parametrize("how", ["full", "read_only"])
def test_a_step_whose_evidence_has_no_room_is_blocked_in_words_and_goes_on_once_there_is(
    office: tuple[House, SmallDisk], how: str
) -> None:
    found, disk = office
    shop = open_shop(found)
    tasks = [found.asked(order=order, form=order) for order in ("1234", "1238")]

    with getattr(disk, how)():
        found.work()
        names = [path.name for path in disk.folder.rglob("*") if path.is_file() and path.name != "filler"]
        (condition,) = [one for one in conditions(found.deployment) if one.name == "disk"]

    why = {"full": "No space left on device", "read_only": "Read-only file system"}[how]
    blocked = [found.task(task) for task in tasks]
    assert [(one.state, one.waiting_for) for one in blocked] == [(TaskState.WAITING, "blocker")] * 2
    assert all(
        one.sentence == f"The evidence of {one.name} can't be kept: {why}. Nothing of this try was written."
        for one in blocked
    )
    assert condition.wrong is not None
    assert condition.wrong.startswith("that of the artifacts is")
    assert (shop.performs, names) == (0, [])
    assert found.rows("select 1 from task_artifact union all select 1 from effect") == []
    assert [row.action for row in found.rows("select action from blocker")] == [
        "make room where artifacts are kept, or bring that store back, then try again."
    ]

    found.wait(LOOK_AGAIN_S)
    found.work()

    assert [found.task(task).state for task in tasks] == [TaskState.DONE] * 2
    assert sorted(one.order for one in shop.refunds) == ["1234", "1238"]
    assert found.rows("select 1 from blocker where lifted_at is null") == []
    for task in tasks:
        assert_trail_is_whole(found, task)
    with found.deployment.database.transaction(found.company) as unit:
        assert wrong_with_artifacts(unit, found.deployment.store) == []
