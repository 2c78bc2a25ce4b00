"""Which effects which tier may cause: every cell of tier and blast radius."""

import pytest

from contracts.vocabulary import BlastRadius
from tests.unit.contracts.small_business import LANE, TILL, told

ALLOWED = {(2, BlastRadius.RECORD), *((3, blast) for blast in BlastRadius)}


@pytest.mark.parametrize("blast", BlastRadius)
@pytest.mark.parametrize("tier", [1, 2, 3, 4])
def test_a_tier_bounds_what_may_be_declared(tier: int, blast: BlastRadius) -> None:
    lane = LANE.replace("tier: 3", f"tier: {tier}", 1)

    found = told(lane=lane, till=TILL.replace('blast="customer"', f'blast="{blast}"'))

    assert bool(found) is ((tier, blast) not in ALLOWED)
    assert all("workers › giver › writes › #1 | " in one for one in found)


@pytest.mark.parametrize("blast", BlastRadius)
@pytest.mark.parametrize("is_approved", [True, False])
@pytest.mark.parametrize("is_verified", [True, False])
def test_a_large_effect_is_verified_or_approved(*, blast: BlastRadius, is_approved: bool, is_verified: bool) -> None:
    till = TILL.replace('blast="customer"', f'blast="{blast}"')
    lane = LANE if is_approved else LANE[: LANE.index("approve:")]

    found = told(
        lane=lane,
        till=till if is_verified else till.replace('"readable", look="discount_by_key"', '"neither", look=None'),
    )

    assert bool(found) is not (is_approved or is_verified or blast is BlastRadius.RECORD)
