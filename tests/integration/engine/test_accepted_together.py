"""Requests that come in at the same time are accepted in one transaction, and nobody's trouble is anybody else's."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from structlog.testing import capture_logs

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import intake
from engine.deployment import Deployment
from engine.intake import Accepted, AlreadyAsked, Draft, NotAccepted, NotKnown, accept
from engine.wakeups import COURIER_LIST, Wakeups, queue_name, short_connection
from storage import failpoints, pipeline
from storage.at_the_door import Asking, ChatUser, Newcomer, newcomers
from storage.database import Database, Trips, Unit
from storage.deliveries import Delivery, receive
from storage.directory import know_slack_user
from storage.pipeline import Query, Sendable
from tests.builders import MORNING, House
from tests.integration.engine.at_once import Told, ask_at_once, asking, be_patient, told, until
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop
from tests.statements import Asked, asked_of

OFTEN = 16


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
def asked(office: House) -> Iterator[Asked]:
    """What the record is asked."""
    with asked_of(office.deployment.database.engine) as found:
        yield found


def begun(asked: Asked) -> int:
    """How many statements have written tasks."""
    return sum("insert into task" in words for words in asked.statements)


def draft(number: int, *, by: str = "anna", **more: Any) -> Draft:
    request = {"order": f"{1000 + number}", "amount": 4200, "reason": "The parcel was lost."}
    return Draft(
        "refunds", by, request, {"surface": "slack"}, more.pop("form", f"form-{number}"), **{"delivery": None, **more}
    )


def delivered(office: House, count: int) -> list[Draft]:
    """Drafts with the deliveries that brought them."""
    drafts = [draft(number, delivery=f"k{number}", answer={"place": number}) for number in range(count)]
    for one in drafts:
        receive(office.deployment.database, Delivery("morning", str(one.delivery), "slack", "view_submission", {}))
    return drafts


def tasks_of(told: Sequence[Told]) -> list[int]:
    """Their tasks, all of which are new."""
    assert all(isinstance(one, Accepted) and one.new for one in told), told
    return [one.task for one in told if isinstance(one, Accepted)]


def test_sixteen_who_ask_at_once_get_each_a_task_of_their_own_in_one_statement(office: House, asked: Asked) -> None:
    drafts = delivered(office, OFTEN)

    tasks = tasks_of(ask_at_once(office, drafts))

    assert begun(asked) == 1
    assert tasks == list(range(tasks[0], tasks[0] + OFTEN))  # numbered as they came
    for task, one in zip(tasks, drafts, strict=True):
        row = office.task(task)
        assert (row.form_key, row.request, row.state) == (one.form_key, one.request, TaskState.READY)
        assert_trail_is_whole(office, task)
        assert len(office.rows("select 1 from outbox where message = 'task' and task = :task", task=task)) == 1
        (handled,) = office.rows("select * from delivery where key = :key", key=one.delivery)
        assert (handled.became, handled.reference, handled.handled_at is None) == ("task", f"T-{task}", False)


def test_what_was_accepted_together_is_worked_as_what_was_accepted_alone(office: House) -> None:
    open_shop(office)
    alone = office.asked(order="1999", form="alone")

    tasks = tasks_of(ask_at_once(office, [draft(number) for number in range(4)]))
    office.work()

    assert [office.task(task).state for task in tasks] == [TaskState.DONE] * 4
    assert {tuple(assert_trail_is_whole(office, task)) for task in (alone, *tasks)} == {
        tuple(assert_trail_is_whole(office, alone))
    }


def test_copies_of_one_form_are_one_task_and_hold_nobody_up(office: House, asked: Asked) -> None:
    first, second, third = (draft(number, form="same") for number in (1, 1, 1))

    heard = ask_at_once(office, [draft(7), first, second, draft(8), third])

    tasks = [one.task for one in heard if isinstance(one, Accepted)]
    assert tasks[1] == tasks[2] == tasks[4]
    assert [isinstance(one, Accepted) and one.new for one in heard] == [True, True, False, True, False]
    assert begun(asked) == 1
    assert len(office.rows("select 1 from task")) == 3
    after = office.asked(order="1999", form="after")
    assert after == tasks[0] + 3  # no number is spent on a copy


def test_one_who_may_not_ask_is_refused_among_others(office: House, asked: Asked) -> None:
    heard = ask_at_once(office, [draft(1), draft(2, by="priya"), draft(3, by="nobody"), draft(4)])

    tasks_of([heard[0], heard[3]])
    assert all(isinstance(one, NotAccepted) and "not open to you" in str(one) for one in heard[1:3])
    assert begun(asked) == 1
    assert len(office.rows("select 1 from task")) == 2


def test_one_whose_subject_awaits_a_decision_is_told_so_among_others(office: House, asked: Asked) -> None:
    open_shop(office)
    waiting = office.asked(order="1001", amount=74000, form="large")
    office.work()
    asked.statements.clear()
    drafts = delivered(office, 4)

    heard = ask_at_once(office, drafts)

    assert heard[1] == AlreadyAsked(waiting, f"Already asked: order 1001 waits for a decision in T-{waiting}.", "anna")
    tasks_of([heard[0], *heard[2:]])
    assert begun(asked) == 1
    assert office.rows("select 1 from task where form_key = 'form-1'") == []
    (notice,) = office.rows("select person, details from outbox where message = 'notice'")
    assert (notice.person, notice.details["place"]) == ("anna", 1)
    (settled,) = office.rows("select reference, why from delivery where key = 'k1'")
    assert (settled.reference, settled.why) == (f"T-{waiting}", "already asked")


def test_a_form_that_another_process_accepts_meanwhile_is_one_task_and_spares_the_others(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere: list[int] = []

    def meanwhile(trips: Trips, asking: Sequence[Asking]) -> tuple[Unit, list[Newcomer]]:
        found = newcomers(trips, asking)
        if len(asking) > 1 and not elsewhere:
            elsewhere.append(0)
            other = Draft("refunds", "anna", dict(draft(2).request), {}, "form-2", None)
            answer = intake._accept_alone(office.deployment, "morning", intake._Asked(other, lane))
            assert isinstance(answer, Accepted)
            elsewhere[0] = answer.task
        return found

    lane = office.deployment.businesses["morning"].lanes["refunds"]
    monkeypatch.setattr(intake, "newcomers", meanwhile)

    heard = ask_at_once(office, [draft(number) for number in range(4)])

    assert heard[2] == Accepted(elsewhere[0], new=False)
    tasks_of([*heard[:2], heard[3]])
    assert len(office.rows("select 1 from task")) == 4


def test_a_form_that_another_process_is_still_accepting_holds_up_its_own_asker_alone(
    office: House, morning_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LOCKS_MS", 20)
    first = office.asked(order="1999", form="first")

    with psycopg.connect(morning_urls.owner.replace("+psycopg", "")) as other:
        other.execute("select set_config('app.company', 'morning', true)")
        other.execute(
            """insert into task select (jsonb_populate_record(t, '{"number": 99999, "form_key": "form-2"}')).*
            from task t where number = %s""",
            [first],
        )
        with asking(office.deployment, "morning", [draft(number) for number in range(4)]) as asked:
            until(lambda: len(office.rows("select 1 from task")) == 4)
            held_up = not asked[2].done()
            other.commit()
            heard = [told(one) for one in asked]

    assert held_up
    tasks_of([*heard[:2], heard[3]])
    assert heard[2] == Accepted(99999, new=False)


def test_a_request_that_cannot_be_made_a_task_fails_for_its_own_asker(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = intake.as_asked

    def fails(*given: Any, **more: Any) -> Any:
        if given[1]["order"] == "1002":
            raise ZeroDivisionError
        return made(*given, **more)

    monkeypatch.setattr(intake, "as_asked", fails)

    with capture_logs() as logs:
        heard = ask_at_once(office, [draft(number) for number in range(4)])

    assert isinstance(heard[2], ZeroDivisionError)
    tasks_of([*heard[:2], heard[3]])
    assert [one["count"] for one in logs if one["event"] == "requests.not_together"] == [4]


class Died(BaseException):
    """What ends a thread."""


@pytest.mark.parametrize("error", [Died, RuntimeError])
def test_a_leader_that_fails_before_the_commit_leaves_nobody_without_an_answer(
    office: House, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    failed: list[str] = []

    def once(name: str) -> None:
        if name == "intake.before_commit" and not failed:
            failed.append(name)
            raise error

    monkeypatch.setattr(intake, "passing", once)

    heard = ask_at_once(office, [draft(number) for number in range(4)])

    assert failed
    assert isinstance(heard[0], Died) == (error is Died)  # the others are accepted, and so is whoever is only unlucky
    assert len(tasks_of(heard[error is Died :])) == len(office.rows("select 1 from task"))


def test_a_server_that_was_restarted_costs_nobody_a_task(office: House, morning_urls: DatabaseUrls) -> None:
    """Every connection in the pool is lost, and only the first to be taken is found to be so by who asks."""
    engine = office.deployment.database.engine
    for one in [engine.connect() for _ in range(6)]:
        one.close()
    with psycopg.connect(morning_urls.app.replace("+psycopg", "")) as restarting:
        restarting.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
            where pid <> pg_backend_pid() and usename = current_user and datname = current_database()"""
        )

    with capture_logs() as logs:
        heard = ask_at_once(office, [draft(number) for number in range(4)])

    assert [one["error"] for one in logs if one["event"] == "requests.not_together"] == ["OperationalError"]
    tasks_of(heard)


def cut_off(office: House) -> None:
    """The server ends the connection by which requests are being accepted."""
    accepting = """select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
        and datname = current_database() and state = 'idle' and strpos(query, 'as before') > 0"""
    assert len(office.rows(accepting)) == 1


def test_a_connection_that_is_lost_before_the_commit_is_told_to_all_and_nothing_is_kept(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []

    def loses(name: str) -> None:
        if name == "intake.before_commit" and not lost:
            lost.append(name)
            cut_off(office)

    monkeypatch.setattr(intake, "passing", loses)
    drafts = [draft(number) for number in range(4)]

    heard = ask_at_once(office, drafts)

    assert all(isinstance(one, OperationalError) for one in heard)
    assert office.rows("select 1 from task") == []
    tasks_of([accept(office.deployment, "morning", one) for one in drafts])


def test_a_connection_that_is_lost_while_the_commit_is_answered_is_told_to_all_and_asking_again_is_harmless(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = pipeline._told

    def loses(driver: "psycopg.Connection[Any]", new: Sequence[Sendable], queries: Sequence[Query]) -> Any:
        found = told(driver, new, queries)
        if "insert into task" in queries[-1][0].sql:
            driver.close()
            raise psycopg.OperationalError("the connection is lost")
        return found

    drafts = [draft(number) for number in range(4)]
    with monkeypatch.context() as patch:
        heard = ask_at_once(office, drafts, before_it_opens=lambda: patch.setattr(pipeline, "_told", loses))
    again = [accept(office.deployment, "morning", one) for one in drafts]

    assert all(isinstance(one, OperationalError) and one.connection_invalidated for one in heard)
    assert len({id(one) for one in heard}) == 4
    assert not any(isinstance(one, Accepted) and one.new for one in again)
    assert len(office.rows("select 1 from task")) == 4


def test_a_database_without_a_free_connection_is_told_to_all_who_have_waited_for_one(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = office.deployment.database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    taken = [pool.connect() for _ in range(8)]

    heard = ask_at_once(office, [draft(number) for number in range(4)])
    for one in taken:
        one.close()

    assert all(isinstance(one, NoConnection) for one in heard)
    tasks_of(ask_at_once(office, [draft(number) for number in range(4)]))


def accept_until_killed(database_url: str, redis_url: str, home: str, failpoint: str) -> None:
    """Four ask at once in a process of its own, with one failpoint armed; who is answered leaves a file that says so."""
    failpoints.arm(failpoint, Path(home) / "failpoints")
    businesses, sources = load_businesses([MORNING])
    wakeups = Wakeups(short_connection(redis_url), 2)
    deployment = Deployment(Database(database_url), businesses, sources, wakeups, Path(home))
    with asking(deployment, "morning", [draft(number) for number in range(4)]) as asked:
        for number, one in enumerate(asked):
            one.add_done_callback(lambda _, number=number: (Path(home) / f"answered-{number}").touch())  # type: ignore[misc]


@pytest.mark.parametrize("place", ["intake.before_commit", "intake.after_commit", "wake.before_enqueue"])
def test_a_process_that_dies_with_several_at_the_door_loses_and_doubles_nothing(
    office: House, morning_urls: DatabaseUrls, valkey_server: Valkey, place: str
) -> None:
    home = office.deployment.home
    arguments = (morning_urls.app, valkey_server.url, str(home), place)
    process = multiprocessing.get_context("spawn").Process(target=accept_until_killed, args=arguments)

    process.start()
    process.join(timeout=60)
    kept = [row.form_key for row in office.rows("select form_key from task order by form_key")]
    answered = [f"form-{number}" for number in range(4) if (home / f"answered-{number}").exists()]
    again = [accept(office.deployment, "morning", draft(number)) for number in range(4)]

    assert process.exitcode == -signal.SIGKILL
    assert set(answered) <= set(kept)
    assert len(kept) == (0 if place == "intake.before_commit" else 4)
    assert [isinstance(one, Accepted) and one.new for one in again] == [not kept] * 4
    assert len(office.rows("select 1 from task")) == 4


def test_no_two_companies_share_a_door(office: House) -> None:
    deployment = office.deployment

    assert deployment.door("morning") is deployment.door("morning")
    assert deployment.door("morning") is not deployment.door("evening")


@pytest.mark.parametrize(("askers", "called"), [(1, 1), (OFTEN, 2)])
def test_as_many_runners_are_called_as_have_something_to_do(
    office: House, valkey_server: Valkey, askers: int, called: int
) -> None:
    with Redis.from_url(valkey_server.url) as redis:
        redis.flushall()

        ask_at_once(office, [draft(number) for number in range(askers)])

        assert Queue(queue_name("default"), connection=redis, serializer=JSONSerializer).count == called
        assert redis.llen(COURIER_LIST) == 1


@pytest.mark.parametrize("team", ["T0MORNING", "T0OTHER"])
@pytest.mark.parametrize("is_active", [True, False])
def test_a_slack_user_asks_as_the_person_whom_the_record_knows_by_it(
    office: House, morning_urls: DatabaseUrls, team: str, is_active: bool
) -> None:
    with office.deployment.database.transaction("morning") as unit:
        know_slack_user(unit, "T0MORNING", "U0ANNA", "anna")
    with psycopg.connect(morning_urls.owner.replace("+psycopg", "")) as owner:
        owner.execute("update person set active = %s where id = 'anna'", [is_active])
    drafts = [replace(draft(number), requester=ChatUser(team, "U0ANNA")) for number in range(2)]

    found = ask_at_once(office, [*drafts, draft(2, by="tomas")])

    if (team, is_active) == ("T0MORNING", True):
        assert len(tasks_of(found)) == 3
        assert {row.requester for row in office.rows("select requester from task")} == {"anna", "tomas"}
        assert {row.actor for row in office.rows("select actor from audit_entry where event = 'accepted'")} == {
            "person:anna",
            "person:tomas",
        }
    else:
        assert [type(one) for one in found] == [NotKnown, NotKnown, Accepted]
        assert len(office.rows("select 1 from task")) == 1
