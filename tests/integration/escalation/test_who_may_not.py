"""Whoever may not decide does not, however often, with whatever word and over whatever surface they try."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.answers import OutcomeKind
from contracts.vocabulary import Answer
from engine.answering import Spoken, answer
from escalation.decisions import Outcome
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.worlds import deploy
from tests.integration.escalation.asking import NEEDS, at_once, noted, open_decisions, say, speak

TRIES, OF_ACCEPTANCE = 200, 2000
"""Of all together; `--acceptance` makes the two thousand."""
ROUNDS, ROUNDS_OF_ACCEPTANCE = 6, 50
SURFACES = ("slack", "mail", "page", "terminal")
NOBODY = "somebody unknown"


@dataclass(frozen=True, slots=True)
class Trier:
    """Somebody who may not: as whom the record knows them, what they are told, and what has become of them since."""

    person: str
    told: OutcomeKind
    since: str = ""

    @property
    def actor(self) -> str:
        """As whom their try is on record."""
        return NOBODY if self.person in STRANGERS else f"person:{self.person}"


STRANGERS = ("nobody", "", "U0PRIYA", "priya@morning.example", "Priya Nair", "other:priya")
TRIERS = (
    Trier("anna", OutcomeKind.OWN_REQUEST),
    Trier("ruth", OutcomeKind.NOT_ENTITLED),  # asked next, and not yet
    Trier("tomas", OutcomeKind.NOT_ENTITLED),
    Trier("jonas", OutcomeKind.NOT_ENTITLED),
    Trier("priya", OutcomeKind.INACTIVE, "active = false"),
    Trier("kwame", OutcomeKind.NOT_ENTITLED, "groups = array_remove(groups, 'finance-approvers')"),
    *(Trier(one, OutcomeKind.INACTIVE) for one in STRANGERS),
)


def tried(office: House, decision: int, trier: Trier, chance: random.Random) -> Outcome:
    """One try: any word with all that it needs, over any surface, knowing what is asked or not."""
    word = chance.choice([Answer.APPROVE, Answer.APPROVE, *Answer])
    own = word is Answer.APPROVE and chance.random() < 0.3  # break-glass, which this contract does not have
    given: Mapping[str, object] = {"reason": "It really can't wait any longer.", **NEEDS.get(word, {})}
    spoken = Spoken(decision, trier.person, word, chance.choice(SURFACES), own=own, **given)  # type: ignore[arg-type]
    with office.deployment.database.transaction("morning") as unit:
        return answer(office.deployment, unit, spoken)


def test_who_may_not_decide_changes_nothing_and_each_try_is_on_record(office: House, acceptance: bool) -> None:
    (decision,) = open_decisions(office)
    for trier in filter(lambda one: one.since, TRIERS):
        office.rows(f"update person set {trier.since} where id = :id returning 1", id=trier.person)
    chance, expected = random.Random(70), Counter[str]()
    before = office.rows("select * from decision")

    for number in range(OF_ACCEPTANCE if acceptance else TRIES):
        trier = TRIERS[number % len(TRIERS)]
        outcome = tried(office, decision, trier, chance)
        assert outcome.kind is trier.told, (trier, outcome.sentence)
        expected[trier.actor] += 1

    assert Counter(one["actor"] for one in noted(office, decision, "answer_refused")) == expected
    assert office.rows("select * from decision") == before
    assert office.rows("select 1 from vote") == []
    assert say(office, decision, "mei").kind is OutcomeKind.DECIDED


def test_a_button_that_is_pressed_again_and_again_decides_once(office: House, acceptance: bool) -> None:
    presses = 10 * (ROUNDS_OF_ACCEPTANCE // 5 if acceptance else 1)
    (decision,) = open_decisions(office)

    kinds = Counter[OutcomeKind]()
    for _ in range(presses // 10):
        kinds.update(one.kind for one in at_once(*[lambda: say(office, decision, "priya")] * 10))

    assert kinds == {OutcomeKind.DECIDED: 1, OutcomeKind.ALREADY: presses - 1}
    assert len(office.rows("select 1 from vote")) == 1


def test_who_has_lost_the_right_is_refused_and_the_next_decides(office: House, acceptance: bool) -> None:
    deploy(office, busy_company(office.deployment.home))
    lost = [one for one in TRIERS if one.since]
    decisions = open_decisions(office, ROUNDS_OF_ACCEPTANCE if acceptance else ROUNDS)
    groups = office.rows("select groups from person where id = 'kwame'")[0].groups

    for number, decision in enumerate(decisions):
        trier = lost[number % len(lost)]
        office.rows(f"update person set {trier.since} where id = :id returning 1", id=trier.person)
        mine, theirs = at_once(lambda: say(office, decision, trier.person), lambda: say(office, decision, "mei"))  # noqa: B023
        restored = "update person set active = true, groups = :groups where id = :id returning 1"
        office.rows(restored, groups=groups, id=trier.person)

        assert mine.kind in {trier.told, OutcomeKind.ALREADY}, mine.sentence
        assert theirs.kind is OutcomeKind.DECIDED
        (vote,) = office.rows("select person from vote where decision = :n", n=decision)
        assert vote.person == "mei"


def test_nobody_decides_what_they_asked_for_by_themselves_or_through_another(office: House, acceptance: bool) -> None:
    deploy(office, busy_company(office.deployment.home))
    decisions = open_decisions(office, 4 * (ROUNDS_OF_ACCEPTANCE if acceptance else 2), by="kwame")

    for decision in decisions:
        own = speak(office, decision, Answer.APPROVE, "kwame")
        given = speak(office, decision, Answer.HAND_OVER, "priya", to="kwame")
        assert own.kind is OutcomeKind.OWN_REQUEST, own.sentence
        assert given.kind is OutcomeKind.INCOMPLETE, given.sentence
        assert office.rows("select 1 from vote where decision = :n", n=decision) == []
        assert say(office, decision, "mei").kind is OutcomeKind.DECIDED
