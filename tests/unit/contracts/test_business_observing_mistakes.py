"""Mistakes in derived facts, probes and required fields."""

import pytest

from tests.unit.contracts.small_business import LANE, MODELS, TILL, small_business, told

MORE_MODELS = MODELS.replace(
    "    open: bool\n",
    "    open: bool\n    goods: list[str]\n    note: str\n    coupon: str | None\n    sold_at: Annotated[int, Instant()]\n",
)
MORE_TILL = TILL.replace(
    "    @effect(",
    "    @reads()\n    def stock(self, *, goods: str, shelf: str = '') -> int:\n        return 1\n\n    @effect(",
)
OBSERVED = (
    LANE.replace("owner: olu\n", "owner: olu\nstage: 1\n", 1)
    .replace("    reads: [till.sale]\n", "    reads: [till.sale, till.stock]\n")
    .replace("    recheck: [look]\n", "    recheck: [look]\n    needs: [state.sale.note, state.sale.coupon]\n")
    .replace(
        "require:\n",
        """\
derive:
  goods: {take: count, of: state.sale.goods}
  age: {take: age, of: state.sale.sold_at}
probes:
  stock: {before: give, read: till.stock, given: {goods: state.sale.note}, gives: integer, because: What is left}
require:
  - name: goods are left
    before: give
    rule: {"and": [{">=": [{"var": "probe.stock.value"}, {"var": "derived.goods"}]}, {"<": [{"var": "derived.age"}, 86400]}]}
    because: "{derived.goods} are sold, {probe.stock.value} are left."
    examples:
      accepted: [{probe.stock.value: 2, derived.goods: 1, derived.age: 5}]
      refused: [{probe.stock.value: 0, derived.goods: 1, derived.age: 5}]
""",
    )
)


def _told(old: str = "", new: str = "") -> list[str]:
    assert old in OBSERVED
    return told(lane=OBSERVED.replace(old, new, 1), models=MORE_MODELS, till=MORE_TILL)


def test_a_rule_reads_what_was_derived_probed_and_needed() -> None:
    lane = small_business(lane=OBSERVED, models=MORE_MODELS, till=MORE_TILL).lanes["discounts"]

    assert [(one.name, one.otherwise.value) for one, _ in lane.requirements] == [
        ("state.sale.note is there", "blocked"),
        ("state.sale.coupon is there", "blocked"),
        ("goods are left", "refused"),
        ("sale is open", "refused"),
    ]
    assert lane.requirements[0][0].because == "Note is missing, and give needs it."
    assert lane.schemas["look"].at("probe.stock.value") is None
    assert lane.schemas["look"].at("derived.goods") is None


OBSERVING = [
    pytest.param(
        "of: state.sale.goods",
        "of: state.sale.good",
        ["lane.yaml:54:28 derive › goods › of | unknown fact state.sale.good. Did you mean state.sale.goods? (list)"],
        id="derived of an unknown fact",
    ),
    pytest.param(
        "take: count",
        "take: length",
        [
            "lane.yaml:54:17 derive › goods › take | length is taken of text, and state.sale.goods is list. Of it can be taken: count."
        ],
        id="derived of a fact of another kind",
    ),
    pytest.param(
        "of: state.sale.goods",
        "of: derived.age",
        ["lane.yaml:54:28 derive › goods › of | a derived fact is not derived of another. Name a field, or a probe."],
        id="derived of a derived fact",
    ),
    pytest.param(
        "take: count",
        "take: cuont",
        [
            "lane.yaml:54:17 derive › goods › take | cuont is not one of length, words, count, host, address or age. Did you mean count?"
        ],
        id="derived in an unknown way",
    ),
    pytest.param(
        "{before: give, read",
        "{before: gve, read",
        ["lane.yaml:57:19 probes › stock › before | unknown step gve. Did you mean give?"],
        id="a probe before an unknown step",
    ),
    pytest.param(
        "read: till.stock",
        "read: till.stok",
        ["lane.yaml:57:31 probes › stock › read | giver may not read till.stok. Did you mean till.stock?"],
        id="a probe without the right to read",
    ),
    pytest.param(
        "given: {goods: state",
        "given: {good: state",
        ["lane.yaml:57:51 probes › stock › given › good | till.stock takes no good. Did you mean goods?"],
        id="a probe with an unknown argument",
    ),
    pytest.param(
        "given: {goods: state.sale.note}",
        "given: {shelf: state.sale.note}",
        ["lane.yaml:57:3 probes › stock | till.stock takes goods too. Say it in `given`."],
        id="a probe without an argument",
    ),
    pytest.param(
        "given: {goods: state.sale.note}",
        "given: {goods: state.sale.nte}",
        [
            "lane.yaml:57:58 probes › stock › given › goods | unknown fact state.sale.nte. Did you mean state.sale.note? (text)"
        ],
        id="a probe of an unknown fact",
    ),
    pytest.param(
        "given: {goods: state.sale.note}",
        "given: {goods: probe.stock.value}",
        [
            (
                "lane.yaml:57:58 probes › stock › given › goods | a probe is not made of what was probed, as probe.stock.value is. "
                "Give it a field of the request, the state or the proposal."
            )
        ],
        id="a probe of a probe",
    ),
    pytest.param(
        'done: "{state.given.amount} off',
        'done: "{probe.stock.value} left, {state.given.amount} off',
        [
            (
                "lane.yaml:14:11 tell › done | probe.stock.value was looked up for rules, and is not kept for this sentence. "
                "Name a field of the state."
            )
        ],
        id="a probe told when all is done",
    ),
    pytest.param(
        "needs: [state.sale.note,",
        "needs: [state.sale.nte,",
        [
            "lane.yaml:52:13 steps › give › needs › #1 | unknown fact state.sale.nte. Did you mean state.sale.note? (text)"
        ],
        id="a need of an unknown fact",
    ),
    pytest.param(
        "needs: [state.sale.note,",
        "needs: [state.sale.total,",
        [
            (
                "lane.yaml:52:13 steps › give › needs › #1 | state.sale.total is always there: integer, minor units of USD. "
                "Only text that can be empty and what can be null is needed. Write a rule."
            )
        ],
        id="a need of what is always there",
    ),
    pytest.param(
        "needs: [state.sale.note,",
        "needs: [state.given.reference,",
        ["lane.yaml:52:13 steps › give › needs › #1 | state.given.reference is not known yet when give starts."],
        id="a need of what comes later",
    ),
    pytest.param(
        "needs: [state.sale.note,",
        "needs: [state sale,",
        ["lane.yaml:52:13 steps › give › needs › #1 | state sale is not a fact's path, such as state.order.number."],
        id="a need of what is no path",
    ),
    pytest.param(
        "    recheck: [look]\n    needs",
        "    after: [lok]\n    needs",
        ["lane.yaml:51:13 steps › give › after › #1 | lok is no step above this one. Did you mean look?"],
        id="a step after an unknown one",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), OBSERVING)
def test_what_is_observed_exists_and_is_of_the_right_kind(old: str, new: str, expected: list[str]) -> None:
    assert _told(old, new) == expected
