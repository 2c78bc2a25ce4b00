"""Which tier may cause which effect, held at the desk as at the loader: every cell of tier, blast radius and class."""

from dataclasses import replace

import pytest

from contracts.authoring import Governance, Operation
from contracts.loaded import EffectSpec
from contracts.vocabulary import BlastRadius, EffectClass
from engine.rights import Rights
from tests.unit.contracts.small_business import small_business
from tests.unit.contracts.test_tiers import ALLOWED


@pytest.mark.parametrize("effect_class", EffectClass)
@pytest.mark.parametrize("blast", BlastRadius)
@pytest.mark.parametrize("tier", [1, 2, 3, 4])
def test_a_tier_bounds_every_class_of_effect_at_the_desk(
    tier: int, blast: BlastRadius, effect_class: EffectClass
) -> None:
    loaded = small_business().lanes["discounts"]
    spec = loaded.effects["till.discount"]
    operation: Operation = replace(spec.operation, blast=blast, effect_class=effect_class)
    lane = replace(loaded, effects={spec.name: EffectSpec(spec.name, operation, spec.args_model)})
    rights = Rights(lane, lane.lane.workers["giver"], tier)
    args = {"sale": "7", "amount": 5}

    if (tier, blast) in ALLOWED:
        assert rights.proposal(spec.name, args, "due").args == args
        return
    with pytest.raises(Governance, match=f"Giver has tier {tier}, and till.discount takes tier"):
        rights.proposal(spec.name, args, "due")
