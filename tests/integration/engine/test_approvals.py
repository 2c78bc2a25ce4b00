"""Edges that need no people are named, and so are rules that are missing; each with a change that was tried on the past."""

from datetime import timedelta

import pytest

from chargehand.commands.approvals import _came_of
from contracts.vocabulary import Answer
from engine.drafting import Proposed, proposals
from engine.scorecard.review_load import STAMP_DECISIONS, Load, loads
from escalation.decisions import Voice, decide
from tests.builders import House
from tests.integration.engine.worlds import decision_of, open_shop


@pytest.fixture(autouse=True)
def _any_order_was_paid(office: House) -> None:
    open_shop(office)


def decided(office: House, amount: int, answer: Answer, *, reason: str | None = None, order: str = "") -> int:
    """A large refund that was asked for and decided at once."""
    number = order or str(3000 + amount % 1000)
    task = office.asked(order=number, amount=amount, form=f"{number}-{amount}-{answer}")
    office.work()
    with office.deployment.database.transaction("morning") as unit:
        outcome = decide(unit, Voice(decision_of(office, task), "priya", answer, reason, "slack", None))
    assert outcome.kind == "decided"
    office.work()
    return task


def looked_at(office: House) -> tuple[Load, list[Proposed]]:
    with office.deployment.database.transaction("morning") as unit:
        since = unit.now - timedelta(days=30)
        (load,) = loads(unit, ["refunds"], since)
        return load, list(proposals(office.deployment, unit, load, since))


def test_a_rubber_stamp_is_named_with_a_higher_limit_that_would_have_asked_nobody(office: House) -> None:
    for number in range(STAMP_DECISIONS):
        decided(office, 50_100 + number, Answer.APPROVE)

    load, (proposed,) = looked_at(office)

    assert (load.decided, load.rejected, load.is_rubber_stamp) == (STAMP_DECISIONS, (), True)
    assert proposed.finding.startswith("Rubber stamp: 30 decided, 0 rejected, half within 0 s.")
    assert proposed.draft is not None
    assert proposed.draft.part["approve"][0]["when"] == {">": [{"var": "effect.args.amount"}, 50_129]}
    assert _came_of(proposed).endswith("30 would have gone another way (-30 approvals, +0 refusals).")


def test_a_reason_that_is_given_again_and_again_becomes_a_rule_that_would_have_refused(office: House) -> None:
    for amount in (60_000, 70_000):
        decided(office, amount, Answer.APPROVE)
    late = [decided(office, amount, Answer.REJECT, reason="Too much for one parcel!") for amount in (150_001, 160_002)]
    late.append(decided(office, 170_003, Answer.REJECT, reason="too much for one parcel"))

    load, (proposed,) = looked_at(office)

    assert load.reasons == (("Too much for one parcel!", tuple(late)),)
    assert "Late catch: rejected 3 times" in proposed.finding
    assert proposed.draft is not None
    (rule,) = proposed.draft.part["require"]
    assert rule["rule"] == {"<=": [{"var": "request.amount"}, 70_000]}
    assert _came_of(proposed).endswith("3 would have gone another way (-3 approvals, +3 refusals).")


def test_where_no_fact_tells_them_apart_nothing_is_drafted(office: House) -> None:
    decided(office, 60_000, Answer.APPROVE, order="3001")
    decided(office, 90_000, Answer.APPROVE, order="3009")
    for number in range(3):
        decided(office, 70_000 + number, Answer.REJECT, reason="Not now.", order=f"300{2 + number}")

    _, (proposed,) = looked_at(office)

    assert proposed.draft is None
    assert proposed.trouble == "No single fact tells these from those that were approved: look at them."


def test_an_edge_at_which_people_sometimes_say_no_is_left_alone(office: House) -> None:
    decided(office, 60_000, Answer.APPROVE)
    decided(office, 70_000, Answer.REJECT, reason="Paid back in cash.")

    load, proposed = looked_at(office)

    assert (load.decided, len(load.rejected), load.rejected_share) == (2, 1, 0.5)
    assert proposed == []
