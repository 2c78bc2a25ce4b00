"""The right to take back goes as far as the step's undo and the worker's tier, and no further."""

import pytest
from pydantic import ValidationError

from contracts.authoring import Governance
from engine.rights import Rights
from tests.unit.contracts.small_business import TILL, small_business
from tests.unit.contracts.test_business_undo_mistakes import WITHDRAW, with_undo

ARGS = {"reference": "D-1", "amount": 100}


def rights(tier: int) -> Rights:
    """Those of the worker who gives discounts, at a tier."""
    lane = small_business(lane=with_undo("{by: till.withdraw}"), till=TILL + WITHDRAW).lanes["discounts"]
    return Rights(lane, lane.lane.workers["giver"], tier)


def test_an_undo_is_proposed_in_the_shape_of_its_effect() -> None:
    proposal = rights(3).undo("till.withdraw", ARGS, "it was cancelled")

    assert (proposal.tool, proposal.args, proposal.because) == ("till.withdraw", ARGS, "it was cancelled")
    with pytest.raises(ValidationError):
        rights(3).undo("till.withdraw", {"amount": 100}, "it was cancelled")


def test_an_undo_takes_the_tier_of_its_effect() -> None:
    with pytest.raises(Governance, match=r"Giver has tier 2, and till\.withdraw takes tier 3\."):
        rights(2).undo("till.withdraw", ARGS, "it was cancelled")


def test_the_right_to_take_back_is_no_right_to_propose_the_same() -> None:
    with pytest.raises(Governance, match=r"Giver has no right to change the world by till\.withdraw\."):
        rights(3).proposal("till.withdraw", ARGS, "I want to")
