"""A business is loaded whole or not at all, and what is loaded says where everything comes from."""

import sys

import pytest

from contracts.business import BusinessMistakes, load
from tests.unit.contracts.small_business import (
    COMPANY,
    FILES,
    LANE,
    MODELS,
    TILL,
    TIMEZONES,
    WORKERS,
    small_business,
    told,
)


def test_a_lane_knows_its_functions_and_where_their_arguments_come_from() -> None:
    lane = small_business().lanes["discounts"]

    assert lane.arguments == {
        "look": {"request": "request", "desk": "desk"},
        "give": {"request": "request", "sale": "state.sale", "desk": "desk"},
    }
    assert {name: function.__name__ for name, function in lane.functions.items()} == {"look": "look", "give": "give"}
    assert lane.proposes == {"give"}
    assert lane.reads == {"till.sale"}


def test_a_lane_knows_the_models_of_what_is_asked_and_what_steps_give() -> None:
    lane = small_business().lanes["discounts"]

    assert lane.request_model.__name__ == "Discount"
    assert {field: model.__name__ for field, model in lane.state_models.items()} == {"sale": "Sale", "given": "Given"}


def test_the_arguments_of_an_effect_are_those_of_its_method_without_the_key() -> None:
    effect = small_business().lanes["discounts"].effects["till.discount"]

    assert set(effect.args_model.model_fields) == {"sale", "amount"}
    assert effect.operation.look == "discount_by_key"
    with pytest.raises(ValueError, match="extra_forbidden"):
        effect.args_model.model_validate({"sale": "1", "amount": 5, "key": "k"})
    with pytest.raises(ValueError, match="int_type"):
        effect.args_model.model_validate({"sale": "1", "amount": "5"})


def test_a_rule_reads_the_proposal_and_only_what_earlier_steps_gave() -> None:
    lane = small_business().lanes["discounts"]

    assert lane.schemas["give"].at("effect.args.amount") is not None
    assert lane.schemas["give"].at("state.given.amount") is None
    assert lane.schemas["look"].at("effect.args.amount") is None
    assert lane.schemas["look"].at("state.sale.total") is None
    assert lane.schema.at("state.given.amount") is not None


def test_rules_stand_compiled_in_the_order_of_the_file() -> None:
    lane = small_business().lanes["discounts"]

    assert [(requirement.name, rule.reads) for requirement, rule in lane.requirements] == [
        ("sale is open", ("state.sale.open",))
    ]
    assert [(edge.name, rule.reads) for edge, rule in lane.edges] == [("large discount", ("effect.args.amount",))]


def test_the_same_content_gives_the_same_hashes_and_the_same_classes() -> None:
    first, second = small_business(), small_business()

    assert first.hash == second.hash
    assert first.lanes["discounts"].hash == second.lanes["discounts"].hash
    assert first.lanes["discounts"].request_model is second.lanes["discounts"].request_model
    assert first.tools["till"] is second.tools["till"]


def test_a_comment_or_another_indentation_makes_no_new_version_of_a_contract() -> None:
    plain = small_business()

    commented = small_business(lane="# About discounts\n\n" + LANE.replace("tier: 3", "tier:   3  # the most"))

    assert commented.hash == plain.hash
    assert commented.lanes["discounts"].hash == plain.lanes["discounts"].hash


@pytest.mark.parametrize(
    ("changes", "contract", "code", "whole"),
    [
        pytest.param(
            {"lane": LANE.replace("1000}, 1000", "").replace("for: 1h}", "for: 2h}")}, True, False, True, id="ladder"
        ),
        pytest.param({"models": MODELS + "\n\nMORE = 1\n"}, True, False, True, id="models"),
        pytest.param({"workers": WORKERS + "\n\nMORE = 1\n"}, False, True, True, id="workers"),
        pytest.param({"till": TILL + "\n\nMORE = 1\n"}, False, False, True, id="tool"),
        pytest.param({"company": COMPANY.replace("Be fair", "Be kind")}, False, False, True, id="company"),
    ],
)
def test_each_hash_changes_with_what_it_stands_for(
    changes: dict[str, str], contract: bool, code: bool, whole: bool
) -> None:
    before, after = small_business(), small_business(**changes)

    lanes = before.lanes["discounts"], after.lanes["discounts"]
    assert (lanes[0].hash != lanes[1].hash) is contract
    assert (lanes[0].code_hash != lanes[1].code_hash) is code
    assert (before.hash != after.hash) is whole


@pytest.mark.parametrize(
    ("changes", "swapped"),
    [
        pytest.param({"lane": f"# a comment\n{LANE}"}, set(), id="comment"),
        pytest.param({"workers": f"{WORKERS}\n\nMORE = 1\n"}, {"looker", "giver"}, id="code"),
        pytest.param({"till": f"{TILL}\n\nMORE = 1\n"}, {"looker", "giver"}, id="tool"),
        pytest.param({"lane": LANE.replace("    tier: 3", "    model: larger\n    tier: 3")}, {"giver"}, id="model"),
        pytest.param({"lane": LANE.replace("    tier: 3", '    version: "2"\n    tier: 3')}, {"giver"}, id="version"),
    ],
)
def test_a_workers_version_is_all_that_it_works_with(changes: dict[str, str], swapped: set[str]) -> None:
    before, after = (small_business(**files).lanes["discounts"].versions for files in ({}, changes))

    assert {name for name in before if before[name] != after[name]} == swapped


def test_two_versions_of_a_lane_live_beside_each_other() -> None:
    old = small_business().lanes["discounts"]

    new = small_business(models=MODELS.replace("sale: str", "sale: str\n    why: str")).lanes["discounts"]

    assert "why" in new.request_model.model_fields
    assert "why" not in old.request_model.model_fields
    assert old.functions["look"].__globals__["Discount"] is old.request_model


def test_modules_carry_company_lane_and_hash_in_their_names() -> None:
    lane = small_business().lanes["discounts"]

    name = lane.request_model.__module__

    assert name.startswith("chargehand_lane_corner_discounts_")
    assert name.endswith(".models")
    assert sys.modules[name].__file__ == "lanes/discounts/models.py"


def test_mistakes_of_all_files_are_told_at_once() -> None:
    found = told(
        company=COMPANY.replace("last_resort: olu", "last_resort: nobody"),
        lane=LANE.replace("owner: olu", "owner: nobody").replace("effect.args.amount: 1001", "effect.args.amount: 1"),
        workers=WORKERS.replace("-> Sale", "-> Given"),
    )

    assert [one.split(" ")[0] for one in found] == [
        "company.yaml:8:14",
        "lane.yaml:5:8",
        "lane.yaml:70:18",
        "workers.py:7:5",
    ]


def test_code_that_failed_to_load_leaves_no_module_behind() -> None:
    before = set(sys.modules)

    assert told(workers=WORKERS + "\nraise RuntimeError\n")

    left = {name for name in set(sys.modules) - before if name.endswith(".workers")}
    assert left == set()


def test_an_effect_that_nobody_approves_and_nothing_can_show_is_a_mistake() -> None:
    lane = LANE[: LANE.index("approve:")]
    till = TILL.replace('"readable", look="discount_by_key"', '"neither", look=None')

    assert told(lane=lane, till=till) == [
        (
            "lane.yaml:24:14 workers › giver › writes › #1 | "
            "nobody approves discount and nothing can verify it. Declare an approval edge before give, or a look."
        )
    ]


def test_a_folder_without_its_lane_file_is_a_mistake() -> None:
    files = {name.replace("lane.yaml", "lane.yml"): text.encode() for name, text in FILES.items()}

    with pytest.raises(BusinessMistakes) as found:
        load(files, timezones=TIMEZONES)

    assert [mistake.sentence for mistake in found.value.mistakes] == [
        "lanes/discounts has no lane.yaml. It holds lane.yml, models.py, workers.py."
    ]


def test_a_business_without_company_or_lanes_is_a_mistake() -> None:
    with pytest.raises(BusinessMistakes, match=r"there is no company\.yaml"):
        load({})
    with pytest.raises(BusinessMistakes, match="there is no lane"):
        load({name: text.encode() for name, text in FILES.items() if not name.startswith("lanes/")})


def test_time_zones_are_checked_only_against_given_ones() -> None:
    files = {name: text.encode() for name, text in FILES.items()}

    assert load(files).company.timezone == "Europe/Lisbon"
    with pytest.raises(BusinessMistakes, match="unknown time zone"):
        load(files, timezones=("UTC",))


def test_a_mistake_knows_its_line_and_the_words_that_are_meant() -> None:
    with pytest.raises(BusinessMistakes) as found:
        small_business(lane=LANE.replace('"effect.args.amount"}, 1000', '"effect.args.ammount"}, 1000'))

    (mistake,) = found.value.mistakes
    assert mistake.excerpt == '    when: {">": [{"var": "effect.args.ammount"}, 1000]}'
    assert mistake.excerpt[mistake.column - 1 :][: mistake.length] == "effect.args.ammount"
    assert mistake.hint == "Did you mean effect.args.amount? (integer, minor units of USD)"


def test_workers_that_do_not_load_hide_no_mistake_of_the_lane_file() -> None:
    found = told(lane=LANE.replace('"state.sale.open"', '"state.sale.opne"'), workers=WORKERS + "\n1/0\n")

    assert [one.split(" ")[0] for one in found] == ["lane.yaml:54:20", "workers.py:15:1"]


def test_a_business_is_short_in_logs_and_tracebacks() -> None:
    business = small_business()

    assert repr(business) == f"Business('corner', hash='{business.hash[:12]}')"
    assert (
        repr(business.lanes["discounts"]) == f"LoadedLane('discounts', hash='{business.lanes['discounts'].hash[:12]}')"
    )
