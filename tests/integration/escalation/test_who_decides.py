"""Who has to agree, who is no second pair of eyes, who stands in for whom, and what silence comes to."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.answers import OutcomeKind
from contracts.contract import SilenceStep
from contracts.vocabulary import AbsenceSource, Answer, TaskState
from engine.going_away import going_away
from escalation.absences import Absence, NotAway, come_back, go_away
from tests.builders import House
from tests.integration.engine.worlds import decision_of
from tests.integration.escalation.asking import noted, open_decisions, say, speak, with_edge

APPROVE = Answer.APPROVE


def steps(*who: str, hours: int = 1) -> tuple[SilenceStep, ...]:
    """Steps of some hours each."""
    return tuple(SilenceStep.model_validate({"who": one, "for": f"{hours}h"}) for one in who)


def away(office: House, person: str, *, days: float = 3, substitute: str | None = None) -> str | None:
    """Somebody goes away now."""
    with office.deployment.database.transaction("morning") as unit:
        absence = Absence(person, unit.now, unit.now + timedelta(days=days), AbsenceSource.PERSON, "said", substitute)
        return go_away(unit, absence, by=f"person:{person}")


def entitled(office: House, decision: int) -> list[str]:
    """Who may answer now."""
    found: list[str] = office.rows("select entitled from decision where number = :n", n=decision)[0].entitled
    return found


def cards(office: House, decision: int) -> set[str]:
    """Who got a card."""
    query = "select person from outbox where message = 'card' and decision = :d"
    return {row.person for row in office.rows(query, d=decision)}


def test_unanimous_means_everybody_who_is_asked_first(office: House) -> None:
    with_edge(office, unanimous=True)
    (decision,) = open_decisions(office)

    outcomes = [say(office, decision, person) for person in ("priya", "mei", "kwame")]

    assert [one.kind for one in outcomes] == [OutcomeKind.COUNTED, OutcomeKind.COUNTED, OutcomeKind.DECIDED]


def test_one_of_each_group_must_agree_and_all_groups_are_asked_from_the_first(office: House) -> None:
    with_edge(office, each=("finance-approvers", "care-approvers"))
    (decision,) = open_decisions(office)

    first = say(office, decision, "priya")
    same_group = say(office, decision, "mei")
    other = say(office, decision, "jonas")

    assert sorted(entitled(office, decision)) == ["jonas", "kwame", "mei", "priya", "ruth"]
    assert (first.kind, same_group.kind, other.kind) == (OutcomeKind.COUNTED, OutcomeKind.COUNTED, OutcomeKind.DECIDED)
    assert first.sentence == "Counted. Somebody of care approvers must still approve."


def test_a_yes_at_one_edge_bars_from_the_next_where_the_contract_asks_for_four_eyes(office: House) -> None:
    lane = office.deployment.businesses["morning"].lanes["refunds"]
    edge, rule = lane.edges[0]
    with_edge(office, edges=((edge, rule), (edge.model_copy(update={"name": "second look"}), rule)))
    (first,) = open_decisions(office)
    task = office.rows("select task from decision where number = :n", n=first)[0].task
    say(office, first, "mei")
    office.work()
    second = decision_of(office, task)

    assert "mei" not in entitled(office, second)
    office.rows("update decision set entitled = entitled || '{mei}'::text[] where number = :n returning 1", n=second)
    assert say(office, second, "mei").kind is OutcomeKind.NOT_ENTITLED
    assert say(office, second, "priya").kind is OutcomeKind.DECIDED


def test_who_stands_in_for_the_requester_decides_nothing_of_theirs(office: House) -> None:
    away(office, "kwame", substitute="priya")
    (decision,) = open_decisions(office, by="kwame")

    assert entitled(office, decision) == ["mei"]


def test_whoever_is_away_is_told_and_their_manager_is_asked_in_their_place(office: House) -> None:
    away(office, "priya")  # her manager is Mei, who is asked anyway
    away(office, "mei")  # her manager is Ruth
    (decision,) = open_decisions(office)

    assert entitled(office, decision) == ["kwame", "mei", "priya", "ruth"]
    assert cards(office, decision) == {"kwame", "ruth"}
    told = office.rows("select person, details from outbox where message = 'notice' order by person")
    assert [one.person for one in told] == ["mei", "priya"]
    assert told[0].details["sentence"].startswith("You are away, so Ruth Adeyemi is asked in your place")
    assert say(office, decision, "ruth").kind is OutcomeKind.DECIDED


def test_the_named_substitute_is_asked_and_loses_the_seat_with_its_owner(office: House) -> None:
    away(office, "priya", substitute="jonas")
    first, second = open_decisions(office, 2)

    assert "jonas" in entitled(office, first)
    assert say(office, first, "jonas").kind is OutcomeKind.DECIDED
    office.rows("update person set groups = array_remove(groups, 'finance-approvers') where id = 'priya' returning 1")
    assert say(office, second, "jonas").kind is OutcomeKind.NOT_ENTITLED


def test_who_goes_away_in_the_middle_is_replaced_in_all_that_is_open(office: House) -> None:
    (decision,) = open_decisions(office)

    substitute = away(office, "priya", substitute="jonas")

    assert substitute == "jonas"
    assert "jonas" in cards(office, decision)
    assert noted(office, decision, "substituted") == [{"away": "priya", "substitute": "jonas", "actor": "clock"}]
    assert say(office, decision, "priya").kind is OutcomeKind.DECIDED  # who is away keeps their own right


def test_substitutes_who_are_away_themselves_are_passed_over_and_a_circle_ends(office: House) -> None:
    away(office, "priya", substitute="jonas")
    assert away(office, "jonas", substitute="priya") is None

    (decision,) = open_decisions(office)

    assert sorted(entitled(office, decision)) == ["kwame", "mei", "priya"]


def test_whoever_is_back_is_asked_again(office: House) -> None:
    away(office, "priya", substitute="jonas")
    with office.deployment.database.transaction("morning") as unit:
        assert come_back(unit, "priya", by="person:priya") == 1

    (decision,) = open_decisions(office)

    assert cards(office, decision) == {"kwame", "mei", "priya"}


def test_an_absence_ends_by_itself(office: House) -> None:
    away(office, "priya", days=1, substitute="jonas")
    office.wait(86401)

    (decision,) = open_decisions(office)

    assert "jonas" not in entitled(office, decision)


def test_going_away_is_said_with_a_day_and_a_name(office: House) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    with office.deployment.database.transaction("morning") as unit:
        said = going_away(unit, "priya", until=day, to="Jonas Lindqvist", by="person:priya")
        assert said.endswith("Jonas Lindqvist is asked in your place; you are told of each decision.")
        for until, to in (("next week", None), ("2020-01-01", None), (day, "nobody"), (day, "priya")):
            with pytest.raises(NotAway):
                going_away(unit, "priya", until=until, to=to, by="person:priya")


def test_where_the_contract_says_so_the_last_resort_is_asked_until_they_answer(office: House) -> None:
    with_edge(office, at_last="last-resort", steps=steps("group:finance-approvers"))
    (decision,) = open_decisions(office)
    task = office.rows("select task from decision where number = :n", n=decision)[0].task

    for _ in range(5):
        office.wait(25 * 3600)
        office.sweep()

    assert office.task(task).state is TaskState.WAITING
    assert "jonas" in entitled(office, decision)
    assert say(office, decision, "jonas").kind is OutcomeKind.DECIDED


def test_when_all_rungs_are_spent_and_nobody_is_on_duty_silence_is_never_a_yes(office: House) -> None:
    with_edge(office, steps=steps("manager-of:requester"))
    office.rows("update person set active = false where id in ('ruth', 'jonas') returning 1")
    decisions = open_decisions(office, 3)

    for _ in range(3):
        office.wait(25 * 3600)
        office.sweep()

    states = {row.state for row in office.rows("select state from decision where number = any(:n)", n=decisions)}
    assert states == {"expired"}
    assert office.runner.systems["morning"]["shop"].refunds == []


def own(
    office: House, decision: int, person: str = "kwame", reason: str = "the customer is at the till"
) -> OutcomeKind:
    """Somebody says yes to their own request, knowingly."""
    return speak(office, decision, APPROVE, person, reason=reason, own=True).kind


def test_breaking_the_glass_is_marked_for_ever_and_everybody_is_told(office: House) -> None:
    with_edge(office, break_glass=True)
    (decision,) = open_decisions(office, by="kwame")
    task = office.rows("select task from decision where number = :n", n=decision)[0].task

    assert say(office, decision, "kwame").kind is OutcomeKind.OWN_REQUEST
    assert own(office, decision, reason="now") is OutcomeKind.INCOMPLETE
    assert own(office, decision) is OutcomeKind.DECIDED
    office.work()

    assert office.task(task).state is TaskState.DONE
    row = office.rows("select broken_glass from decision where number = :n", n=decision)[0]
    assert row.broken_glass
    effect = office.rows("select authority from effect where task = :t", t=task)[0]
    assert effect.authority == f"Approved by Kwame Boateng (decision {decision}, their own request, break-glass)."
    told = office.rows("select person, details from outbox where dedupe like 'glass:%' order by person")
    assert [one.person for one in told] == ["mei", "priya"]
    assert "the customer is at the till" in told[0].details["sentence"]
    assert noted(office, decision, "glass_broken")[0]["actor"] == "person:kwame"
    assert "their own request (break-glass)" in say(office, decision, "mei").sentence


@pytest.mark.parametrize(("asker", "edge"), [("kwame", {}), ("anna", {"break_glass": True})])
def test_nobody_breaks_the_glass_where_the_contract_has_none_or_without_a_right(
    office: House, asker: str, edge: dict[str, bool]
) -> None:
    with_edge(office, **edge)
    (decision,) = open_decisions(office, by=asker)

    assert own(office, decision, asker) is OutcomeKind.OWN_REQUEST
    assert not office.rows("select broken_glass from decision where number = :n", n=decision)[0].broken_glass
