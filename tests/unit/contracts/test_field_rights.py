"""Rights go down to the field: what may be named is checked at load, and what is not named is not seen."""

import pytest

from contracts.authoring import Governance
from contracts.damage import damage
from contracts.explained import explained
from contracts.rights import narrowed, set_beyond
from tests.unit.contracts.small_business import LANE, TILL, small_business, told

TYPED = (
    TILL.replace("from typing import Annotated, Any\n", "from typing import Annotated, Any, TypedDict\n")
    .replace(
        "class Till:",
        "class SaleAtTill(TypedDict):\n    total: int\n    open: bool\n    customer: str\n\n\nclass Till:",
    )
    .replace("number: str) -> dict[str, Any]", "number: str) -> SaleAtTill | None")
)
LISTED = TYPED.replace("-> SaleAtTill | None", "-> list[SaleAtTill]")
DATED = f"from chargehand import Reading\n{TYPED.replace('-> SaleAtTill | None', '-> Reading[SaleAtTill | None]')}"
LOOKER, GIVER = "reads: [till.sale], writes: [],", "    writes: [till.discount]\n"


def _lane(*, looker: str = "", giver: str = "") -> str:
    return LANE.replace(LOOKER, f"{LOOKER} {looker}").replace(GIVER, f"{GIVER}{giver}")


def refusal(name: str) -> Governance:
    return Governance(f"no {name}")


@pytest.mark.parametrize("till", [TYPED, LISTED, DATED])
def test_a_read_may_be_narrowed_to_fields_that_its_answer_has(till: str) -> None:
    assert told(lane=_lane(looker="only: {till.sale: [total, open]},"), till=till) == []


def test_a_field_that_the_answer_does_not_have_is_told_with_the_nearest() -> None:
    (found,) = told(lane=_lane(looker="only: {till.sale: [total, opem]},"), till=TYPED)

    assert found.endswith("workers › looker › only › till.sale › #2 | till.sale has no field opem. Did you mean open?")


def test_an_answer_without_typed_fields_can_not_be_narrowed() -> None:
    (found,) = told(lane=_lane(looker="only: {till.sale: [total]},"))

    assert found.endswith(
        "workers › looker › only › till.sale | till.sale does not say which fields its answer has. "
        "Annotate Till.sale with a TypedDict, or a list of them."
    )


def test_only_a_right_that_is_there_can_be_narrowed() -> None:
    (found,) = told(lane=_lane(looker="only: {till.sales: [total]},"), till=TYPED)

    assert found.endswith("looker has no right to till.sales that could be narrowed. Did you mean till.sale?")


def test_an_argument_that_the_effect_does_not_take_is_told() -> None:
    (found,) = told(lane=_lane(giver="    only: {till.discount: [sale, amont]}\n"))

    assert found.endswith("only › till.discount › #2 | till.discount takes no amont. Did you mean amount?")


def test_an_argument_that_has_to_be_given_can_not_be_taken_away() -> None:
    (found,) = told(lane=_lane(giver="    only: {till.discount: [sale]}\n"))

    assert found.endswith(
        "only › till.discount | till.discount can't be asked for without amount. Write till.discount: [sale, amount]."
    )


def test_a_peer_is_narrowed_as_its_worker_is() -> None:
    peer = LANE.replace("    worker: looker\n", "    worker: looker\n    peer: night\n")
    night = next(line for line in LANE.splitlines() if line.startswith("  looker:")).replace("looker:", "night:")
    night = night.replace("runtime: default", "runtime: batch").replace("reads:", "only: {till.sale: [total]}, reads:")

    (found,) = told(lane=peer.replace("  giver:\n", f"{night}\n  giver:\n", 1), till=TYPED)

    assert "night has other rights than looker" in found


def test_the_reports_tell_what_is_left_of_a_right() -> None:
    lane = _lane(looker="only: {till.sale: [total, open]},", giver="    only: {till.discount: [sale, amount]}\n")
    business = small_business(lane=lane, till=TYPED)

    looker, giver = damage(business)
    lines = {line.value: line.place for line in explained(business, "discounts").lines if line.what == "  only"}

    assert looker.sentences[0] == "Sees till.sale (only total and open)."
    assert "Of its arguments it sets only sale and amount." in giver.sentences
    assert lines["till.sale: total, open"].endswith("lane.yaml:16")


def test_what_is_not_named_is_neither_there_nor_guessed() -> None:
    seen = narrowed({"total": 1, "customer": "Ada"}, ("total", "open"), refusal)

    assert dict(seen) == {"total": 1}
    assert (seen["total"], seen.get("open"), seen.get("open", 5)) == (1, None, 5)
    for default in (None, ""):
        with pytest.raises(Governance, match="no customer"):
            seen.get("customer", default)
    with pytest.raises(Governance, match="no customer"):
        seen["customer"]
    with pytest.raises(KeyError):
        seen["open"]


def test_each_record_of_a_list_is_narrowed_and_what_is_no_record_is_not_handed_out() -> None:
    assert narrowed([{"a": 1, "b": 2}, None], ("a",), refusal) == [{"a": 1}, None]
    with pytest.raises(Governance):
        narrowed("secret", ("a",), refusal)


def test_an_argument_left_at_its_default_needs_no_right() -> None:
    model = small_business().lanes["discounts"].effects["till.discount"].args_model

    assert set_beyond(model.model_validate({"sale": "7", "amount": 5}), ("sale",)) == ["amount"]
    assert set_beyond(model.model_validate({"sale": "7", "amount": 5}), ("sale", "amount")) == []
