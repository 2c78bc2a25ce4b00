"""Mistakes in how a step takes its effect back: each is told with its place, a sentence and what to do."""

import pytest

from contracts.damage import damage
from contracts.lint import warnings
from tests.unit.contracts.small_business import COMPANY, LANE, TILL, small_business, told

WITHDRAW = """
    @effect("readable", look="withdrawn_by_key", blast="customer", amount="amount")
    def withdraw(self, *, reference: str, amount: Annotated[int, Money("USD")], key: str) -> dict[str, Any]:
        return {}

    def withdrawn_by_key(self, *, key: str, **_: object) -> Seen | None:
        return None
"""
BLIND = 'effect("neither", look=None, blast="customer", amount="amount")'
SEEN = 'effect("readable", look="withdrawn_by_key", blast="customer", amount="amount")'
COMPANY_OF_TWO = COMPANY.replace(
    'settings: {path: "{home}/till"}}',
    'settings: {path: "{home}/till"}}\n  bank: {tool: "tools/till.py:Till", title: The bank, settings: {path: x}}',
)


def with_undo(undo: str, *, step: str = "recheck: [look]") -> str:
    """The lane with an undo of its second step (or of another, by a text that stands there)."""
    assert step in LANE
    return LANE.replace(step, f"undo: {undo}\n    {step}", 1)


CASES = [
    pytest.param(
        {"lane": with_undo("{by: till.withdraw}", step="progress: Looking")},
        [
            "lane.yaml:42:5 steps › look › undo | look changes nothing that could be taken back. Delete it, or let the step return a Proposal."
        ],
        id="an undo of a step that only reads",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdrow}")},
        ["lane.yaml:50:16 steps › give › undo › by | till has no effect withdrow. Did you mean till.withdraw?"],
        id="an unknown effect",
    ),
    pytest.param(
        {"lane": with_undo("{by: tiil.withdraw}")},
        ["lane.yaml:50:16 steps › give › undo › by | unknown system tiil. Did you mean till?"],
        id="an unknown system",
    ),
    pytest.param(
        {"lane": with_undo("{by: withdraw}")},
        [
            "lane.yaml:50:16 steps › give › undo › by | withdraw is no operation. Write SYSTEM.OPERATION, such as shop.order."
        ],
        id="a name without its system",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.sale}")},
        ["lane.yaml:50:16 steps › give › undo › by | till.sale only reads. Name it among the reads."],
        id="a read",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.discount}")},
        [
            "lane.yaml:50:16 steps › give › undo › by | till.discount can't take back itself. Name another effect of its tool."
        ],
        id="the effect itself",
    ),
    pytest.param(
        {"lane": with_undo("{by: bank.withdraw}"), "company": COMPANY_OF_TWO},
        [
            "lane.yaml:50:16 steps › give › undo › by | bank.withdraw is of another system than till.discount. Name an effect of its tool."
        ],
        id="an effect of another system",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw}"), "till": TILL + WITHDRAW.replace("reference", "number")},
        [
            "lane.yaml:50:16 steps › give › undo › by | till.withdraw takes number, and till.discount leaves no such thing. It can be given amount, reference or sale."
        ],
        id="an argument that nothing leaves",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw}"), "till": TILL + WITHDRAW.replace("reference: str", "sale: int")},
        [
            "lane.yaml:50:16 steps › give › undo › by | till.withdraw takes another type of sale than till.discount leaves. Give both the same type."
        ],
        id="an argument of another type",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw, after: [done]}")},
        ["lane.yaml:50:39 steps › give › undo › after › #1 | done is not one of cancelled, refused or failed."],
        id="an end that is none of these",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw, after: []}")},
        ["lane.yaml:50:38 steps › give › undo › after | the list is empty, at least 1 belongs here."],
        id="no end at all",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw}"), "till": TILL + WITHDRAW.replace(SEEN, BLIND)},
        [
            "lane.yaml:50:16 steps › give › undo › by | nobody approves withdraw and nothing can verify it. Write approval: true, with an approval edge before the step, or declare a look."
        ],
        id="a large undo that nobody approves and nothing verifies",
    ),
    pytest.param(
        {"lane": with_undo("{by: till.withdraw, approval: true}").partition("approve:\n")[0]},
        [
            "lane.yaml:50:41 steps › give › undo › approval | no approval edge stands before give. Declare one, or delete this."
        ],
        id="an approval without an edge",
    ),
    pytest.param(
        {
            "lane": with_undo("{by: till.withdraw}"),
            "company": COMPANY
            + "policies:\n  - {name: asked, touching: customer, demands: [approval], because: Customers are asked for.}\n",
        },
        [
            "lane.yaml:50:16 steps › give › undo › by | till.withdraw has no approval, which the policy “asked” demands. Customers are asked for. Write approval: true beside it."
        ],
        id="an undo without what a policy demands",
    ),
]


@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_a_mistake_in_an_undo_is_told_once(changed: dict[str, str], expected: list[str]) -> None:
    assert told(**{"till": TILL + WITHDRAW, **changed}) == expected


def test_an_undo_above_the_tier_of_its_worker_is_told() -> None:
    till = TILL.replace('blast="customer", ', "").replace('amount="amount")', 'amount="amount")', 1)
    lane = with_undo("{by: till.withdraw}").replace("tier: 3", "tier: 2")

    assert told(till=till + WITHDRAW, lane=lane) == [
        "lane.yaml:50:16 steps › give › undo › by | withdraw touches customers, which takes tier 3. This worker has tier 2."
    ]


def test_a_good_undo_is_no_mistake_and_its_effect_is_known_to_the_lane() -> None:
    loaded = small_business(lane=with_undo("{by: till.withdraw, after: [cancelled, failed]}"), till=TILL + WITHDRAW)

    assert sorted(loaded.lanes["discounts"].effects) == ["till.discount", "till.withdraw"]
    assert [one for one in warnings(loaded) if "undo" in one.path] == []


def test_an_undo_that_nothing_verifies_is_warned_of() -> None:
    lane = with_undo("{by: till.withdraw, approval: true}")
    loaded = small_business(lane=lane, till=TILL + WITHDRAW.replace(SEEN, BLIND))

    (warning,) = [one for one in warnings(loaded) if "undo" in one.path]

    assert warning.sentence == (
        "nothing verifies till.withdraw: in doubt nobody knows whether give was taken back. "
        "Give the tool's method a look, and declare it keyed or readable."
    )


@pytest.mark.parametrize(
    ("undo", "stage", "asked"),
    [
        ("{by: till.withdraw}", 4, "nobody is asked first"),
        ("{by: till.withdraw}", 3, "at stage 3 a person decides first on every one"),
        ("{by: till.withdraw}", 2, "at stage 2 a person decides first on every one"),
        ("{by: till.withdraw, approval: true}", 3, "a person decides first where one decides on doing it"),
    ],
)
def test_what_a_worker_may_take_back_is_among_the_most_damage_it_could_do(undo: str, stage: int, asked: str) -> None:
    lane = with_undo(undo).replace("owner: olu\n", f"owner: olu\nstage: {stage}\n", 1)

    (giver,) = [one for one in damage(small_business(lane=lane, till=TILL + WITHDRAW)) if one.worker == "giver"]

    did = "Takes back what give did by till.withdraw, which reaches customers, when its task is cancelled"
    assert f"{did}; {asked}." in giver.sentences
