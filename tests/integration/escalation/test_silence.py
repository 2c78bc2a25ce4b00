"""Silence and questions: each timer fires once and in order, and no clock runs while a question is open."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.vocabulary import Answer, TaskState
from escalation import decisions, silence
from escalation.decisions import OutcomeKind, Voice, decide
from escalation.questions import answer_question
from tests.builders import House
from tests.integration.engine.worlds import stuck
from tests.integration.escalation.asking import noted, open_decisions, say

HOUR = 3600.0


def sent(office: House, message: str) -> int:
    """How many letters of a kind exist."""
    found: int = office.rows("select count(*) as n from outbox where message = :m", m=message)[0].n
    return found


def ask(office: House, decision: int, person: str = "priya", question: str = "Why so late?") -> OutcomeKind:
    """An approver asks back."""
    with office.deployment.database.transaction("morning") as unit:
        return decide(unit, Voice(decision, person, Answer.ASK, question, "slack", None)).kind


def reply(office: House, decision: int, person: str = "anna", answer: str = "The carrier was slow.") -> OutcomeKind:
    """The requester answers."""
    with office.deployment.database.transaction("morning") as unit:
        return answer_question(unit, decision=decision, person_id=person, answer=answer, via="slack").kind


def events(office: House, decision: int) -> list[str]:
    """The decision's trail."""
    rows = office.rows("select event from audit_entry where trail = :t order by seq", t=f"decision:{decision}")
    return [row.event for row in rows]


def test_two_clocks_at_once_fire_each_timer_once(office: House) -> None:
    decisions = open_decisions(office, 6)
    office.wait(3.1 * HOUR)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: office.sweep(), range(4)))

    assert sent(office, "reminder") == 6 * 2 * 3
    assert [events(office, one) for one in decisions] == [["reminded", "reminded"]] * 6
    assert office.rows("select 1 from timer where fired_at is null and due_at <= chargehand_now()") == []


def test_after_a_day_without_a_clock_everything_happens_once_and_in_order(office: House) -> None:
    (decision,) = open_decisions(office)
    office.wait(25 * HOUR)

    office.sweep()
    after_one_round = events(office, decision)
    state = office.task(1001).state
    office.wait(20.1 * HOUR)
    office.sweep()

    assert after_one_round == ["reminded", "reminded", "next_in_line"]
    assert state is TaskState.WAITING
    assert events(office, decision)[3:] == ["expired"]
    assert office.task(1001).state is TaskState.REFUSED


@pytest.mark.parametrize("back_s", [5.0, HOUR, 24 * HOUR])
def test_a_time_that_is_set_back_and_comes_again_fires_nothing_a_second_time(office: House, back_s: float) -> None:
    (decision,) = open_decisions(office)
    office.wait(5 * HOUR)
    office.sweep()
    once = (events(office, decision), sent(office, "reminder"), sent(office, "card"))

    for seconds in (-back_s, back_s):
        office.wait(seconds)
        office.sweep()

    assert once[0] == ["reminded", "reminded", "next_in_line"]
    assert (events(office, decision), sent(office, "reminder"), sent(office, "card")) == once


def test_those_asked_first_may_still_answer_after_the_next_were_asked(office: House) -> None:
    (decision,) = open_decisions(office)
    office.wait(5 * HOUR)
    office.sweep()

    assert office.rows("select entitled from decision")[0].entitled == ["kwame", "mei", "priya", "ruth"]
    assert say(office, decision, "priya").kind is OutcomeKind.DECIDED


def test_who_has_voted_is_not_reminded(office: House) -> None:
    open_decisions(office)
    office.rows("update decision set quorum = 2 returning 1")
    say(office, 1, "priya")
    office.wait(1.1 * HOUR)

    office.sweep()

    reminded = office.rows("select person from outbox where message = 'reminder' order by person")
    assert [row.person for row in reminded] == ["kwame", "mei"]


def test_no_timer_fires_after_the_decision(office: House) -> None:
    (decision,) = open_decisions(office)
    say(office, decision, "priya")
    office.wait(50 * HOUR)

    office.sweep()

    assert sent(office, "reminder") == 0
    assert office.rows("select state from decision")[0].state == "approved"


def test_a_question_stops_the_clock_and_its_answer_moves_every_timer_on_by_the_time_it_stood(office: House) -> None:
    (decision,) = open_decisions(office)
    before = {row.kind + str(row.ordinal): row.due_at for row in office.rows("select * from timer")}
    ends = office.rows("select due_at from decision")[0].due_at
    asked = ask(office, decision)
    office.wait(10 * HOUR)
    office.sweep()
    silent = sent(office, "reminder")

    answered = reply(office, decision)

    after = {row.kind + str(row.ordinal): row.due_at for row in office.rows("select * from timer")}
    shifts = [(after[one] - due).total_seconds() for one, due in before.items()]
    assert (asked, answered, silent) == (OutcomeKind.ASKED, OutcomeKind.COUNTED, 0)
    assert shifts == pytest.approx([10 * HOUR] * 3, abs=5)
    stood = (office.rows("select due_at from decision")[0].due_at - ends).total_seconds()
    assert stood == pytest.approx(10 * HOUR, abs=5)
    assert stuck(office) == []
    office.wait(1.1 * HOUR)
    office.sweep()
    assert sent(office, "reminder") == 3


def test_a_question_that_nobody_answers_lets_the_clock_run_on_after_a_day(office: House) -> None:
    (decision,) = open_decisions(office)
    ask(office, decision)
    assert stuck(office) == []
    office.wait(23 * HOUR)
    office.sweep()
    still = office.rows("select state from decision")[0].state
    office.wait(1.1 * HOUR)
    office.sweep()

    assert (still, office.rows("select state from decision")[0].state) == ("asked_back", "open")
    assert events(office, decision) == ["asked_back", "question_unanswered"]
    office.wait(30 * HOUR)
    office.sweep()
    office.wait(30 * HOUR)
    office.sweep()
    assert office.task(1001).state is TaskState.REFUSED


def test_an_answer_belongs_to_the_newest_question_only(office: House) -> None:
    (decision,) = open_decisions(office)
    ask(office, decision, question="First?")
    office.wait(25 * HOUR)
    office.sweep()
    ask(office, decision, "mei", question="Second?")

    reply(office, decision, answer="To the second.")

    found = office.rows("select question, answer from question order by ordinal")
    assert [tuple(row) for row in found] == [("First?", None), ("Second?", "To the second.")]


def test_a_decision_can_be_taken_while_a_question_is_open_and_the_answer_then_changes_nothing(office: House) -> None:
    (decision,) = open_decisions(office)
    ask(office, decision)

    decided = say(office, decision, "mei").kind
    late = reply(office, decision)

    assert (decided, late) == (OutcomeKind.DECIDED, OutcomeKind.ALREADY)
    assert office.rows("select 1 from timer where fired_at is null") == []


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda office, decision: ask(office, decision, "tomas"), OutcomeKind.NOT_ENTITLED),
        (lambda office, decision: ask(office, decision, "mei"), OutcomeKind.ALREADY),
        (lambda office, decision: reply(office, decision, "tomas"), OutcomeKind.UNKNOWN),
    ],
)
def test_a_question_or_answer_that_is_refused_is_on_record(office: House, act: object, kind: OutcomeKind) -> None:
    (decision,) = open_decisions(office)
    ask(office, decision)

    assert act(office, decision) is kind  # type: ignore[operator]

    assert [one["answered"] for one in noted(office, decision, "answer_refused")] == [kind]
    assert office.rows("select state from decision")[0].state == "asked_back"


def test_a_timer_does_not_fire_when_somebody_asks_back_just_before_it(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (decision,) = open_decisions(office)
    office.wait(4.1 * HOUR)
    office.rows("update timer set fired_at = due_at where kind = 'remind' returning 1")
    real = decisions.lock

    def asked_meanwhile(unit: object, number: int) -> object:
        monkeypatch.setattr(silence, "lock", real)
        ask(office, number)
        return real(unit, number)  # type: ignore[arg-type]

    monkeypatch.setattr(silence, "lock", asked_meanwhile)
    office.sweep()

    assert events(office, decision) == ["asked_back"]
    assert office.rows("select state, silence_index from decision")[0] == ("asked_back", 0)
    assert stuck(office) == []
