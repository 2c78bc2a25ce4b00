"""Leases: nobody gets what somebody else has, one task of a subject at a time, and lost ones come back alone."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from typing import ClassVar

import pytest
from sqlalchemy import text

from contracts.canonical import canonical
from contracts.lifecycle import Event, Mover
from contracts.priority import priority, turn, urgency
from contracts.vocabulary import TaskState
from engine import batch, shift
from engine.watch import Watch
from escalation.cancelling import cancel
from storage import claims
from storage.audit import as_written, broken_at, trail_of
from storage.claims import Claimant, hand_back, may_be_poison, renew
from storage.due import MOST
from storage.overdue import Kind, overdue
from storage.replaced import Replaced, remember
from storage.tasks import Task
from storage.transitions import Change, Happening, move_all
from tests.builders import House
from tests.integration.engine.worlds import next_runner, open_shop

FIRST = Claimant("first", "default")
SECOND = Claimant("second", "default")


def take(office: House, claimant: Claimant, batch: int = 16) -> Sequence[Task]:
    """The tasks of a claim."""
    with office.deployment.database.bound("morning") as connection:
        return claims.take(connection, claimant, batch=batch).tasks


def ask_many(office: House, tasks: int, subjects: int) -> None:
    """Tasks spread over subjects, copied from one real task by the record itself."""
    first = office.asked(order="5000", form="0")
    columns = [row.name for row in office.rows(_COLUMNS)]
    changed = {
        "number": "nextval('task_number')",
        "form_key": "'copy-' || n",
        "subject": f"'order ' || (5000 + n % {subjects})",
    }
    values = ", ".join(changed.get(name, name) for name in columns)
    query = f"insert into task ({', '.join(columns)}) select {values} from task, generate_series(1, :n) as n"
    office.rows(f"{query} where number = :first returning 1", n=tasks - 1, first=first)


_COLUMNS = "select column_name as name from information_schema.columns where table_name = 'task'"


def test_runners_at_once_never_hold_the_same_task_nor_two_of_one_subject(office: House) -> None:
    ask_many(office, 200, 20)
    held: dict[str, int] = {}
    faults: list[str] = []
    taken: Counter[int] = Counter()
    guard = threading.Lock()

    def work(name: str) -> int:
        rounds = 0
        with office.deployment.database.bound("morning") as bound:
            while tasks := claims.take(bound, Claimant(name, "default", 300.0), batch=shift.BATCH).tasks:
                rounds += 1
                with guard:
                    taken.update(task.number for task in tasks)
                    faults.extend(task.subject for task in tasks if task.subject in held)
                    held.update({task.subject: task.number for task in tasks})
                with guard:
                    for task in tasks:
                        del held[task.subject]
                with bound.transaction() as unit:
                    changes = [Change(task, [Happening(Event.COMPLETED)]) for task in tasks]
                    move_all(unit, changes, mover=Mover.RUNNER, actor=f"runner:{name}")
        return rounds

    with ThreadPoolExecutor(4) as threads:
        rounds = list(threads.map(work, ["a", "b", "c", "d"]))
    while office.rows("select 1 from task where state <> 'done'"):
        rounds.append(work("last"))

    assert faults == []
    assert len(taken) == 200
    assert set(taken.values()) == {1}
    assert len(rounds) <= 6


_GATED = """with gate as materialized (select pg_advisory_xact_lock(7))
    select may_hold_subject('morning', 'order 2000', cast(:task as bigint)) as free from gate"""
_SOMEBODY_WAITS = "select 1 from pg_locks where locktype = 'advisory' and not granted"


def test_a_claim_sees_a_rival_that_was_committed_after_its_statement_began(office: House) -> None:
    """Else it would wait at the index for the rival's end, while it holds the lock that the rival needs to end."""
    office.asked(order="2000", form="first")
    other = office.asked(order="2000", form="second")
    with office.deployment.database.transaction("morning") as gate, ThreadPoolExecutor(1) as threads:
        gate.connection.execute(text("select pg_advisory_xact_lock(7)"))
        late = threads.submit(office.rows, _GATED, task=other)
        while not office.rows(_SOMEBODY_WAITS):
            time.sleep(0.01)

        assert len(take(office, FIRST, batch=1)) == 1
        gate.connection.rollback()

    assert [row.free for row in late.result()] == [False]


def set_apart(office: House, *, worth: float, due_s: list[float], deadline_s: list[float | None]) -> list[int]:
    """Tasks due so many seconds ago in a lane of that worth, some of them wanted by so many seconds after that."""
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(len(due_s))]
    office.rows("update lane set worth = :w where id = 'refunds' returning 1", w=worth)
    for task, due, deadline in zip(tasks, due_s, deadline_s, strict=True):
        office.rows(
            "update task set due_at = n.ow - :due * interval '1 s',"
            " deadline = n.ow + (cast(:deadline as float8) - :due) * interval '1 s'"
            " from (select chargehand_now() as ow) n where number = :n returning 1",
            due=due,
            deadline=deadline,
            n=task,
        )
    return tasks


def test_the_record_gives_turns_as_the_contract_s_function_does(office: House) -> None:
    chance = Random(7)
    deadlines = [chance.choice([None, -60.0, 60.0, chance.uniform(900, 9000)]) for _ in range(14)]
    tasks = set_apart(office, worth=0.4, due_s=[chance.uniform(1, 2000) for _ in deadlines], deadline_s=deadlines)
    stored = [(due, task) for task in map(office.task, tasks) if (due := task.due_at) is not None]

    held = take(office, FIRST)

    by_turn = sorted(stored, key=lambda one: turn(one[0], priority(0.4, urgency(one[0], one[1].deadline))))
    assert [task.number for task in held] == [task.number for _, task in by_turn]
    assert [task.number for task in held] != [task.number for _, task in sorted(stored, key=lambda one: one[0])]


def test_the_more_valuable_lane_comes_first_but_by_no_more_than_the_head_start(office: House) -> None:
    longest, newest, other = set_apart(office, worth=0.0, due_s=[950.0, 10.0, 0.0], deadline_s=[None] * 3)
    office.rows("update task set lane = 'triage' where number = :n returning 1", n=other)
    office.rows("update lane set worth = 1 where id = 'triage' returning 1")

    held = take(office, FIRST)

    assert [task.number for task in held] == [longest, other, newest]


def test_what_urges_most_is_found_behind_more_than_a_claim_looks_at(office: House) -> None:
    ask_many(office, 2 * MOST, 2 * MOST)
    valuable, urgent, lost = (office.asked(order=str(9000 + i), form=f"u{i}") for i in range(3))
    office.rows("update lane set worth = case id when 'triage' then 1 else 0 end returning 1")
    office.rows("update task set lane = 'triage' where number = :n returning 1", n=valuable)
    office.rows("update task set deadline = due_at where number = :n returning 1", n=urgent)
    office.rows("update task set lease_runner = 'gone', state = 'running' where number = :n returning 1", n=lost)

    held = [task.number for task in (*take(office, FIRST), *take(office, SECOND, batch=2))]

    assert held[0] == lost
    assert set(held[1:]) == {valuable, urgent}


def test_all_that_is_due_is_claimed_in_the_end_however_much_of_it_waits_for_others(office: House) -> None:
    """The first of a lane may all be on one subject, of which only one may be at work."""
    ask_many(office, 2 * MOST, 1)
    apart = office.asked(order="9000", form="apart")
    office.rows("update task set due_at = due_at + interval '1 s' where number = :n returning 1", n=apart)
    office.wait(2)

    first = take(office, FIRST)

    assert len(first) == 1
    assert [task.number for task in take(office, SECOND)] == [apart]


def test_a_task_of_a_lane_that_the_record_does_not_know_is_claimed_all_the_same(office: House) -> None:
    task = office.asked()
    office.rows("update task set lane = 'gone' where number = :n returning 1", n=task)

    assert [one.number for one in take(office, FIRST)] == [task]


def test_a_lease_that_ran_out_is_taken_over_alone_and_under_a_new_number(office: House) -> None:
    for i in range(4):
        office.ask(order=str(2000 + i), form=f"f{i}")
    lost = take(office, FIRST)
    office.wait(11)
    office.ask(order="3000", form="new")

    taken = [take(office, SECOND) for _ in range(5)]

    assert [len(one) for one in taken] == [1, 1, 1, 1, 1]
    assert {one[0].number for one in taken[:4]} == {task.number for task in lost}
    assert all(one[0].lease_alone and one[0].fence == 2 for one in taken[:4])
    assert not taken[4][0].lease_alone
    assert all(one[0].deaths == 0 for one in taken)


@pytest.mark.usefixtures("standing_clock")
def test_a_lease_that_still_runs_is_nobody_else_s(office: House) -> None:
    office.asked()
    take(office, FIRST)
    office.wait(9)

    assert not take(office, SECOND)


@pytest.mark.usefixtures("standing_clock")
def test_renewing_keeps_the_leases_that_a_runner_knows_of_and_no_others(office: House) -> None:
    for order in ("2000", "2001", "2002"):
        office.ask(order=order, form=order)
        take(office, SECOND if order == "2001" else FIRST)
    numbers = {row.subject: row.number for row in office.rows("select subject, number from task")}
    office.wait(8)

    with office.deployment.database.transaction("morning") as unit:
        kept = renew(unit, FIRST, [numbers["order 2000"], numbers["order 2001"]])
    office.wait(4)
    lost = [take(office, Claimant("third", "default")) for _ in range(3)]

    assert kept == 1
    assert sorted(task.subject for one in lost for task in one) == ["order 2001", "order 2002"]


def test_a_zombie_that_renews_after_it_was_taken_over_renews_nothing(office: House) -> None:
    task = office.asked()
    take(office, FIRST)
    office.wait(11)
    take(office, SECOND)

    with office.deployment.database.transaction("morning") as unit:
        assert renew(unit, FIRST, [task]) == 0


def test_what_is_handed_back_is_ready_for_others_and_counts_as_no_death(office: House) -> None:
    task = office.asked()
    held = take(office, FIRST)

    with office.deployment.database.transaction("morning") as unit:
        hand_back(unit, FIRST, held, why="stopped")
    (again,) = take(office, SECOND)

    assert office.task(task).state is TaskState.RUNNING
    assert (again.lease_alone, again.deaths, again.fence) == (False, 0, 2)
    events = office.rows("select event from audit_entry where trail = :t order by seq", t=f"task:{task}")
    assert [one.event for one in events[2:]] == ["claimed", "handed_back", "claimed"]


def test_what_somebody_wants_cancelled_meanwhile_is_handed_back_all_the_same(office: House) -> None:
    task = office.asked()
    held = take(office, FIRST)
    with office.deployment.database.transaction("morning") as unit:
        cancel(unit, task=task, person_id=office.asker, reason=None, via="slack")

    with office.deployment.database.transaction("morning") as unit:
        hand_back(unit, FIRST, held, why="stopped")

    row = office.task(task)
    assert (row.state, row.lease_runner) == (TaskState.READY, None)
    assert office.work() == 1
    assert office.task(task).state is TaskState.CANCELLED


def test_nobody_hands_back_what_another_has_claimed_meanwhile(office: House) -> None:
    task = office.asked()
    held = take(office, FIRST)
    office.wait(11)
    take(office, SECOND)

    with office.deployment.database.transaction("morning") as unit:
        assert hand_back(unit, FIRST, held, why="stopped") == []

    assert office.task(task).lease_runner == "second"


def test_only_what_was_lost_alone_counts_towards_poison(office: House) -> None:
    office.asked()
    seen = []
    for name in "abcd":
        (task,) = take(office, Claimant(name, "default"))
        seen.append((task.deaths, may_be_poison(task)))
        office.wait(11)

    assert seen == [(0, False), (0, False), (1, False), (2, True)]


def test_leases_of_runners_known_to_be_dead_are_freed_at_once(office: House) -> None:
    task = office.asked()
    take(office, FIRST)

    with office.deployment.database.unbound() as connection:
        connection.execute(text("select free_leases(:names)"), {"names": ["first", "nobody"]})
    (again,) = take(office, SECOND)

    assert again.number == task
    assert again.lease_runner == "second"


def test_a_runner_that_is_asked_to_stop_hands_back_what_it_has_not_begun(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(office)
    shop.after = [office.runner.stopping.set]
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(5)]

    worked = office.work()
    states = Counter(office.task(task).state for task in tasks)
    office.runner.stopping.clear()
    next_runner(office, "after")
    office.work()

    assert worked == 1
    assert states == {TaskState.DONE: 1, TaskState.READY: 4}
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert len(shop.refunds) == 5


def test_a_long_step_lets_the_others_go_to_whoever_is_free(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LONG_STEP_S", -1.0)
    open_shop(office)
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(3)]

    office.work()

    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    events = Counter(row.event for row in office.rows("select event from audit_entry where trail like 'task:%'"))
    assert events["handed_back"] == 2 + 1


def test_while_one_step_takes_long_the_others_go_to_whoever_is_free(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LONG_STEP_S", 1.0)
    shop = open_shop(office)
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(3)]
    seen: list[Counter[TaskState]] = []

    def slow() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and len(office.rows("select 1 from task where state = 'ready'")) < 2:
            time.sleep(0.05)
        seen.append(Counter(office.task(task).state for task in tasks))

    shop.reading = [slow]
    office.work()

    assert seen == [{TaskState.RUNNING: 1, TaskState.READY: 2}]
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}


def test_a_lease_is_kept_during_a_step_that_takes_longer_than_the_lease(office: House) -> None:
    shop = open_shop(office)
    office.runner.claimant = Claimant("patient", "default", 9.0)
    task = office.asked()
    stolen: list[Task] = []

    def slow() -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            stolen.extend(take(office, SECOND))
            time.sleep(0.05)

    shop.reading = [slow]
    office.work()

    assert stolen == []
    assert office.task(task).state is TaskState.DONE


class LateOnce(Watch):
    """Of which the first look finds the step overdue, and no later one: it ended just late."""

    looks: ClassVar[list[bool]] = []

    def overdue(self) -> bool:
        self.looks.append(True)
        return len(self.looks) == 1


def test_leases_are_renewed_again_after_a_step_that_ended_just_late(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LateOnce, "looks", [])
    shop = open_shop(office)
    office.runner.watch = LateOnce(office.runner.watch.slot)
    office.runner.claimant = Claimant("late", "default", 3.0)
    task = office.asked()
    kept: list[bool] = []

    def goes_on() -> None:
        until, end = office.task(task).due_at, time.monotonic() + 60
        while time.monotonic() < end and office.task(task).due_at == until:
            time.sleep(0.05)
        kept.append(office.task(task).due_at != until)

    shop.reading = [goes_on]
    office.work()

    assert LateOnce.looks
    assert kept == [True]


AWKWARD = 'host "7" \\ a/b: é € 🦉 \t\n\x01\x7f\u2028'


def test_a_claim_s_entry_is_hashed_as_all_others_are_whatever_the_runners_are_called(office: House) -> None:
    """The database hashes it: what it writes is held against what everybody else computes."""
    number = office.asked(order="2000", form="first")

    take(office, replace(FIRST, runner=AWKWARD))
    office.rows("update task set due_at = chargehand_now() - interval '1 s' where number = :n returning 1", n=number)
    take(office, replace(SECOND, runner=f"{AWKWARD} second"))

    with office.deployment.database.transaction("morning") as unit:
        entries = trail_of(unit, f"task:{number}")
    claimed, taken_over = entries[-2:]
    assert broken_at(entries) is None
    assert (claimed["event"], claimed["actor"]) == ("claimed", f"runner:{AWKWARD}")
    assert claimed["content"] == {"runner": AWKWARD, "fence": 1}
    assert taken_over["content"] == {"runner": f"{AWKWARD} second", "fence": 2, "lost": AWKWARD}
    assert len({bytes(entry["salt"]) for entry in entries}) == len(entries)
    assert office.task(number).trail_hash == taken_over["hash"]


def test_the_database_writes_texts_and_numbers_as_rfc_8785_does(office: House) -> None:
    every = "".join(chr(code) for code in (*range(1, 0x3000), 0xE000, 0xFEFF, 0xFFFF, 0x1F989, 0x10FFFF))
    written = as_written({"text": "cast(:text as text)", "empty": "text ''", "number": "cast(:number as bigint)"})

    (row,) = office.rows(f"select {written} as found", text=every, number=2**53 - 1)

    assert row.found.encode() == canonical({"text": every, "empty": "", "number": 2**53 - 1})


def test_a_record_that_was_put_in_the_place_of_another_is_not_claimed_from(office: House) -> None:
    number = office.asked(order="2000", form="first")

    with office.deployment.database.bound("morning") as connection:
        with connection.transaction() as unit:
            remember(unit)
        known = connection.noted["chargehand.tables"]
        known["task"] += 1
        with pytest.raises(Replaced):
            claims.take(connection, FIRST, batch=16)

        assert office.task(number).lease_runner is None
        assert claims.take(connection, FIRST, batch=16).tasks[0].number == number


def test_what_is_due_in_a_state_in_which_nobody_may_claim_it_is_left_and_keeps_no_other_waiting(office: House) -> None:
    """No move leads there. Were it a fault of ours, doctor tells what is late."""
    stray, other = office.asked(order="2000", form="first"), office.asked(order="2001", form="second")
    office.rows("update task set lease_runner = 'gone' where number = :n returning 1", n=stray)
    before = office.task(stray)

    assert [task.number for task in take(office, FIRST)] == [other]
    assert not take(office, FIRST)
    assert office.task(stray) == before
    with office.deployment.database.transaction("morning") as unit:
        assert [one.first for one in overdue(unit) if one.kind is Kind.TASK] == [f"T-{stray}"]
