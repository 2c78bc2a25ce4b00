"""A database that is declared by its statements: read and changed under a key in a real PostgreSQL, and in SQLite."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.settings import BadSettings
from chargehand.systems.sql import NoDatabase, SqlCarrier, fitted
from contracts.authoring import Changed, Deterministic, Failure, Seen, lists_of
from contracts.failed import Failed
from contracts.systems.sql import SqlSystem
from contracts.vocabulary import TaskState
from engine.failures import classify
from tests.builders import House
from tests.integration.chargehand.wire import Wire, wire_to
from tests.integration.engine.dying import Reaper, live_until_ended, survive
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner
from tests.integration.engine.yard import lane, let_time_pass, step, wish, worker, yard_with

TABLES = """
    create table spot (name text primary key, says text not null, size numeric, seen timestamptz, version bigint not null default 1);
    insert into spot values ('shed', 'fine', 12, '2026-11-01T10:00:00Z', 7), ('hut', 'off', null, null, 1);
    create table placed (id bigint generated always as identity, what text not null, version bigint not null,
        key text not null unique, at timestamptz not null default '2026-11-01T10:00:00Z')
"""
DECLARED: Mapping[str, Any] = {
    "url": "YARD_DATABASE_URL",
    "reads": {
        "look": {
            "timeout": "30s",
            "takes": {"what": "text"},
            "gives": {"what": "text", "says": "text", "size": "integer?", "seen": "instant?", "version": "integer"},
            "statement": "select name as what, says, size, seen, version from spot where name = :what -- not :this",
        },
        "all": {
            "timeout": "30s",
            "rows": "many",
            "at_most": 2,
            "gives": {"name": "text"},
            "statement": "select name from spot order by 1",
        },
        "slow": {"gives": {"s": "text"}, "timeout": "1s", "statement": "select pg_sleep(600)::text as s"},
        "sly": {
            "gives": {"name": "text"},
            "timeout": "30s",
            "statement": "with gone as (delete from spot returning name) select * from gone",
        },
        "odd": {"timeout": "30s", "gives": {"name": "integer"}, "statement": "select name from spot"},
        "less": {"timeout": "30s", "gives": {"nam": "text"}, "statement": "select name from spot limit 1"},
    },
    "effects": {
        "place": {
            "class": "keyed",
            "timeout": "30s",
            "blast": "record",
            "takes": {"what": "text", "version": "integer"},
            "version": "version",
            "lag": "10s",
            "statements": [
                "update spot set version = version + 1 where name = :what and version = :version",
                "insert into placed (what, version, key) values (:what, :version, :key)",
            ],
            "look": "select id as reference, what, version, at from placed where key = :key",
            "keys": "select key from placed order by id",
        },
        "miss": {
            "class": "readable",
            "timeout": "30s",
            "blast": "record",
            "takes": {"what": "text"},
            "statements": [
                "insert into placed (what, version, key) values (:what, 1, :key)",
                "update spot set says = 'placed' where name = :what",
            ],
            "look": "select id as reference, what from placed where key = :key",
        },
    },
}
CODE = """
@worker
def look(request: Wish, desk: Desk) -> Spot:
    return Spot(**desk.spots.look(what=request.what))


@worker
def place(request: Wish, spot: Spot, desk: Desk) -> Proposal[Placed]:
    return desk.spots.place(what=spot.what, version=spot.version, because="it is wanted")
"""
SPOT = """

class Spot(BaseModel, frozen=True, extra="forbid", strict=True):
    what: str
    says: str
    size: int | None
    seen: int | None
    version: int
"""
ARGS = {"what": "shed", "version": 7}


@pytest.fixture
def spots(database_urls: DatabaseUrls) -> Iterator[Engine]:
    """The outside database, as its owner sees it; it lies beside ours in the test's own one."""
    engine = create_engine(database_urls.owner)
    with engine.begin() as connection:
        connection.execute(text(TABLES))
    yield engine
    engine.dispose()


@pytest.fixture
def carrier(spots: Engine, database_urls: DatabaseUrls) -> SqlCarrier:
    """What speaks to it."""
    return SqlCarrier("spots", SqlSystem.model_validate(DECLARED, strict=False), database_urls.owner)


def placed(spots: Engine) -> list[tuple[str, str]]:
    """What was placed, read past our own code."""
    with spots.connect() as connection:
        return [(row.what, row.key) for row in connection.execute(text("select what, key from placed order by id"))]


def spots_lane(**placing: Any) -> dict[str, str]:
    """The lane; `placing` is what more its last step says."""
    return lane(
        "spots",
        {
            "looker": worker("placer", "request", "spot", reads=["spots.look"]),
            "placer": worker("requester", "request spot", "placed", reads=[], writes=["spots.place"]),
        },
        [
            step("look", "looker", "Spot", "spot"),
            step("place", "placer", "Placed", "placed", recheck=["look"], **placing),
        ],
        CODE,
        models=SPOT,
    )


@pytest.fixture
def office(
    spots: Engine, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A yard whose spots lie in that database; nothing of its tool is code."""
    monkeypatch.setenv("YARD_DATABASE_URL", database_urls.owner)
    systems = {"spots": {"title": "The spots", "sql": DECLARED}}
    with yard_with(spots_lane(), database_urls, valkey_server.url, home, systems=systems) as found:
        yield found


def test_a_task_reads_changes_and_reads_back_without_a_line_of_code(office: House, spots: Engine) -> None:
    task = wish(office, "spots")

    office.work()

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert placed(spots) == [("shed", f"yard/T-{task}/place/1/1")]
    assert office.rows("select state, effect_class from effect") == [("verified", "keyed")]
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize(
    "place", ["intend.after_commit", "effect.before_call", "effect.after_call", "verify.after_look"]
)
def test_a_death_anywhere_round_the_call_places_once(office: House, spots: Engine, reaper: Reaper, place: str) -> None:
    task = wish(office, "spots")
    died = reaper.kill_in(place)

    live_until_ended(office, task)

    assert died == [place]
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert placed(spots) == [("shed", f"yard/T-{task}/place/1/1")]


def test_what_somebody_has_changed_meanwhile_is_read_again(office: House, spots: Engine, reaper: Reaper) -> None:
    task = wish(office, "spots")
    reaper.kill_in("effect.before_call")
    survive(office.work)
    with spots.begin() as connection:
        connection.execute(text("update spot set version = 8, says = 'wet'"))

    next_runner(office, "second")
    live_until_ended(office, task)

    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert [row.state for row in office.rows("select state from effect order by revision")] == ["disproved", "verified"]
    assert placed(spots) == [("shed", f"yard/T-{task}/place/1/2")]


def test_a_copy_that_lags_changes_nothing_until_it_has_caught_up(
    spots: Engine, database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YARD_DATABASE_URL", database_urls.owner)
    look = DECLARED["reads"]["look"]
    dated = {**look, "gives": {**look["gives"], "seen": "instant"}, "as_of": "seen", "timeout": "30s"}
    systems = {"spots": {"title": "The spots", "sql": {**DECLARED, "reads": {"look": dated}}}}
    lag = text("update spot set seen = chargehand_now() - make_interval(secs => :behind_s)")

    with yard_with(
        spots_lane(fresh={"spot": "10m"}), database_urls, valkey_server.url, home, systems=systems
    ) as office:
        with spots.begin() as connection:
            connection.execute(lag, {"behind_s": 3600})
        task = wish(office, "spots")
        office.work()

        assert (office.task(task).waiting_for, placed(spots)) == ("time", [])
        told = "Spot is 1 h old although it was just read again from spots.look, and place needs it"
        assert office.task(task).sentence.startswith(told)

        with spots.begin() as connection:
            connection.execute(lag, {"behind_s": 60})
        office.wait(120)
        office.work()

        assert office.task(task).state is TaskState.DONE, office.task(task).sentence
        assert len(placed(spots)) == 1


def test_a_variable_that_is_not_set_is_told_by_its_name_before_any_work(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chargehand.composition import systems  # noqa: PLC0415

    monkeypatch.delenv("YARD_DATABASE_URL")

    with pytest.raises(BadSettings, match=r"YARD_DATABASE_URL is not set, and company\.yaml names it for spots"):
        systems(office.deployment)


def test_a_read_gives_the_types_that_are_declared(carrier: SqlCarrier) -> None:
    assert carrier.read("look", {"what": "shed"}) == {
        "what": "shed",
        "says": "fine",
        "size": 12,
        "seen": 1793527200,
        "version": 7,
    }
    assert carrier.read("look", {"what": "hut"})["size"] is None
    assert carrier.read("look", {"what": "'; drop table spot; --"}) is None
    assert carrier.read("all", {}) == [{"name": "hut"}, {"name": "shed"}]


def test_more_records_than_are_declared_are_an_error_and_not_cut_off(carrier: SqlCarrier, spots: Engine) -> None:
    with spots.begin() as connection:
        connection.execute(text("insert into spot values ('bed', 'fine')"))

    with pytest.raises(Deterministic, match="all gives more than 2 records"):
        carrier.read("all", {})


@pytest.mark.parametrize(
    ("read", "told"), [("odd", "gives str where integer is declared"), ("less", "less gives no column nam")]
)
def test_what_the_database_gives_otherwise_than_declared_is_told(carrier: SqlCarrier, read: str, told: str) -> None:
    with pytest.raises(Deterministic, match="more than 1 record|" + told):
        carrier.read(read, {})


def test_a_read_can_not_change_anything(carrier: SqlCarrier, spots: Engine) -> None:
    with pytest.raises(Exception, match="read-only transaction") as refused:
        carrier.read("sly", {})

    assert classify(refused.value).case == "database"
    with spots.connect() as connection:
        assert connection.execute(text("select count(*) from spot")).scalar_one() == 2


def test_a_statement_that_takes_too_long_is_stopped_by_the_database(carrier: SqlCarrier, spots: Engine) -> None:
    failed = failed_of(lambda: carrier.read("slow", {}))

    assert failed.case == "time_out"
    at_work = text("select 1 from pg_stat_activity where state = 'active' and query like 'select pg_sleep(600)%'")
    until = time.monotonic() + 60
    with spots.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(at_work).first() is not None:
            assert time.monotonic() < until


def test_a_key_is_taken_once_and_found_again(carrier: SqlCarrier, spots: Engine) -> None:
    carrier.perform("place", ARGS, "k1")

    with pytest.raises(Deterministic, match=r"the database refused place \(23505\)"):
        carrier.perform("place", {"what": "shed", "version": 8}, "k1")

    assert carrier.look("place", ARGS, "k1") == Seen("1", ARGS, 1793527200)
    assert carrier.look("place", ARGS, "k2") is None
    assert placed(spots) == [("shed", "k1")]


def test_all_keys_are_listed_where_a_query_for_them_is_declared(carrier: SqlCarrier, office: House) -> None:
    carrier.perform("place", ARGS, "k1")
    carrier.perform("place", {"what": "hut", "version": 1}, "k2")

    tool = office.runner.systems["yard"]["spots"]
    assert lists_of(type(tool)) == {"place": "place_keys"}
    assert tool.place_keys() == ["k1", "k2"]


def test_a_change_of_which_one_statement_finds_nothing_leaves_nothing(carrier: SqlCarrier, spots: Engine) -> None:
    with pytest.raises(Deterministic, match="miss found nothing to change"):
        carrier.perform("miss", {"what": "pond"}, "k1")

    assert placed(spots) == []


def test_a_version_that_has_moved_on_is_somebody_elses_change(carrier: SqlCarrier, spots: Engine) -> None:
    with pytest.raises(Changed):
        carrier.perform("place", {"what": "shed", "version": 6}, "k1")

    assert placed(spots) == []


def with_timeout(seconds: int, **place: Any) -> SqlSystem:
    """The same declared, with such a time for its operations."""
    reads = {name: {**one, "timeout": f"{seconds}s"} for name, one in DECLARED["reads"].items()}
    effects = {"place": {**DECLARED["effects"]["place"], **place, "timeout": f"{seconds}s"}}
    return SqlSystem.model_validate({**DECLARED, "reads": reads, "effects": effects}, strict=False)


@pytest.fixture
def wire(spots: Engine, database_urls: DatabaseUrls) -> Iterator[Wire]:
    """A line to the outside database."""
    with wire_to(database_urls.owner) as found:
        yield found


def failed_of(act: Callable[[], object]) -> Failed:
    """What becomes of a call that fails."""
    with pytest.raises((DBAPIError, TimeoutError, Failure)) as failed:
        act()
    return classify(failed.value, system="spots")


def test_a_database_that_never_greets_is_an_outage_in_time_and_nothing_was_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql+psycopg://u:hush@127.0.0.1:{silent.getsockname()[1]}/x"
        carrier = SqlCarrier("spots", with_timeout(1), address)

        made = failed_of(lambda: carrier.perform("place", ARGS, "k1"))
        looked = failed_of(lambda: carrier.look("place", ARGS, "k1"))

    assert (made.case, made.cause, made.nothing_done) == ("time_out", "spots", True)
    assert (looked.case, looked.cause) == ("time_out", "spots")


@pytest.mark.parametrize("word", [b"pg_catalog.version", b"statement_timeout", b"insert into placed"])
def test_a_database_that_falls_silent_before_the_end_of_a_change_is_left_in_time_and_nothing_was_done(
    wire: Wire, spots: Engine, word: bytes
) -> None:
    wire.dead_at = word

    failed = failed_of(lambda: SqlCarrier("spots", with_timeout(1), wire.address).perform("place", ARGS, "k1"))

    assert (failed.case, failed.cause, failed.nothing_done) == ("time_out", "spots", True)
    assert placed(spots) == []


def test_a_database_that_falls_silent_while_it_is_read_is_left_in_time(wire: Wire) -> None:
    wire.dead_at = b"from placed where key"

    failed = failed_of(lambda: SqlCarrier("spots", with_timeout(1), wire.address).look("place", ARGS, "k1"))

    assert (failed.case, failed.cause) == ("time_out", "spots")


def test_a_line_that_is_torn_when_all_is_to_be_kept_leaves_a_doubt(wire: Wire) -> None:
    wire.torn_at = b"COMMIT"

    failed = failed_of(lambda: SqlCarrier("spots", with_timeout(60), wire.address).perform("place", ARGS, "k1"))

    assert (failed.case, failed.cause, failed.nothing_done) == ("database", "spots", False)


def test_all_statements_share_one_time(spots: Engine, database_urls: DatabaseUrls) -> None:
    slow = "insert into placed (what, version, key) select :what, :version, :key || {0} from pg_sleep(0.4)"
    statements = {"statements": [slow.format(number) for number in range(3)]}
    declared = with_timeout(1, **statements, version=None)

    failed = failed_of(lambda: SqlCarrier("spots", declared, database_urls.owner).perform("place", ARGS, "k1"))

    assert (failed.case, failed.nothing_done) == ("time_out", True)
    assert placed(spots) == []


def test_a_task_waits_for_a_silent_database_as_for_any_outage(
    wire: Wire,
    spots: Engine,
    database_urls: DatabaseUrls,
    valkey_server: Valkey,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YARD_DATABASE_URL", wire.address)
    declared = {**DECLARED, "effects": {"place": {**DECLARED["effects"]["place"], "timeout": "1s"}}}
    systems = {"spots": {"title": "The spots", "sql": declared}}
    with yard_with(spots_lane(), database_urls, valkey_server.url, home, systems=systems) as office:
        wire.dead_at = b"insert into placed"
        task = wish(office, "spots")
        let_time_pass(office)

        assert office.task(task).waiting_for == "blocker", office.task(task).sentence
        assert [row.system for row in office.rows("select system from blocker")] == ["spots"]
        assert [row.deaths for row in office.rows("select deaths from task")] == [0]


def test_a_database_that_is_away_is_tried_again(spots: Engine) -> None:
    away = SqlCarrier(
        "spots", SqlSystem.model_validate(DECLARED, strict=False), "postgresql+psycopg://u:hush@127.0.0.1:1/x"
    )

    with pytest.raises(Exception, match="onnection") as refused:
        away.read("all", {})

    failed = classify(refused.value)
    assert failed.case == "database"
    assert "hush" not in failed.sentence


@pytest.mark.parametrize("address", ["nonsense", "mysql://u:hush@db/x", "postgresql+nothing://u:hush@db/x"])
def test_an_address_that_can_not_be_used_is_told_without_showing_it(address: str) -> None:
    with pytest.raises(NoDatabase) as refused:
        SqlCarrier("spots", SqlSystem.model_validate(DECLARED, strict=False), address)

    assert "hush" not in str(refused.value)


def test_sqlite_is_read_and_changed_by_the_same_words(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/spots.sqlite"
    with closing(create_engine(address).raw_connection()) as connection:
        connection.cursor().executescript(
            "create table spot (name text, says text); insert into spot values ('shed', 'fine');"
            "create table placed (id integer primary key, what text, key text unique);"
        )
    declared = {
        "url": "X1",
        "reads": {
            "look": {
                "takes": {"what": "text"},
                "gives": {"says": "text"},
                "statement": "select says from spot where name = :what",
            },
            "sly": {"gives": {"says": "text"}, "statement": "with x as (select 1) select says from spot"},
        },
        "effects": {
            "place": {
                "class": "keyed",
                "blast": "record",
                "takes": {"what": "text"},
                "statements": ["insert into placed (what, key) values (:what, :key)"],
                "look": "select id as reference, what from placed where key = :key",
            }
        },
    }
    carrier = SqlCarrier("spots", SqlSystem.model_validate(declared, strict=False), address)

    assert carrier.read("look", {"what": "shed"}) == {"says": "fine"}
    carrier.perform("place", {"what": "shed"}, "k1")
    assert carrier.look("place", {"what": "shed"}, "k1") == Seen("1", {"what": "shed"}, None)
    with pytest.raises(Deterministic, match="IntegrityError"):
        carrier.perform("place", {"what": "shed"}, "k1")


def test_a_locked_sqlite_is_waited_for_as_long_as_the_call_may_take(tmp_path: Path) -> None:
    file = tmp_path / "spots.sqlite"
    with closing(sqlite3.connect(file)) as setup:
        setup.executescript("create table placed (id integer primary key, what text, key text unique)")
    declared: dict[str, Any] = {
        "url": "X1",
        "effects": {
            "place": {
                "class": "keyed",
                "blast": "record",
                "timeout": "60s",
                "takes": {"what": "text"},
                "statements": ["insert into placed (what, key) values (:what, :key)"],
                "look": "select id as reference, what from placed where key = :key",
            }
        },
    }
    hurried = {**declared, "effects": {"place": {**declared["effects"]["place"], "timeout": "1s"}}}
    patient, brief = (
        SqlCarrier("spots", SqlSystem.model_validate(one, strict=False), f"sqlite:///{file}")
        for one in (declared, hurried)
    )

    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin exclusive")
        failed = failed_of(lambda: brief.perform("place", {"what": "shed"}, "k1"))
        freeing = Timer(6, other.rollback)  # longer than any driver waits of its own accord
        freeing.start()
        patient.perform("place", {"what": "shed"}, "k1")
        freeing.join()

    assert (failed.kind, failed.cause, failed.nothing_done) == ("transient", "spots", True)
    assert patient.look("place", {"what": "shed"}, "k1") == Seen("1", {"what": "shed"}, None)


def test_a_sqlite_that_counts_for_ever_is_interrupted(tmp_path: Path) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) as x from n"
    declared = {"url": "X1", "reads": {"count": {"gives": {"x": "integer"}, "timeout": "1s", "statement": endless}}}
    carrier = SqlCarrier(
        "spots", SqlSystem.model_validate(declared, strict=False), f"sqlite:///{tmp_path}/spots.sqlite"
    )

    assert failed_of(lambda: carrier.read("count", {})).case == "time_out"


@pytest.mark.parametrize(
    ("word", "value"), [("integer", 1.5), ("integer", True), ("boolean", 2), ("text", 3), ("text", None)]
)
def test_nothing_is_taken_for_another_type(word: str, value: object) -> None:
    with pytest.raises(Deterministic):
        fitted(word, value)
