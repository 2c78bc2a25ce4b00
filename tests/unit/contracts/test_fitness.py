"""The five layers of fitness: shares of one, each from its own figures, and nothing made of what is not known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from contracts.fitness import LAYER_OF, Inputs, fitness
from contracts.vocabulary import CauseClass

GOOD = Inputs(
    runs=10,
    attempts=20,
    failed=0,
    breaches=0,
    wrong={},
    usual=Decimal("0.10"),
    per_success=Decimal("0.10"),
    kpi=95.0,
    target=95.0,
)
NAMES = ("task quality", "contract compliance", "reliability", "economy", "business impact")


def changed(**changes: object) -> dict[str, float | None]:
    values = {name: getattr(GOOD, name) for name in Inputs.__slots__} | changes
    return {name: layer.score for name, layer in fitness(Inputs(**values)).layers.items()}


def test_who_does_everything_as_declared_is_wholly_fit() -> None:
    found = fitness(GOOD)

    assert tuple(found.layers) == NAMES
    assert found.score == 1.0


@pytest.mark.parametrize(
    ("changes", "layer", "score"),
    [
        ({"wrong": {"task quality": 1}}, "task quality", 0.9),
        ({"wrong": {"contract compliance": 1}}, "contract compliance", 0.9),
        ({"breaches": 2}, "contract compliance", 0.8),
        ({"breaches": 99}, "contract compliance", 0.0),
        ({"wrong": {"reliability": 1}}, "reliability", 0.95),
        ({"failed": 5}, "reliability", 0.75),
        ({"per_success": Decimal("0.40")}, "economy", 0.25),
        ({"per_success": Decimal("0.01")}, "economy", 1.0),
        ({"per_success": Decimal(0)}, "economy", 1.0),
        ({"per_success": None}, "economy", None),
        ({"usual": None}, "economy", None),
        ({"kpi": 47.5}, "business impact", 0.5),
        ({"kpi": 120.0}, "business impact", 1.0),
        ({"kpi": None}, "business impact", None),
        ({"kpi": 4.0, "target": 2.0, "direction": "down"}, "business impact", 0.5),
        ({"kpi": 0.0, "target": 2.0, "direction": "down"}, "business impact", 1.0),
        ({"kpi": 1.0, "target": 0.0}, "business impact", 1.0),
        ({"runs": 0}, "task quality", None),
        ({"attempts": 0}, "reliability", None),
    ],
)
def test_each_figure_moves_its_own_layer_and_no_other(
    changes: dict[str, object], layer: str, score: float | None
) -> None:
    found = changed(**changes)

    assert found[layer] == score
    untouched = {name: value for name, value in found.items() if name != layer and value is not None}
    assert set(untouched.values()) == {1.0}


def test_a_wrong_result_counts_in_one_layer_whatever_its_cause_and_before_it_is_known() -> None:
    assert set(LAYER_OF) == {None, *CauseClass}
    assert set(LAYER_OF.values()) <= set(NAMES)


def test_while_nothing_is_known_there_is_no_score() -> None:
    assert fitness(Inputs(0, 0, 0, 0, {})).score is None


_COUNT = some.integers(0, 10**6)
_MONEY = some.none() | some.decimals(0, 10**6, places=4)
_VALUE = some.none() | some.floats(-1e9, 1e9)


@given(
    some.builds(
        Inputs,
        runs=_COUNT,
        attempts=_COUNT,
        failed=_COUNT,
        breaches=_COUNT,
        wrong=some.dictionaries(some.sampled_from(NAMES[:3]), _COUNT),
        usual=_MONEY,
        per_success=_MONEY,
        kpi=_VALUE,
        target=_VALUE,
        direction=some.sampled_from(["up", "down"]),
    )
)
def test_every_score_is_a_share_of_one(found: Inputs) -> None:
    shown = fitness(found)

    scores = [layer.score for layer in shown.layers.values()] + [shown.score]
    assert all(score is None or 0 <= score <= 1 for score in scores)
