"""Mistakes in what a lane file names and allows: each is told with its place, a sentence and the nearest right name."""

import pytest

from tests.unit.contracts.small_business import told_after

# What stood there, what stands there now, and everything that is told of it.
REFERENCES = [
    pytest.param(
        "lane: discounts",
        "lane: discount",
        ["lane.yaml:1:7 lane | the lane discount lies in the folder discounts. Give both the same name."],
        id="a lane in a folder of another name",
    ),
    pytest.param(
        "portfolio: counter",
        "portfolio: conter",
        ["lane.yaml:4:12 portfolio | unknown portfolio conter. Did you mean counter?"],
        id="an unknown portfolio",
    ),
    pytest.param(
        "owner: olu",
        "owner: ole",
        ["lane.yaml:5:8 owner | unknown person ole. Did you mean olu?"],
        id="an unknown owner",
    ),
    pytest.param(
        '"group:staff", "person',
        '"group:stuff", "person',
        ["lane.yaml:6:22 may_ask › #2 | unknown group stuff. Did you mean staff?"],
        id="an unknown group that may ask",
    ),
    pytest.param(
        '"person:ines"',
        '"ines"',
        ["lane.yaml:6:37 may_ask › #3 | ines is not everyone, group:NAME or person:NAME. Write person:ines."],
        id="somebody who may ask, without a kind",
    ),
    pytest.param(
        "serves: fair-prices",
        "serves: fair-price",
        ["lane.yaml:9:9 serves | unknown KPI fair-price. Did you mean fair-prices?"],
        id="an unknown KPI",
    ),
    pytest.param(
        "accountable: olu, tier: 1",
        "accountable: ola, tier: 1",
        ["lane.yaml:16:64 workers › looker › accountable | unknown person ola. Did you mean olu?"],
        id="an unknown accountable person",
    ),
    pytest.param(
        "worker: looker",
        "worker: loker",
        ["lane.yaml:38:13 steps › look › worker | unknown worker loker. Did you mean looker?"],
        id="an unknown worker",
    ),
    pytest.param(
        "name: give\n",
        "name: look\n",
        [
            "lane.yaml:44:11 steps › look › name | there are two of the step look. Give each a name of its own.",
            "lane.yaml:53:13 require › sale is open › before | unknown step give. Known: look.",
            "lane.yaml:61:13 approve › large discount › before | unknown step give. Known: look.",
        ],
        id="a step name twice",
    ),
    pytest.param(
        "writes: given",
        "writes: sale",
        [
            "lane.yaml:48:13 steps › give › writes | state.sale is already written by look. Each field has one writing step."
        ],
        id="a field with two writing steps",
    ),
    pytest.param(
        "recheck: [look]",
        "recheck: [give]",
        ["lane.yaml:50:15 steps › give › recheck › #1 | give is no step above this one. Known: look."],
        id="a recheck of a later step",
    ),
    pytest.param(
        "recheck: [look]",
        "overwrites: [amount]",
        [
            "lane.yaml:50:18 steps › give › overwrites › #1 | give has no effect that takes amount and respects corrections."
        ],
        id="an overwriting of what respects nothing",
    ),
    pytest.param(
        "recheck: [look]",
        "accepts_suspect: [sael]",
        ["lane.yaml:50:23 steps › give › accepts_suspect › #1 | no step before give writes sael. Did you mean sale?"],
        id="a suspect field that is not there",
    ),
    pytest.param(
        "    evidence: [sale.json]\n",
        '    evidence: ["../sale.json"]\n',
        [
            "lane.yaml:43:17 steps › look › evidence › #1 | '../sale.json' is no artifact's name. Write one like order.json."
        ],
        id="an artifact outside the task",
    ),
    pytest.param(
        "before: give\n    rule",
        "before: gve\n    rule",
        ["lane.yaml:53:13 require › sale is open › before | unknown step gve. Did you mean give?"],
        id="an unknown step before which a rule holds",
    ),
    pytest.param(
        "models:Discount",
        "models:Discunt",
        ["lane.yaml:7:10 request | lanes/discounts/models.py has no model Discunt. Did you mean Discount?"],
        id="an unknown model",
    ),
    pytest.param(
        "models:Discount",
        "models:USD",
        ["lane.yaml:7:10 request | USD is no pydantic model. Known: Discount, Sale and Given."],
        id="a name that is no model",
    ),
]

RIGHTS = [
    pytest.param(
        "tier: 1",
        "tier: 5",
        ["lane.yaml:16:75 workers › looker › tier | 5 is not one of 1, 2, 3 or 4."],
        id="a tier that is none",
    ),
    pytest.param(
        "tier: 3",
        "tier: 2",
        [
            "lane.yaml:24:14 workers › giver › writes › #1 | discount touches customers, which takes tier 3. This worker has tier 2."
        ],
        id="an effect on customers at tier 2",
    ),
    pytest.param(
        "tier: 3",
        "tier: 1",
        [
            "lane.yaml:24:14 workers › giver › writes › #1 | a worker of tier 1 reads and recommends, it writes nothing. Give it tier 3, or take the right away."
        ],
        id="an effect at tier 1",
    ),
    pytest.param(
        "tier: 3",
        "tier: 4",
        [
            "lane.yaml:24:14 workers › giver › writes › #1 | a worker of tier 4 coordinates, it writes nothing. Give it tier 3, or take the right away."
        ],
        id="an effect of a coordinator",
    ),
    pytest.param(
        "reads: [till.sale], writes: [], kpi",
        "reads: [till.sail], writes: [], kpi",
        ["lane.yaml:16:86 workers › looker › reads › #1 | till has no read sail. Did you mean till.sale?"],
        id="an unknown read",
    ),
    pytest.param(
        "reads: [till.sale], writes: [], kpi",
        "reads: [till.discount], writes: [], kpi",
        ["lane.yaml:16:86 workers › looker › reads › #1 | till.discount changes the world. Name it among the writes."],
        id="an effect among the reads",
    ),
    pytest.param(
        "reads: [till.sale], writes: [], kpi",
        "reads: [tell.sale], writes: [], kpi",
        ["lane.yaml:16:86 workers › looker › reads › #1 | unknown system tell. Did you mean till?"],
        id="an unknown system",
    ),
    pytest.param(
        "reads: [till.sale], writes: [], kpi",
        "reads: [sale], writes: [], kpi",
        [
            "lane.yaml:16:86 workers › looker › reads › #1 | sale is no operation. Write SYSTEM.OPERATION, such as shop.order."
        ],
        id="a read without a system",
    ),
    pytest.param(
        "writes: [till.discount]",
        "writes: [till.discout]",
        ["lane.yaml:24:14 workers › giver › writes › #1 | till has no effect discout. Did you mean till.discount?"],
        id="an unknown effect",
    ),
    pytest.param(
        "writes: [till.discount]",
        "writes: [till.sale]",
        ["lane.yaml:24:14 workers › giver › writes › #1 | till.sale only reads. Name it among the reads."],
        id="a read among the writes",
    ),
    pytest.param(
        "    writes: [till.discount]\n",
        "    writes: []\n",
        [
            "lane.yaml:45:13 steps › give › worker | give proposes an effect, but giver may write nothing. Name the effect among the worker's writes."
        ],
        id="a proposal without any right",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), REFERENCES)
def test_a_lane_names_only_what_exists(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), RIGHTS)
def test_a_right_exists_and_fits_the_tier(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected
