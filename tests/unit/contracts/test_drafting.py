"""Changes of a contract are drafted only out of what every decision says."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel

from contracts.authoring import Money, Personal
from contracts.drafting import dropped, raised, required
from contracts.facts import schema_of


class Request(BaseModel):
    """What a rule may read."""

    amount: Annotated[int, Money("USD")]
    kind: Literal["lost", "late", "broken"]
    name: Annotated[str, Personal()]
    note: str


SCHEMA = schema_of({"request": Request})
LANE: dict[str, Any] = {
    "approve": [
        {"name": "large", "before": "pay", "when": {">": [{"var": "request.amount"}, 500]}},
        {"name": "public", "before": "pay", "when": {"==": [{"var": "request.kind"}, "lost"]}},
    ]
}


def facts(amount: int = 600, kind: str = "late", name: str = "Ada", note: str = "") -> dict[str, Any]:
    return {"request": {"amount": amount, "kind": kind, "name": name, "note": note}}


def test_a_limit_is_raised_to_what_was_approved_and_the_file_stays_as_it_was() -> None:
    draft = raised(LANE, "large", [facts(700), facts(900)])

    assert draft is not None
    assert draft.data["approve"][0]["when"] == {">": [{"var": "request.amount"}, 900]}
    assert draft.data["approve"][0]["examples"] == {
        "accepted": [{"request.amount": 901}],
        "refused": [{"request.amount": 900}],
    }
    assert LANE["approve"][0]["when"] == {">": [{"var": "request.amount"}, 500]}


def test_a_limit_that_asks_from_a_number_on_asks_above_what_was_approved() -> None:
    lane = {"approve": [{"name": "large", "before": "pay", "when": {">=": [{"var": "request.amount"}, 500]}}]}

    draft = raised(lane, "large", [facts(700)])

    assert draft is not None
    assert draft.data["approve"][0]["when"] == {">=": [{"var": "request.amount"}, 701]}


def test_a_rule_of_another_shape_has_no_limit_to_raise() -> None:
    assert raised(LANE, "public", [facts()]) is None
    assert raised(LANE, "large", []) is None


def test_an_edge_can_be_dropped() -> None:
    assert [one["name"] for one in dropped(LANE, "large").data["approve"]] == ["public"]


def test_a_rule_is_drafted_of_the_one_fact_that_tells_them_apart() -> None:
    by_amount = required(LANE, "large", reason="Too much", refused=[facts(2000)], approved=[facts(700)], schema=SCHEMA)
    by_kind = required(
        LANE,
        "large",
        reason="Broken {parts}",
        refused=[facts(kind="broken")] * 3,
        approved=[facts(), facts(kind="lost")],
        schema=SCHEMA,
    )

    assert by_amount is not None
    assert by_amount.part["require"][0]["rule"] == {"<=": [{"var": "request.amount"}, 700]}
    assert by_kind is not None
    assert by_kind.part["require"][0]["rule"] == {"!=": [{"var": "request.kind"}, "broken"]}
    assert by_kind.part["require"][0]["because"] == "Broken (parts)"


def test_names_and_free_text_tell_nothing_apart() -> None:
    refused, approved = [facts(name="Bob", note="x")] * 3, [facts(name="Ada", note="y")]

    assert required(LANE, "large", reason="No", refused=refused, approved=approved, schema=SCHEMA) is None
