"""A report that was a mistake is taken back by who said it or the lane's owner: it stays on record, and counts no more."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from chargehand.embedded.addresses import DatabaseUrls
from contracts.answers import OutcomeKind
from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import CauseClass, TaskState
from engine.erasing import erase
from engine.incident_view import incident_view
from engine.incidents import Heard, Withdrawal, withdraw
from engine.telling import task_view
from engine.why import why
from escalation.attention import taken
from storage.audit import broken_at
from tests.builders import House
from tests.integration.engine.past_work import Past
from tests.integration.engine.test_digest_figures import INSIDE, LAST_HOUR, content, past, refunds
from tests.integration.engine.test_erasing import everything
from tests.integration.engine.test_incident_commands import at_the_office, run
from tests.integration.engine.test_incidents import done, end, entries, incidents, say, told
from tests.integration.engine.test_results import CHECKER, PAYER, scored
from tests.integration.engine.test_switches import alarmed, counts, paid, stage
from tests.integration.engine.worlds import open_shop

__all__ = ["alarmed", "at_the_office", "past"]
WHY = "I looked at the wrong order."


def back(office: House, incident: int, *, by: str = "anna", because: str = WHY) -> Heard:
    """Somebody takes an incident back."""
    with office.deployment.database.transaction(office.company) as unit:
        business = office.deployment.businesses[office.company]
        return withdraw(unit, business, Withdrawal(incident, by, "slack", because))


def said_wrong(office: House, **known: Any) -> tuple[int, int]:
    """A refund that was paid, and Anna's word that it is wrong: task and incident."""
    task = done(office)
    return task, say(office, task, **known).incident or 0


def test_who_said_it_takes_it_back_with_a_reason_and_everybody_reads_it(office: House) -> None:
    task, number = said_wrong(office)

    heard = back(office, number)

    (row,) = incidents(office)
    assert heard == Heard(
        OutcomeKind.WITHDRAWN,
        f"Incident {number} is withdrawn. It stays on record, and counts no more.",
        incident=number,
    )
    assert (row.withdrawn, row.closed_by, row.because, row.cause) == (True, "anna", WHY, None)
    assert told(office) == [("incident", "mei", 2)]
    with office.deployment.database.transaction(office.company) as unit:
        lines, view, page = task_view(unit, task).lines, incident_view(unit, number), dict(why(unit, task).rows)
    assert lines[-1] == f"Said to be wrong by mistake: incident {number} was withdrawn."
    assert view.outcome == f"Anna Kowalczyk withdrew it: “{WHY}”"
    assert page["Wrong"][0].endswith(f", withdrawn by Anna Kowalczyk: “{WHY}”")


def test_the_lanes_owner_takes_it_back_and_who_said_it_is_told(office: House) -> None:
    task, number = said_wrong(office)

    heard = back(office, number, by="ruth", because="The order was another one.")

    assert heard.kind is OutcomeKind.WITHDRAWN
    (notice,) = office.rows("select details from outbox where message = 'notice' and person = 'anna'")
    assert notice.details["sentence"] == (
        f"You said that the result of T-{task} is wrong. Ruth Adeyemi withdrew it: “The order was another one.”"
    )


@pytest.mark.parametrize("who", ["mei", "jonas", "priya", "nobody"])
def test_nobody_else_does_not_even_who_answers_for_the_worker_and_their_try_is_on_record(
    office: House, who: str
) -> None:
    _, number = said_wrong(office)

    heard = back(office, number, by=who)

    assert heard.kind is OutcomeKind.NOT_ENTITLED
    assert heard.sentence.startswith(f"Only Anna Kowalczyk, Ruth Adeyemi can withdraw incident {number}")
    (entry,) = office.rows(
        "select content from audit_entry where trail = :t and event = 'withdraw_refused'", t=f"person:{who}"
    )
    assert (entry.content, incidents(office)[0].closed_at) == ({"incident": number}, None)


def test_without_a_reason_it_stays_open(office: House) -> None:
    _, number = said_wrong(office)

    answers = [back(office, number, because=because) for because in ("", "  ", "\x00")]

    assert {one.kind for one in answers} == {OutcomeKind.INCOMPLETE}
    assert incidents(office)[0].closed_at is None


def test_the_database_itself_lets_none_be_withdrawn_without_a_reason(office: House) -> None:
    said_wrong(office)
    ended = "closed_at = chargehand_now(), closed_by = 'anna'"

    with pytest.raises(IntegrityError, match="incident_withdrawn_with_a_reason"):
        office.rows(f"update incident set withdrawn = true, {ended} returning 1")


def test_the_task_s_trail_keeps_what_was_said_and_why_it_was_taken_back_and_stays_whole(office: House) -> None:
    task, number = said_wrong(office)
    back(office, number)

    trail = entries(office, task)

    moves = [entry for entry in trail if entry["version"] is not None]
    assert broken_at(trail) is None
    assert fold(
        Entry(Event(one["event"]), TaskState(one["source"]), TaskState(one["target"]), one["version"]) for one in moves
    ) == (TaskState.DONE, office.task(task).version)
    said, withdrawn = trail[-2:]
    assert (said["event"], withdrawn["event"], withdrawn["actor"]) == ("said_wrong", "wrong_withdrawn", "person:anna")
    assert withdrawn["content"] == {"incident": number, "because": WHY, "via": "slack"}


def test_what_has_ended_one_way_does_not_end_the_other_way_too(office: House) -> None:
    task, number = said_wrong(office)
    other = say(office, task, by="priya").incident or 0
    back(office, number)
    end(office, other, cause=CauseClass.DATA, minutes=1)

    again = [end(office, number, cause=CauseClass.DATA, minutes=1), back(office, number)]
    closed = back(office, other, by="ruth")

    assert {one.kind for one in (*again, closed)} == {OutcomeKind.ALREADY}
    assert {one.sentence for one in again} == {f"Incident {number} is withdrawn already, by Anna Kowalczyk."}
    assert closed.sentence == f"Incident {other} is closed already, by Mei-Lin Zhao."


def test_a_copy_of_the_word_stays_taken_back_and_a_new_word_is_an_incident_of_its_own(office: House) -> None:
    task, number = said_wrong(office, delivery="Ev1")
    back(office, number)

    copy = say(office, task, delivery="Ev1")
    new = say(office, task, delivery="Ev2")

    assert copy.sentence == f"That is on record already, as incident {number}; it is withdrawn, it was a mistake."
    assert (new.kind, len(incidents(office))) == (OutcomeKind.REPORTED, 2)


def test_score_fitness_and_cost_are_as_if_it_had_never_been_said(office: House) -> None:
    task = done(office)
    before = scored(office)
    number = say(office, task, cause=CauseClass.RIGHTS, minutes=10).incident or 0
    said = scored(office)

    back(office, number)

    after = scored(office)
    assert (before[PAYER].success_rate, said[PAYER].success_rate, after[PAYER].success_rate) == (1.0, 0.0, 1.0)
    assert (said[PAYER].wrong, after[PAYER].wrong, after[PAYER].correction_s) == (1, 0, 0)
    assert before[PAYER].fitness == after[PAYER].fitness != said[PAYER].fitness
    assert before[CHECKER] == after[CHECKER]
    with office.deployment.database.transaction(office.company) as unit:
        assert taken(unit, task) == 0


def test_it_trips_no_switch_and_what_a_switch_has_done_stays_for_a_person(alarmed: House) -> None:
    tasks = [paid(alarmed, n) for n in range(3)]
    first = say(alarmed, tasks[0]).incident or 0
    back(alarmed, first)
    second = say(alarmed, tasks[1]).incident or 0
    one = (counts(alarmed), stage(alarmed))

    say(alarmed, tasks[2])
    tripped = stage(alarmed)
    back(alarmed, second)

    assert one == ([1], None)
    assert (tripped, stage(alarmed)) == (2, 2)


def test_it_is_neither_counted_before_another_nor_the_same_again(office: House) -> None:
    open_shop(office)
    numbers = [say(office, done(office, order=f"10{n}", form=f"f{n}"), cause=CauseClass.DATA).incident for n in (1, 2)]
    back(office, numbers[0] or 0)

    said = end(office, numbers[1] or 0, cause=CauseClass.DATA, minutes=1)

    assert said.sentence.endswith("data, 1 min to put right.")
    with office.deployment.database.transaction(office.company) as unit:
        assert incident_view(unit, numbers[1] or 0).earlier == 0


def test_the_week_s_digest_counts_what_stands(office: House, past: Past) -> None:
    taken_back: dict[str, Any] = {"withdrawn": True, "closed_at": INSIDE, "closed_by": "anna", "because": WHY}
    past.incident(past.task(INSIDE), INSIDE, correction_s=600, **taken_back)
    past.incident(past.task(INSIDE), INSIDE, closed=LAST_HOUR)

    lane = refunds(content(office))

    assert (lane.wrong, lane.correction_s) == (1, 300)


def test_it_is_taken_back_on_the_terminal_and_listed_so(office: House, tmp_path: Path) -> None:
    _, number = said_wrong(office)

    early = run("withdraw", str(number), "--as", "anna")
    not_theirs = run("withdraw", str(number), "--because", WHY, "--as", "mei")
    taken_back = run("withdraw", str(number), "--because", WHY, "--as", "anna")

    assert (early.exit_code, early.stderr) == (1, "Say why it was a mistake: it stays on record.\n")
    assert (not_theirs.exit_code, taken_back.exit_code) == (1, 0)
    assert taken_back.stdout == f"Incident {number} is withdrawn. It stays on record, and counts no more.\n"
    assert run("list").stdout == "No incident is open.\n"
    assert "withdrawn, it was a mistake" in run("list", "--all").stdout


def test_the_reason_goes_with_the_task_when_it_is_erased(office: House, morning_urls: DatabaseUrls) -> None:
    task, number = said_wrong(office)
    back(office, number, because="Zoe Papadaki is not Ada.")

    erase(office.deployment, office.company, f"T-{task}", by="ruth", because="They asked for it.")

    assert "Papadaki" not in everything(morning_urls)
