"""Warnings: what would work and still is not wise. Each is told with its place and its remedy, and stops nothing."""

from collections.abc import Mapping

import pytest

from contracts.business import load
from contracts.lint import LINTS, warnings
from tests.unit.contracts.small_business import COMPANY, FILES, LANE, MODELS, TILL, TIMEZONES, WORKERS, small_business

LANE_FILE = "lanes/discounts/lane.yaml"

# The same business with nothing to think about.
CALM = LANE.replace('[everyone, "group:staff", "person:ines"]', '["person:ines"]').replace(
    'who: "group:staff", for: 1h, remind', 'who: "person:olu", for: 1h, remind'
)
LOOKER = next(line for line in LANE.split("\n") if line.startswith("  looker:"))
FILING = """\
  - name: file
    worker: looker
    run: workers:file
    gives: models:Filed
    writes: filed
    progress: Filing.
    evidence: [file.txt]
"""
MODELS_FILED = MODELS + "\n\nclass Filed(BaseModel):\n    place: str\n"
WORKERS_FILE = WORKERS.replace("Discount, Given", "Discount, Filed, Given") + (
    "\n\n@worker\ndef file(request: Discount, desk: Desk) -> Filed:\n    return Filed(place='here')\n"
)


def _thoughts(**changes: str) -> list[str]:
    """Every warning of the business with changed files, as "line path | message and remedy"."""
    found = warnings(small_business(**{"lane": CALM, **changes}))
    return [f"{one.file.rpartition('/')[2]}:{one.line} {one.path} | {one.sentence}" for one in found]


def _after(changes: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    texts = {"lane": CALM, "company": COMPANY, "till": TILL}
    for file, (old, _new) in changes.items():
        assert old in texts[file]
    return {file: texts[file].replace(*change, 1) for file, change in changes.items()}


def test_a_wise_business_gives_nothing_to_think_about() -> None:
    assert _thoughts() == []


# What stands in which file instead of what, and everything that is to be thought about.
THOUGHTS = [
    pytest.param(
        {"till": ('blast="customer"', 'blast="record"')},
        [
            (
                "lane.yaml:61 approve › large discount › before | a person is asked although till.discount only changes records. "
                "Let a rule judge it, verify it by a look, and delete the edge."
            )
        ],
        id="over-review",
    ),
    pytest.param(
        {"lane": ('who: "person:olu"', 'who: "person:ines"')},
        [
            (
                "lane.yaml:67 approve › large discount › steps › #1 › who | when Inês Prata asks, person:ines has too few to decide without Inês Prata. "
                "Add somebody who may not ask, or take them out of may_ask."
            )
        ],
        id="self-approval by a person",
    ),
    pytest.param(
        {"lane": ('may_ask: ["person:ines"]', "may_ask: [everyone]")},
        [
            (
                "lane.yaml:67 approve › large discount › steps › #1 › who | when Olu Adeniyi asks, person:olu has too few to decide without Olu Adeniyi. "
                "Add somebody who may not ask, or take them out of may_ask."
            ),
            (
                "lane.yaml:68 approve › large discount › steps › #2 › who | Olu Adeniyi may ask and has no manager, so this step is passed over. "
                "Give them a manager, or name a group here."
            ),
        ],
        id="everyone may ask, also who decides and who has no manager",
    ),
    pytest.param(
        {
            "lane": ('who: "person:olu", for: 1h, remind', 'who: "group:staff", for: 1h, remind'),
            "company": ("staff: [ines, olu]", "staff: [ines]"),
        },
        [
            (
                "lane.yaml:67 approve › large discount › steps › #1 › who | when Inês Prata asks, group:staff has too few to decide without Inês Prata. "
                "Add somebody who may not ask, or take them out of may_ask."
            )
        ],
        id="self-approval in a group of one",
    ),
    pytest.param(
        {"till": ('"readable", look="discount_by_key"', '"neither", look=None')},
        [
            (
                "lane.yaml:24 workers › giver › writes › #1 | nothing verifies till.discount: after a crash nobody knows whether it happened. "
                "Give the tool's method a look, and declare it keyed or readable."
            )
        ],
        id="an effect without verification",
    ),
    pytest.param(
        {
            "company": (
                "kpis:\n",
                "kpis:\n  - {name: smiles, title: Smiles, unit: smiles, target: 9, direction: up, objective: Be fair}\n",
            )
        },
        [
            "company.yaml:24 kpis › smiles › name | nobody moves smiles. Let a lane serve it or a worker have it, or delete it."
        ],
        id="a number that nobody moves",
    ),
    pytest.param(
        {"company": ("direction: up, objective", "direction: up, counts: activity, objective")},
        [
            "lane.yaml:16 workers › looker › kpi | looker is measured by fair-prices, which counts activity: it can be moved without any use. Give it a KPI that counts an outcome.",
            "lane.yaml:21 workers › giver › kpi | giver is measured by fair-prices, which counts activity: it can be moved without any use. Give it a KPI that counts an outcome.",
        ],
        id="a number that counts activity",
    ),
    pytest.param(
        {
            "company": (
                "strategy: Be fair\n",
                'strategy: Be fair\nbudget: {day: "5", month: "4"}\ncaps: {customer: {attempt: {count: 2}, hour: {count: 1}, day: {count: 9}}}\n',
            )
        },
        [
            "company.yaml:10 budget › day | 5 is never reached: budget month allows 4. Lower it, or raise the other.",
            "company.yaml:11 caps › customer › attempt › count | 2 is never reached: caps customer hour count allows 1. Lower it, or raise the other.",
        ],
        id="limits that are never reached",
    ),
    pytest.param(
        {"lane": ("    runtime: default\n", '    runtime: default\n    budget: {day: "5", month: "4"}\n')},
        [
            "lane.yaml:36 workers › giver › budget › day | 5 is never reached: budget month allows 4. Lower it, or raise the other."
        ],
        id="a worker's budget that is never reached",
    ),
    pytest.param(
        {"company": ("strategy: Be fair\n", 'strategy: Be fair\nbudget: {run: "0.015"}\n')},
        [
            "lane.yaml:16 workers › looker › cost › at_most | one run of looker may cost 0.02, a whole task at most 0.015. Lower what it costs at most, or raise the budget of a run.",
            "lane.yaml:34 workers › giver › cost › at_most | one run of giver may cost 0.02, a whole task at most 0.015. Lower what it costs at most, or raise the budget of a run.",
        ],
        id="a run that may cost more than a task",
    ),
    pytest.param(
        {"lane": ("takes: [request], gives: [sale]", "takes: [request, given], gives: [sale]")},
        [
            "lane.yaml:16 workers › looker › takes › #2 | looker takes given, which none of its functions is given. Take it away."
        ],
        id="an input that no function is given",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), THOUGHTS)
def test_a_warning_names_its_remedy(changes: dict[str, tuple[str, str]], expected: list[str]) -> None:
    assert _thoughts(**_after(changes)) == expected


def test_a_worker_without_a_step_is_idle() -> None:
    lane = CALM.replace(LOOKER, f"{LOOKER}\n{LOOKER.replace('looker', 'spare', 1)}")

    assert _thoughts(lane=lane) == [
        "lane.yaml:17 workers › spare | spare does no step. Name it as a step's worker or peer, or delete it."
    ]


def test_a_ladder_has_a_human_at_its_end() -> None:
    peer = LOOKER.replace("looker", "night", 1).replace("runtime: default", "runtime: batch")
    lane = CALM.replace(LOOKER, f"{LOOKER.replace('[lane-owner]', '[night]')}\n{peer}")
    lane = lane.replace("    worker: looker\n", "    worker: looker\n    peer: night\n")

    assert _thoughts(lane=lane) == [
        (
            "lane.yaml:16 workers › looker › escalates › #1 | the ladder of looker ends with night, who is no human. "
            "End it with lane-owner, group:NAME or person:NAME."
        )
    ]


def test_a_right_that_is_never_used_and_one_that_two_have() -> None:
    rights = LOOKER.replace("tier: 1", "tier: 3").replace("writes: []", "writes: [till.discount]")

    assert _thoughts(lane=CALM.replace(LOOKER, rights)) == [
        (
            "lane.yaml:16 workers › looker › writes › #1 | looker may write till.discount, but none of its steps proposes anything. "
            "Take the right away."
        ),
        (
            "lane.yaml:24 workers › giver › writes › #1 | till.discount is written by looker too, so that neither knows what the other did. "
            "Let one of them own it, and the other ask for it."
        ),
    ]


def test_two_lanes_that_change_the_same() -> None:
    other = {name.replace("discounts", "gifts"): text for name, text in {**FILES, LANE_FILE: CALM}.items()}
    gifts = {name: text.replace("lane: discounts", "lane: gifts") for name, text in other.items() if "gifts" in name}
    files = {**FILES, LANE_FILE: CALM, **gifts}

    found = warnings(load({name: text.encode() for name, text in files.items()}, timezones=TIMEZONES))

    assert [(one.file, one.message) for one in found] == [
        (
            "lanes/gifts/lane.yaml",
            "till.discount is written by giver of discounts too, so that neither knows what the other did",
        )
    ]


def test_a_worker_that_leaves_nothing_is_invisible() -> None:
    lane = CALM.replace("evidence: [sale.json], fails", "evidence: [], fails").replace(
        "    evidence: [sale.json]\n", ""
    )

    assert _thoughts(lane=lane) == [
        (
            "lane.yaml:16 workers › looker › evidence | looker leaves nothing that proves its work. "
            "Let its step keep an artifact, and name it in both."
        )
    ]


def test_a_person_decides_on_the_whole() -> None:
    lane = _filing(FILING).replace("next: requester", "next: looker")

    assert _thoughts(lane=lane, models=MODELS_FILED, workers=WORKERS_FILE) == [
        (
            "lane.yaml:68 approve › large discount › before | a person decides before file has made file.txt. "
            "Put file before give, so that they see the whole."
        )
    ]


def test_a_number_has_its_place_below_an_objective() -> None:
    objectives = """\
objectives:
  - id: fair
    title: Be fair
    owner: olu
    key_results:
      - {id: prices, title: Prices are fair, kpis: [fair-prices]}
"""
    known = COMPANY.replace("kpis:\n", f"{objectives}kpis:\n")
    more = known + '  - {name: smiles, title: Smiles, unit: "%", target: 9, direction: up, objective: Be fair}\n'

    assert _thoughts(company=known) == []
    assert _thoughts(company=more, lane=CALM.replace("serves: fair-prices", "serves: smiles")) == [
        "company.yaml:31 kpis › smiles › name | smiles shows no key result. Name it among the kpis of a key result."
    ]


CUT = "the sentence ends before the #. Put the sentence in quotes, or two blanks before the comment."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            ": Sale {request.sale} is closed.",
            ": Sale # {request.sale} is closed.",
            ["55 require › sale is open › because"],
        ),
        ("title: Give a discount", "title: Give # a discount", ["2 title"]),
        ("- name: sale is open", "- name: sale # is open", ["52 require › sale › name"]),
        (
            '["total {state.sale.total}"]',
            "[total]\n    alternatives:\n      - Take # less",
            ["67 approve › large discount › alternatives › #1"],
        ),
        ("title: Give a discount", "title: Give a discount  # what people choose", []),
        ("title: Give a discount", 'title: "Give # a discount" # what people choose', []),
        ("writes: sale\n", "writes: sale # no sentence\n", []),
        ("progress: Taking", "# a line of its own\n    progress: Taking", []),
    ],
)
def test_a_sentence_that_a_comment_may_have_cut_is_told(old: str, new: str, expected: list[str]) -> None:
    assert old in CALM

    assert _thoughts(lane=CALM.replace(old, new, 1)) == [f"lane.yaml:{place} | {CUT}" for place in expected]


def test_a_sentence_of_the_company_can_be_cut_as_well() -> None:
    assert _thoughts(company=COMPANY.replace("strategy: Be fair", "strategy: Be # fair")) == [
        f"company.yaml:9 strategy | {CUT}"
    ]


def test_these_are_all_the_lints() -> None:
    assert {lint.__name__ for lint in LINTS} == {
        *("needless_edges", "early_edges", "own_approvals", "missing_managers", "unverified_effects", "shared_writes"),
        *("unused_rights", "ladders_without_people", "unmoved_numbers", "activity_numbers", "numbers_without_place"),
        *("unverified_undos", "dear_runs", "unreachable_limits", "idle_workers", "unread_inputs", "unproven_work"),
        *("cut_sentences", "takeovers_never_asked", "takeovers_in_vain", "overlooked_failures"),
    }


def _filing(step: str) -> str:
    both = LOOKER.replace("gives: [sale]", "gives: [sale, filed]").replace("[sale.json]", "[sale.json, file.txt]")
    return CALM.replace(LOOKER, both).replace("require:\n", f"{step}require:\n", 1)
