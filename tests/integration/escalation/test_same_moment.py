"""Two approvers at the door in the same moment, on two connections of real PostgreSQL: one of them wins, every time."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle
from threading import Barrier

import pytest

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, DecisionState
from engine.answering import Spoken, answer
from escalation.decisions import Outcome
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.worlds import assert_trail_is_whole, deploy
from tests.integration.escalation.asking import noted, open_decisions

ROUNDS, OF_ACCEPTANCE = 100, 1000
"""How often two people meet; `--acceptance` takes the thousand, in about a minute."""

APPROVE, REJECT, CHANGE = Answer.APPROVE, Answer.REJECT, Answer.CHANGE
MEETINGS = ((APPROVE, APPROVE), (APPROVE, REJECT), (REJECT, APPROVE), (APPROVE, CHANGE))
PEOPLE, SURFACES = ("priya", "mei"), ("slack", "page")
WON = {OutcomeKind.DECIDED, OutcomeKind.CHANGED_IT}
ENDINGS = {Event.APPROVED, Event.REJECTED}


def spoken(decision: int, side: int, answered: Answer) -> Spoken:
    """What the person on one side says to a decision."""
    changes = {"amount": "300.00"} if answered is CHANGE else {}
    return Spoken(decision, PEOPLE[side], answered, SURFACES[side], reason="because", changes=changes)


def meet(office: House, meetings: Sequence[tuple[int, tuple[Answer, Answer]]]) -> list[tuple[Outcome, Outcome]]:
    """Both answer each decision; each has a transaction of their own open before either speaks."""
    together = Barrier(len(PEOPLE), timeout=30)

    def person(side: int) -> list[Outcome]:
        said = []
        for decision, answers in meetings:
            with office.deployment.database.transaction("morning") as unit:
                together.wait()
                said.append(answer(office.deployment, unit, spoken(decision, side, answers[side])))
        return said

    with ThreadPoolExecutor(len(PEOPLE)) as threads:
        left, right = threads.map(person, range(len(PEOPLE)))
    return list(zip(left, right, strict=True))


def test_of_two_approvers_in_the_same_moment_exactly_one_wins(office: House, acceptance: bool) -> None:
    deploy(office, busy_company(office.deployment.home))
    decisions = open_decisions(office, OF_ACCEPTANCE if acceptance else ROUNDS)
    meetings = list(zip(decisions, cycle(MEETINGS), strict=False))

    outcomes = meet(office, meetings)

    winners = [[side for side, one in enumerate(both) if one.kind in WON] for both in outcomes]
    assert [both for both, won in zip(outcomes, winners, strict=True) if len(won) != 1] == []
    lost = Counter(both[1 - won].kind for both, (won,) in zip(outcomes, winners, strict=True))
    assert lost == {OutcomeKind.ALREADY: len(decisions)}
    assert set(Counter(won for (won,) in winners)) == {0, 1}, "only one side ever won, so it was no race"
    for (decision, answers), (won,), both in zip(meetings, winners, outcomes, strict=True):
        assert_it_fell_once(office, decision, won, answers[won])
        assert both[1 - won].sentence.startswith(("Priya Nair", "Mei-Lin Zhao")[won]), both[1 - won].sentence
    assert office.rows("select count(*) as n from effect")[0].n == 0


def assert_it_fell_once(office: House, decision: int, won: int, answered: Answer) -> None:
    """The record has the winner's answer alone, and the loser's try."""
    row = office.rows("select state, task from decision where number = :n", n=decision)[0]
    states = {APPROVE: DecisionState.APPROVED, REJECT: DecisionState.REJECTED, CHANGE: DecisionState.CHANGED}
    assert row.state == states[answered]
    votes = office.rows(
        "select person from vote v join decision d on d.number = v.decision where d.task = :t", t=row.task
    )
    assert [vote.person for vote in votes] == [PEOPLE[won]]
    assert [one["actor"] for one in noted(office, decision, "answer_refused")] == [f"person:{PEOPLE[1 - won]}"]
    assert len([one for one in assert_trail_is_whole(office, row.task) if one in ENDINGS]) == 1


TICK = timedelta(microseconds=1)
"""The smallest step of the database's time."""


@pytest.mark.parametrize("answered", [APPROVE, CHANGE])
@pytest.mark.parametrize("after", [-TICK, timedelta(0), TICK], ids=["a tick before", "at", "a tick after"])
def test_the_end_of_the_last_step_is_exact_to_the_tick_of_the_databases_time(
    office: House, after: timedelta, answered: Answer
) -> None:
    (decision,) = open_decisions(office)
    last = "update decision set silence_index = jsonb_array_length(silence->'steps') - 1 where number = :n returning due_at"
    due = office.rows(last, n=decision)[0].due_at

    with office.deployment.database.transaction("morning") as unit:
        unit.now = due + after
        outcome = answer(office.deployment, unit, spoken(decision, 0, answered))

    in_time = after < timedelta(0)
    assert outcome.kind in WON if in_time else outcome.kind is OutcomeKind.EXPIRED
    assert (len(office.rows("select 1 from vote")) == 1) is in_time
