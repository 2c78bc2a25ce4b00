"""Anyone may say that a result is wrong: once on record, told to its owner once, and closed only with its cause."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from chargehand.embedded.addresses import DatabaseUrls
from contracts.answers import OutcomeKind
from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import CauseClass, TaskState
from engine.erasing import erase
from engine.incidents import Closing, Heard, Report, close, report
from engine.why import why
from storage.audit import broken_at, trail_of
from storage.transitions import NotAllowed, remark
from tests.builders import House
from tests.integration.engine.test_erasing import everything
from tests.integration.engine.worlds import open_shop

WRONG = "That's the wrong customer."


def done(office: House, **request: Any) -> int:
    """A refund that was paid."""
    task = office.asked(**request)
    office.work()
    return task


def say(office: House, task: int, *, by: str = "anna", words: str = WRONG, delivery: str = "", **known: Any) -> Heard:
    """Somebody says that a result is wrong."""
    said = Report(task, by, words, "slack", delivery or f"{by}:{task}:{words}", **known)
    with office.deployment.database.transaction(office.company) as unit:
        return report(unit, office.deployment.businesses[office.company], said)


def end(office: House, incident: int, *, by: str = "mei", **known: Any) -> Heard:
    """Somebody closes an incident."""
    with office.deployment.database.transaction(office.company) as unit:
        return close(unit, office.deployment.businesses[office.company], Closing(incident, by, "slack", **known))


def incidents(office: House) -> list[Any]:
    return office.rows("select * from incident order by number")


def told(office: House) -> list[tuple[str, str, int]]:
    """The letters about incidents: what, to whom, how often wanted."""
    rows = office.rows("select message, person, wanted from outbox where dedupe like 'incident:%' order by id")
    return [(row.message, row.person, row.wanted) for row in rows]


def entries(office: House, task: int) -> list[dict[str, Any]]:
    with office.deployment.database.transaction(office.company) as unit:
        return [dict(entry) for entry in trail_of(unit, f"task:{task}")]


def test_a_word_that_a_result_is_wrong_is_on_record_and_told_to_who_answers_for_the_worker(office: House) -> None:
    task = done(office)

    said = say(office, task, cause=CauseClass.DATA, minutes=5)

    (row,) = incidents(office)
    assert said == Heard(
        OutcomeKind.REPORTED,
        f"Thank you. It is on record as incident {row.number}, and Mei-Lin Zhao looks into it.",
        incident=row.number,
    )
    assert (row.task, row.lane, row.worker, row.reported_by) == (task, "refunds", "refund-payer", "anna")
    assert (row.sentence, row.cause, row.correction_s, row.closed_at) == (WRONG, "data", 300, None)
    assert told(office) == [("incident", "mei", 1)]


def test_the_trail_of_the_task_tells_it_and_stays_whole(office: House) -> None:
    task = done(office)
    number = say(office, task).incident
    assert number is not None
    end(office, number, cause=CauseClass.STALE_FACTS, minutes=12, because="Read yesterday.")

    trail, row = entries(office, task), office.task(task)

    moves = [entry for entry in trail if entry["version"] is not None]
    assert broken_at(trail) is None
    assert (row.trail_seq, row.trail_hash) == (trail[-1]["seq"], trail[-1]["hash"])
    assert fold(
        Entry(Event(one["event"]), TaskState(one["source"]), TaskState(one["target"]), one["version"]) for one in moves
    ) == (TaskState.DONE, row.version)
    said, closed = trail[-2:]
    assert (said["event"], said["actor"], said["content"]["words"]) == ("said_wrong", "person:anna", WRONG)
    assert (closed["event"], closed["actor"]) == ("wrong_closed", "person:mei")
    assert closed["content"] == {
        "incident": number,
        "recurs": None,
        "cause": "stale_facts",
        "correction_s": 720,
        "because": "Read yesterday.",
    }


@pytest.mark.parametrize("times", [2, 5])
def test_one_delivery_is_one_incident_however_often_it_comes(office: House, times: int) -> None:
    task = done(office)

    kinds = [say(office, task, delivery="Ev1").kind for _ in range(times)]

    assert kinds == [OutcomeKind.REPORTED] + [OutcomeKind.ALREADY] * (times - 1)
    assert len(incidents(office)) == 1
    assert [entry["event"] for entry in entries(office, task)].count("said_wrong") == 1
    assert told(office) == [("incident", "mei", 1)]


def test_more_words_of_one_person_are_kept_with_their_open_incident(office: House) -> None:
    task = done(office)
    first = say(office, task, delivery="Ev1")

    more = say(office, task, delivery="Ev2", words="And the amount, too.")

    assert (more.kind, more.incident) == (OutcomeKind.ALREADY, first.incident)
    assert len(incidents(office)) == 1
    assert entries(office, task)[-1]["content"]["words"] == "And the amount, too."


def test_another_person_and_the_same_person_after_it_was_closed_make_incidents_of_their_own(office: House) -> None:
    task = done(office)
    first = say(office, task, delivery="Ev1")
    say(office, task, delivery="Ev2", by="priya")
    end(office, first.incident or 0, cause=CauseClass.TOOL, minutes=0)

    say(office, task, delivery="Ev3")
    copy = say(office, task, delivery="Ev1")

    assert [row.reported_by for row in incidents(office)] == ["anna", "priya", "anna"]
    assert copy.incident == first.incident


@pytest.mark.parametrize("cause", [None, *CauseClass])
def test_no_incident_closes_without_a_cause(office: House, cause: CauseClass | None) -> None:
    number = say(office, done(office)).incident or 0

    said = end(office, number, cause=cause, minutes=3)

    (row,) = incidents(office)
    if cause is None:
        assert said.kind is OutcomeKind.INCOMPLETE
        assert said.sentence == (
            f"Incident {number} can't be closed without a cause. Say which: "
            "reasoning, rights, stale facts, missing approval, contract, tool, data."
        )
        assert row.closed_at is None
    else:
        assert (said.kind, row.cause, row.closed_by, row.correction_s) == (OutcomeKind.CLOSED, cause, "mei", 180)


def test_the_database_itself_lets_no_incident_be_closed_without_a_cause(office: House) -> None:
    say(office, done(office))

    with pytest.raises(IntegrityError, match="incident_closed_with_its_cause"):
        office.rows("update incident set closed_at = chargehand_now(), closed_by = 'mei' returning 1")


def test_what_was_said_of_cause_and_minutes_when_it_was_reported_is_enough_to_close_it(office: House) -> None:
    number = say(office, done(office), cause=CauseClass.CONTRACT, minutes=0).incident or 0

    said = end(office, number)

    assert said.sentence == f"Incident {number} is closed: contract, nothing to put right."


def test_minutes_are_asked_for_and_have_to_be_possible(office: House) -> None:
    number = say(office, done(office)).incident or 0

    answers = [end(office, number, cause=CauseClass.DATA, minutes=minutes) for minutes in (None, -1, 10**6)]

    assert {answer.kind for answer in answers} == {OutcomeKind.INCOMPLETE}
    assert "how many minutes" in answers[0].sentence
    assert incidents(office)[0].closed_at is None


def test_the_same_lane_worker_and_cause_as_an_earlier_closed_incident_is_the_same_again(office: House) -> None:
    open_shop(office)
    numbers = [say(office, done(office, order=f"100{n}", form=f"f{n}")).incident or 0 for n in range(4)]

    end(office, numbers[0], cause=CauseClass.DATA, minutes=1)
    end(office, numbers[1], cause=CauseClass.TOOL, minutes=1)
    said = end(office, numbers[2], cause=CauseClass.DATA, minutes=2)

    assert [row.recurs for row in incidents(office)] == [None, None, numbers[0], None]
    assert said.sentence.endswith(f"data, 2 min to put right, the same again as incident {numbers[0]}.")


@pytest.mark.parametrize("who", ["ruth", "mei", "jonas"])
def test_who_answers_for_the_worker_or_what_is_above_it_closes_it(office: House, who: str) -> None:
    number = say(office, done(office)).incident or 0

    assert end(office, number, by=who, cause=CauseClass.DATA, minutes=1).kind is OutcomeKind.CLOSED


@pytest.mark.parametrize("who", ["anna", "priya", "nobody"])
def test_nobody_else_closes_it_and_their_try_is_on_record(office: House, who: str) -> None:
    number = say(office, done(office)).incident or 0

    said = end(office, number, by=who, cause=CauseClass.DATA, minutes=1)

    assert said.kind is OutcomeKind.NOT_ENTITLED
    assert "Only Jonas Lindqvist, Mei-Lin Zhao, Ruth Adeyemi can close" in said.sentence
    (entry,) = office.rows(
        "select content from audit_entry where trail = :t and event = 'close_refused'", t=f"person:{who}"
    )
    assert entry.content == {"incident": number}


def test_closing_is_told_where_it_was_told_before_and_to_whoever_said_it_and_happens_once(office: House) -> None:
    number = say(office, done(office)).incident or 0
    end(office, number, cause=CauseClass.REASONING, minutes=4, because="It took the first hit.")

    again = end(office, number, by="ruth", cause=CauseClass.DATA, minutes=1)

    assert (again.kind, again.sentence) == (
        OutcomeKind.ALREADY,
        f"Incident {number} is closed already, by Mei-Lin Zhao.",
    )
    assert told(office) == [("incident", "mei", 2), ("notice", "anna", 1)]
    (notice,) = office.rows("select details from outbox where message = 'notice' and person = 'anna'")
    assert notice.details["sentence"].endswith("Mei-Lin Zhao closed it: reasoning, 4 min to put right.")


def test_a_task_without_a_result_has_none_that_is_wrong(office: House) -> None:
    waiting = office.asked(amount=74000)
    office.work()

    said = say(office, waiting)

    assert (said.kind, incidents(office)) == (OutcomeKind.BUSY, [])
    assert "has no result yet" in said.sentence


def test_a_refusal_can_be_wrong_too(office: House) -> None:
    refused = done(office, order="9999")

    assert office.task(refused).state is TaskState.REFUSED
    assert say(office, refused).kind is OutcomeKind.REPORTED


def test_a_task_that_is_not_here_is_told_as_one_that_never_was(office: House) -> None:
    said = say(office, 99999)

    assert (said.kind, said.sentence) == (OutcomeKind.UNKNOWN, "There is no task T-99999.")
    assert [row.content["named"] for row in office.rows("select content from audit_entry where event = 'not_found'")]


@pytest.mark.parametrize("words", ["", "   ", "\x00"])
def test_without_words_nothing_is_put_on_record(office: House, words: str) -> None:
    assert say(office, done(office), words=words, delivery="Ev1").kind is OutcomeKind.INCOMPLETE
    assert incidents(office) == []


def test_somebody_who_is_not_active_puts_nothing_on_record(office: House) -> None:
    task = done(office)
    office.rows("update person set active = false where id = 'anna' returning 1")

    assert say(office, task).kind is OutcomeKind.INACTIVE


def test_a_trail_takes_a_remark_only_after_the_end(office: House) -> None:
    task = office.task(office.asked())

    with office.deployment.database.transaction(office.company) as unit, pytest.raises(NotAllowed):
        remark(unit, task, None)  # type: ignore[arg-type]


def test_why_tells_what_was_wrong_and_counts_the_minutes_that_it_took(office: House) -> None:
    task = done(office)
    number = say(office, task).incident or 0
    with office.deployment.database.transaction(office.company) as unit:
        before = dict(why(unit, task).rows)
    end(office, number, cause=CauseClass.DATA, minutes=10)
    with office.deployment.database.transaction(office.company) as unit:
        after = dict(why(unit, task).rows)

    assert before["Wrong"][0].endswith(f"“{WRONG}”, open")
    assert "closed by Mei-Lin Zhao: data, 10 min to put right" in after["Wrong"][0]
    assert "people" not in before["Cost"][0]
    assert "6.60 USD people (10 min)" in after["Cost"][0]
    assert "chain intact" in after["Trail"][0]


def test_what_was_said_goes_with_the_task_when_it_is_erased(office: House, morning_urls: DatabaseUrls) -> None:
    task = done(office)
    number = say(office, task, words="Zoe Papadaki is not Ada.", delivery="Ev1").incident or 0
    end(office, number, cause=CauseClass.DATA, minutes=1, because="Ada it was, Zoe Papadaki it is.")

    erase(office.deployment, office.company, f"T-{task}", by="ruth", because="They asked for it.")

    assert "Papadaki" not in everything(morning_urls)
