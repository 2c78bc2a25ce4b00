"""Mistakes in the tree: what lies below only narrows what lies above, objectives hang together, policies are met."""

import pytest

from tests.unit.contracts.small_business import COMPANY, LANE, TILL, told

TREE = """\
strategy: Be fair
brand: Corner
channels: [counter]
data_sources: [till]
approvers: [staff]
budget: {run: "0.05", day: "5.00"}
caps: {customer: {hour: {count: 10}, day: {count: 50, amount: 100000}}}
policies:
  - {name: read back, touching: customer, demands: [verification], because: Customers must not be surprised.}
"""
OBJECTIVES = """\
objectives:
  - id: fair
    title: Be fair
    owner: olu
    key_results:
      - {id: prices, title: Prices are fair, kpis: [fair-prices]}
kpis:
"""
SPACE = "    name: Shop\n"
COUNTER = "{id: counter, name: Counter, manager: olu"
OWNER = "owner: olu\n"


def _told(
    company: tuple[str, str] = ("", ""), lane: tuple[str, str] = ("", ""), till: tuple[str, str] = ("", "")
) -> list[str]:
    texts = {
        "company": COMPANY.replace("strategy: Be fair\n", TREE).replace("kpis:\n", OBJECTIVES),
        "lane": LANE,
        "till": TILL,
    }
    for file, (old, new) in (("company", company), ("lane", lane), ("till", till)):
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new, 1)
    return told(**texts)


def test_a_tree_in_which_nothing_is_narrowed_is_good() -> None:
    assert _told() == []


def test_a_tree_may_be_narrowed_at_each_level() -> None:
    narrower = f'{COUNTER}, budget: {{run: "0.04"}}, caps: {{customer: {{hour: {{count: 5}}}}}}'

    assert _told(company=(COUNTER, narrower), lane=(OWNER, f'{OWNER}budget: {{run: "0.03"}}\nchannels: []\n')) == []


WIDER = [
    pytest.param(
        {"company": (SPACE, f"{SPACE}    brand: Market\n")},
        [
            "company.yaml:21:12 workspaces › Shop › brand | another brand than that of the company The corner shop. Write Corner, or nothing."
        ],
        id="another brand",
    ),
    pytest.param(
        {"company": (COUNTER, f'{COUNTER}, budget: {{run: "0.06"}}')},
        [
            "company.yaml:22:67 workspaces › Shop › portfolios › Counter › budget › run | 0.06 is more than the company The corner shop allows. Write at most 0.05."
        ],
        id="a larger budget",
    ),
    pytest.param(
        {"lane": (OWNER, f"{OWNER}caps: {{customer: {{day: {{count: 51}}}}}}\n")},
        [
            "lane.yaml:6:32 caps › customer › day › count | 51 is more than the company The corner shop allows. Write at most 50."
        ],
        id="a larger cap",
    ),
    pytest.param(
        {"till": (', amount="amount"', "")},
        [
            'lane.yaml:24:14 workers › giver › writes › #1 | till.discount is under a cap of an amount, and does not say which argument is one. Write amount="ARGUMENT" in @effect of discount, or take the cap away.'
        ],
        id="an amount that nobody can count",
    ),
    pytest.param(
        {"company": (SPACE, f"{SPACE}    data_sources: []\n")},
        [
            "lane.yaml:16:86 workers › looker › reads › #1 | till is no data source of the workspace Shop. It has none.",
            "lane.yaml:23:13 workers › giver › reads › #1 | till is no data source of the workspace Shop. It has none.",
            "lane.yaml:24:14 workers › giver › writes › #1 | till is no data source of the workspace Shop. It has none.",
        ],
        id="rights to a system that is no data source",
    ),
    pytest.param(
        {"company": (COUNTER, f"{COUNTER}, approvers: []")},
        [
            "lane.yaml:67:16 approve › large discount › steps › #1 › who | staff does not approve for the portfolio Counter. Those who do: none."
        ],
        id="an edge to a group that does not approve",
    ),
    pytest.param(
        {"lane": (OWNER, f"{OWNER}channels: [conter]\n")},
        [
            "lane.yaml:6:12 channels › #1 | unknown channel conter. Did you mean counter?",
        ],
        id="an unknown channel",
    ),
    pytest.param(
        {"company": ("approvers: [staff]", "approvers: [stuff]")},
        [
            "company.yaml:13:13 approvers › #1 | unknown group stuff. Did you mean staff?",
            "lane.yaml:67:16 approve › large discount › steps › #1 › who | staff does not approve for the company The corner shop. Those who do: stuff.",
        ],
        id="an unknown group of approvers",
    ),
    pytest.param(
        {"company": (SPACE, f"{SPACE}    data_sources: [till, tell]\n")},
        [
            "company.yaml:21:26 workspaces › Shop › data_sources › #2 | unknown system tell. Did you mean till?",
        ],
        id="an unknown system",
    ),
    pytest.param(
        {
            "lane": (
                OWNER,
                f"{OWNER}policies: [{{name: read back, touching: record, demands: [cap], because: Mine.}}]\n",
            )
        },
        [
            "lane.yaml:6:12 policies › read back | the company The corner shop has a policy of this name. Policies are added to, never changed: give it another name."
        ],
        id="a policy that is changed below",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WIDER)
def test_what_lies_below_only_narrows(changes: dict[str, tuple[str, str]], expected: list[str]) -> None:
    assert _told(**changes) == expected


POLICIES = [
    pytest.param(
        {"till": ('"readable", look="discount_by_key"', '"neither", look=None')},
        [
            (
                "lane.yaml:24:14 workers › giver › writes › #1 | till.discount has no verification, which the policy “read back” demands. "
                "Customers must not be surprised. Give the tool's method a look that reads it back."
            )
        ],
        id="verification",
    ),
    pytest.param(
        {"company": ("demands: [verification]", "demands: [approval]"), "lane": (LANE[LANE.index("approve:") :], "")},
        [
            (
                "lane.yaml:24:14 workers › giver › writes › #1 | till.discount has no approval, which the policy “read back” demands. "
                "Customers must not be surprised. Declare an approval edge before the step."
            )
        ],
        id="approval",
    ),
    pytest.param(
        {
            "company": (
                (
                    "caps: {customer: {hour: {count: 10}, day: {count: 50, amount: 100000}}}\npolicies:\n"
                    "  - {name: read back, touching: customer, demands: [verification]"
                ),
                "policies:\n  - {name: read back, touching: customer, demands: [cap]",
            )
        },
        [
            (
                "lane.yaml:24:14 workers › giver › writes › #1 | till.discount has no cap, which the policy “read back” demands. "
                "Customers must not be surprised. Declare caps for its blast radius."
            )
        ],
        id="a cap",
    ),
    pytest.param(
        {"company": ("demands: [verification]", "demands: [prayer]")},
        [
            "company.yaml:17:53 policies › read back › demands › #1 | prayer is not one of verification, approval or cap."
        ],
        id="a demand that is none",
    ),
    pytest.param(
        {"company": ("touching: customer", "touching: customers")},
        [
            "company.yaml:17:33 policies › read back › touching | customers is not one of record, public, customer, spending, access or compliance. Did you mean customer?"
        ],
        id="an unknown blast radius",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), POLICIES)
def test_an_effect_has_what_a_policy_demands(changes: dict[str, tuple[str, str]], expected: list[str]) -> None:
    assert _told(**changes) == expected


STRATEGY = [
    pytest.param(
        ("    owner: olu\n    key", "    owner: ole\n    key"),
        ["company.yaml:34:12 objectives › fair › owner | unknown person ole. Did you mean olu?"],
        id="an unknown owner",
    ),
    pytest.param(
        ("kpis: [fair-prices]", "kpis: [fair-price]"),
        [
            "company.yaml:36:53 objectives › fair › key_results › prices › kpis › #1 | unknown KPI fair-price. Did you mean fair-prices?"
        ],
        id="an unknown number",
    ),
    pytest.param(
        ("kpis: [fair-prices]", "kpis: [fair-prices, fair-prices]"),
        [
            "company.yaml:36:66 objectives › fair › key_results › prices › kpis › #2 | fair-prices already shows prices. A number shows one key result."
        ],
        id="a number in two places",
    ),
    pytest.param(
        ("direction: up, objective: Be fair", "direction: up, objective: Be fare"),
        ["company.yaml:38:94 kpis › fair-prices › objective | unknown objective Be fare. Did you mean Be fair?"],
        id="a number of an unknown objective",
    ),
    pytest.param(
        (
            "kpis:\n  -",
            "  - {id: kind, title: Be kind, owner: olu, key_results: [{id: fair, title: Smiles, kpis: [fair-prices]}]}\nkpis:\n  -",
        ),
        [
            "company.yaml:37:91 objectives › kind › key_results › fair › kpis › #1 | fair-prices already shows prices. A number shows one key result.",
            "company.yaml:39:94 kpis › fair-prices › objective | fair-prices shows a key result of “Be kind”. Write objective: Be kind.",
        ],
        id="a number of another objective",
    ),
    pytest.param(
        ("kpis: [fair-prices]", "kpis: []"),
        [
            "company.yaml:36:52 objectives › fair › key_results › prices › kpis | the list is empty, at least 1 belongs here."
        ],
        id="a key result without a number",
    ),
    pytest.param(
        ("      - {id: prices", "      - {id: prices, title: Again, kpis: [fair-prices]}\n      - {id: prices"),
        [
            "company.yaml:37:14 objectives › fair › key_results › prices › id | there are two of the key result prices. Give each a name of its own.",
            "company.yaml:37:53 objectives › fair › key_results › prices › kpis › #1 | fair-prices already shows prices. A number shows one key result.",
        ],
        id="a key result twice",
    ),
]


@pytest.mark.parametrize(("change", "expected"), STRATEGY)
def test_numbers_hang_below_objectives(change: tuple[str, str], expected: list[str]) -> None:
    assert _told(company=change) == expected
