"""How long people took is reckoned from the opened card to the answer, capped, correctable, and part of the cost."""

import pytest

from contracts.vocabulary import Answer
from engine.cost import cost_of
from engine.why import why
from escalation import attention
from escalation.attention import Correction, NotCorrected
from tests.builders import House
from tests.integration.escalation.asking import open_decisions, say, with_edge


def opened(office: House, decision: int, person: str) -> None:
    """Somebody opens a card."""
    with office.deployment.database.transaction("morning") as unit:
        attention.opened(unit, decision, task_of(office, decision), person)


def task_of(office: House, decision: int) -> int:
    """The task that it is about."""
    found: int = office.rows("select task from decision where number = :n", n=decision)[0].task
    return found


def seconds(office: House, decision: int) -> int:
    """All that was reckoned."""
    with office.deployment.database.transaction("morning") as unit:
        return attention.taken(unit, task_of(office, decision))


def test_the_time_runs_from_the_first_look_to_the_answer_and_is_priced(office: House) -> None:
    (decision,) = open_decisions(office)
    opened(office, decision, "priya")
    office.wait(60)
    opened(office, decision, "priya")
    office.wait(40)

    say(office, decision, "priya")

    assert 100 <= seconds(office, decision) <= 110
    office.rows("update attention set seconds = 100 returning 1")
    with office.deployment.database.transaction("morning") as unit:
        cost = cost_of(unit, task_of(office, decision))
        page = why(unit, task_of(office, decision))
    assert cost.sentence.endswith(", 1.10 USD people (1 min 40 s)")
    assert cost.price == "1.10 USD"
    assert dict(page.rows)["Cost"] == (cost.sentence,)


def test_a_card_that_lies_open_counts_no_more_than_the_most_and_one_that_nobody_saw_open_the_usual(
    office: House,
) -> None:
    with_edge(office, quorum=2)
    first, second = open_decisions(office, 2)
    opened(office, first, "priya")
    office.wait(7200)

    say(office, first, "priya")
    say(office, second, "priya")

    assert (seconds(office, first), seconds(office, second)) == (900, 60)


def test_every_answer_takes_time_and_a_refused_one_none(office: House) -> None:
    (decision,) = open_decisions(office)

    say(office, decision, "tomas")
    assert seconds(office, decision) == 0
    say(office, decision, "priya", Answer.ASK)
    say(office, decision, "mei")

    assert seconds(office, decision) == 120


def test_whoever_took_the_time_corrects_it_and_nobody_else(office: House) -> None:
    (decision,) = open_decisions(office)
    say(office, decision, "priya")
    wanted = Correction(decision, "priya", 300, "I had it printed")

    with office.deployment.database.transaction("morning") as unit:
        with pytest.raises(NotCorrected):
            attention.correct(unit, wanted, by="mei")
        with pytest.raises(NotCorrected):
            attention.correct(unit, Correction(decision, "mei", 300, "x"), by="mei")
        assert attention.correct(unit, wanted, by="priya") == 60

    assert seconds(office, decision) == 300


def test_time_without_a_price_makes_the_whole_unpriced(office: House) -> None:
    (decision,) = open_decisions(office)
    say(office, decision, "priya")
    office.rows("update company set declared = declared #- '{prices,0,person_hour}' returning 1")

    with office.deployment.database.transaction("morning") as unit:
        cost = cost_of(unit, task_of(office, decision))

    assert cost.price == "unpriced"
    assert cost.sentence.endswith(", unpriced people (1 min)")
