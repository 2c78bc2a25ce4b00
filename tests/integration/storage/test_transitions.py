"""Moves are guarded by state, version and fencing number; a zombie is refused at every write."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from contracts.lifecycle import Event, IllegalMove, Mover
from contracts.vocabulary import Answer, TaskState, WaitingFor
from storage.artifacts import Artifact, rows_of_kept
from storage.claims import Claimant, renew, take
from storage.tasks import Task
from storage.transitions import (
    Beside,
    BesideIt,
    Change,
    Happening,
    Moved,
    NotAllowed,
    Together,
    move,
    move_all,
)
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, open_shop, press, stuck


def claimed(office: House, *, count: int = 1) -> Sequence[Task]:
    """Tasks that a runner holds."""
    for i in range(count):
        office.ask(order=str(2000 + i), form=f"f{i}")
    with office.deployment.database.bound("morning") as connection:
        return take(connection, Claimant("holder", "default"), batch=count).tasks


def done(task: Task) -> Change:
    """The end of a task."""
    return Change(task, [Happening(Event.COMPLETED, {"n": task.number})])


def test_a_move_from_an_older_version_is_refused_and_leaves_no_entry(office: House) -> None:
    (task,) = claimed(office)
    with office.deployment.database.transaction("morning") as unit:
        move(unit, Change(task, [Happening(Event.STEP_DONE)]), mover=Mover.RUNNER, actor="runner:holder")

    with office.deployment.database.transaction("morning") as unit, pytest.raises(Moved):
        move(unit, done(task), mover=Mover.RUNNER, actor="runner:holder")

    assert office.task(task.number).state is TaskState.RUNNING
    assert assert_trail_is_whole(office, task.number)[-1] is Event.STEP_DONE


def test_a_move_writes_what_it_names_and_leaves_the_rest_as_it_is(office: House) -> None:
    (task,) = claimed(office)
    assert office.task(task.number) == task
    with office.deployment.database.transaction("morning") as unit:
        renew(unit, Claimant("holder", "default", lease_s=600), [task.number])
    renewed = office.task(task.number).due_at

    step = Change(task, [Happening(Event.STEP_DONE)], {"sentence": "It is looked at.", "way": {"a": [1]}})
    with office.deployment.database.transaction("morning") as unit:
        moved = move(unit, step, mover=Mover.RUNNER, actor="runner:holder")

    assert renewed != task.due_at
    assert office.task(task.number) == replace(moved, due_at=renewed)


def test_a_move_with_an_older_fencing_number_is_refused_even_at_the_right_version(office: House) -> None:
    (task,) = claimed(office)

    with office.deployment.database.transaction("morning") as unit, pytest.raises(Moved):
        move(unit, done(replace(task, fence=task.fence - 1)), mover=Mover.RUNNER, actor="runner:old")

    assert office.task(task.number).state is TaskState.RUNNING


def test_of_several_moves_those_that_somebody_else_made_first_are_left_out_whole(office: House) -> None:
    held = claimed(office, count=4)
    with office.deployment.database.transaction("morning") as unit:
        move(unit, done(held[1]), mover=Mover.RUNNER, actor="runner:holder")
    stale = [held[0], held[1], replace(held[2], fence=0), held[3]]

    with office.deployment.database.transaction("morning") as unit:
        won = move_all(unit, [done(task) for task in stale], mover=Mover.RUNNER, actor="runner:holder")

    assert {task.number for task in won} == {held[0].number, held[3].number}
    assert office.task(held[2].number).state is TaskState.RUNNING
    for task in held:
        events = assert_trail_is_whole(office, task.number)
        assert events.count(Event.COMPLETED) == (0 if task is held[2] else 1)


def kept(task: Task, *contents: bytes) -> Beside:
    """Evidence that a step has left, one artifact a content."""
    saved = [Artifact(f"{number}.txt", "text/plain", one, "check") for number, one in enumerate(contents)]
    named, shown = rows_of_kept(task.company, task.number, saved, at=task.accepted_at)
    size = dict.fromkeys(("count", "amount", "records", "recipients"), 1)
    above = dict.fromkeys(("lane", "portfolio", "workspace"), "x")
    use = {
        "company": task.company,
        "key": task.name,
        "task": task.number,
        "blast": "money",
        "intended_at": task.accepted_at,
    }
    return Beside(contents=named, evidence=shown, uses=[{**use, **size, **above}])


def test_what_is_beside_a_move_that_somebody_else_made_first_is_left_out_with_it(office: House) -> None:
    mine, theirs, other = claimed(office, count=3)
    moves: list[tuple[Change, BesideIt]] = [
        (done(mine), lambda task: kept(task, b"shared", b"mine")),
        (done(replace(theirs, version=0)), lambda task: kept(task, b"shared", b"theirs")),
        (done(other), lambda task: kept(task, b"shared")),
    ]
    office.rows(
        "insert into artifact (company, digest, media_type, size, saved_at, erased_at)"
        " values ('morning', :digest, 'text/plain', 4, now(), now()) returning 1",
        digest=sha256(b"mine").hexdigest(),
    )

    with office.deployment.database.transaction("morning") as unit:
        won = Together(unit, moves, mover=Mover.RUNNER, actor="runner:holder").carry_out(unit)

    assert [task.number for task in won] == [mine.number, other.number]
    named = office.rows("select digest, erased_at from artifact")
    assert {row.digest: row.erased_at for row in named} == {
        sha256(one).hexdigest(): None for one in (b"shared", b"mine")
    }
    shown = office.rows("select task, count(*) as n from task_artifact group by task")
    assert {row.task: row.n for row in shown} == {mine.number: 2, other.number: 1}
    assert {row.key for row in office.rows("select key from cap_use")} == {mine.name, other.name}


@pytest.mark.parametrize(
    ("event", "mover"),
    [(Event.COMPLETED, Mover.PERSON), (Event.COMPLETED, Mover.CLOCK), (Event.STEP_DONE, Mover.DECISION)],
)
def test_who_may_not_cause_an_event_is_refused_and_nothing_moves(office: House, event: Event, mover: Mover) -> None:
    (task,) = claimed(office)

    with office.deployment.database.transaction("morning") as unit, pytest.raises(NotAllowed, match=str(event)):
        move(unit, Change(task, [Happening(event)]), mover=mover, actor="x")

    assert office.task(task.number).version == task.version


def test_a_move_that_the_table_does_not_have_is_refused(office: House) -> None:
    (task,) = claimed(office)

    with office.deployment.database.transaction("morning") as unit, pytest.raises(IllegalMove):
        move(unit, Change(task, [Happening(Event.APPROVED)]), mover=Mover.DECISION, actor="x")


def test_an_ended_task_keeps_no_lease_no_subject_and_no_due_time(office: House) -> None:
    (task,) = claimed(office)

    with office.deployment.database.transaction("morning") as unit:
        move(unit, done(task), mover=Mover.RUNNER, actor="runner:holder")

    row = office.task(task.number)
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    assert row.ended_at is not None


@pytest.mark.parametrize(("amount", "place"), [(4200, "check"), (4200, "refund"), (4200, "look"), (74000, "check")])
def test_a_zombie_is_refused_at_every_write_and_the_new_runner_s_course_stands(
    office: House, amount: int, place: str
) -> None:
    shop = open_shop(office)
    task = office.asked(amount=amount)
    zombie = office.runner.claimant
    taken: list[Task] = []

    def another_takes_over() -> None:
        office.wait(60)
        with office.deployment.database.bound("morning") as connection:
            taken.extend(take(connection, Claimant("new-runner", "default"), batch=1).tasks)

    {"check": shop.reading, "refund": shop.after, "look": shop.looking}[place].append(another_takes_over)
    office.work()

    row = office.task(task)
    assert [one.number for one in taken] == [task]
    assert (row.version, row.fence, row.lease_runner) == (taken[0].version, taken[0].fence, "new-runner")
    assert row.facts == taken[0].facts
    actors = office.rows("select actor from audit_entry where trail = :t order by seq", t=f"task:{task}")
    assert actors[-1].actor == "runner:new-runner"
    assert zombie.runner != "new-runner"

    next_runner(office, "third")
    office.wait(60)
    office.work()
    if amount > 50000:
        press(office, task, "priya")
        office.work()
    assert office.task(task).state is TaskState.DONE
    assert len(shop.refunds) == 1
    assert_trail_is_whole(office, task)


def in_every_wait(office: House) -> dict[str, int]:
    """A task in each kind of wait."""
    shop = open_shop(office)
    decision = office.asked(order="101", amount=74000)
    office.work()
    shop.reading = [_broken for _ in range(9)]
    time = office.asked(order="102", form="t")
    office.work()
    # Its wait is a matter of chance, at most a second: it must not be over when the next one is worked.
    office.rows("update task set due_at = due_at + interval '1 hour' where number = :n returning 1", n=time)
    shop.reading.clear()
    shop.shows = {"amount": 1}
    blocker = office.asked(order="103", form="b")
    office.work()
    return {WaitingFor.DECISION: decision, WaitingFor.TIME: time, WaitingFor.BLOCKER: blocker}


def _broken() -> None:
    raise ConnectionResetError


def test_each_wait_has_something_that_ends_it_and_a_task_made_stuck_by_hand_is_found(office: House) -> None:
    waits = in_every_wait(office)
    assert {kind: office.task(task).waiting_for for kind, task in waits.items()} == {kind: kind for kind in waits}
    assert stuck(office) == []

    sabotage: dict[str, Callable[[], object]] = {
        WaitingFor.DECISION: lambda: office.rows("update decision set state = 'withdrawn' returning 1"),
        WaitingFor.TIME: lambda: office.rows(
            "update task set due_at = null where number = :n returning 1", n=waits[WaitingFor.TIME]
        ),
        WaitingFor.BLOCKER: lambda: office.rows("update blocker set lifted_at = opened_at returning 1"),
    }
    found = []
    for kind, act in sabotage.items():
        act()
        found.append(waits[kind])
        assert sorted(stuck(office)) == sorted(found)


def test_a_decision_whose_timers_are_all_gone_leaves_its_task_stuck(office: House) -> None:
    open_shop(office)
    task = office.asked(amount=74000)
    office.work()
    assert stuck(office) == []

    office.rows("update timer set fired_at = due_at returning 1")

    assert stuck(office) == [task]


def test_a_rejected_task_ends_refused_with_its_subject_free(office: House) -> None:
    open_shop(office)
    task = office.asked(amount=74000)
    office.work()

    press(office, task, "priya", Answer.REJECT)

    row = office.task(task)
    assert (row.state, row.holds_subject, row.due_at) == (TaskState.REFUSED, False, None)
    assert stuck(office) == []
