"""A worker who places work and is more than that is a mistake, told with its place and the way out."""

import pytest

from contracts.lint import warnings
from tests.unit.contracts.small_business import LANE, WORKERS, small_business, told

_WAY_OUT = (
    "A coordinator is told roles, scopes and load as it is asked; whoever works with the business is another worker."
)
_LOOKER = next(line for line in LANE.split("\n") if line.startswith("  looker:"))
_NIGHT = _LOOKER.replace("looker:", "night:").replace("runtime: default", "runtime: batch")
_DESK = (
    "  dispatcher: {job: Dispatcher, outcome: Work lies where it is done best, accountable: olu, tier: 4, reads: [], writes: [], "
    "kpi: fair-prices, done: The step was placed, may: decide, takes: [packet], gives: [placement], evidence: [], "
    "fails: {nobody fits: judgment}, stops: After one try, next: requester, escalates: [lane-owner], "
    'cost: {usual: "0.01", at_most: "0.02"}, coordinates: "workers:place", runtime: default}'
)
_LANE = LANE.replace(_LOOKER, f"{_LOOKER}\n{_NIGHT}\n{_DESK}").replace(
    "    worker: looker\n", "    worker: looker\n    peer: night\n"
)
_CODE = WORKERS.replace("Desk, Proposal, worker", "Desk, Placement, Proposal, Routing, worker") + (
    "\n\n@worker\ndef place(routing: Routing) -> Placement:\n    return Placement(routing.candidates[0].name, 'first')\n"
)

# What the coordinator's declaration has instead of what, and everything that is told of it.
DECLARED = [
    pytest.param(
        "writes: []",
        "writes: [till.discount]",
        [
            f"workers › dispatcher › writes | a coordinator has no writes: it places work and nothing else. Write writes: []. {_WAY_OUT}",
            "workers › dispatcher › writes › #1 | a worker of tier 4 coordinates, it writes nothing. Give it tier 3, or take the right away.",
        ],
        id="an effect",
    ),
    pytest.param(
        "reads: []",
        "reads: [till.sale]",
        [
            f"workers › dispatcher › reads | a coordinator has no reads: it places work and nothing else. Write reads: []. {_WAY_OUT}"
        ],
        id="a look at the business",
    ),
    pytest.param(
        "evidence: []",
        "evidence: [choice.txt]",
        [
            f"workers › dispatcher › evidence | a coordinator has no evidence: it places work and nothing else. Write evidence: []. {_WAY_OUT}"
        ],
        id="evidence",
    ),
    pytest.param(
        "tier: 4",
        "tier: 2",
        ["workers › dispatcher › tier | a coordinator has tier 4, not 2. Write tier: 4."],
        id="another tier",
    ),
    pytest.param(
        "takes: [packet], gives: [placement]",
        "takes: [request], gives: [sale]",
        [
            "workers › dispatcher › takes | a coordinator takes the packet and nothing else. Write takes: [packet].",
            "workers › dispatcher › gives | a coordinator gives the placement and nothing else. Write gives: [placement].",
        ],
        id="the request, and a field",
    ),
    pytest.param(
        "job: Dispatcher",
        "job: Giver",
        [
            "workers › dispatcher › job | dispatcher coordinates, so it is no peer of giver. Give it a job of its own, or take `coordinates` away: giver has this one."
        ],
        id="the job of somebody who works",
    ),
    pytest.param(
        "workers:place",
        "workers:plaice",
        ["workers › dispatcher › coordinates | lanes/discounts/workers.py has no function plaice. Did you mean place?"],
        id="a function that is not there",
    ),
]
# What its function looks like, and everything that is told of it.
FUNCTIONS = [
    pytest.param(
        "def place(routing: Routing) -> Placement",
        "def place(routing: Routing) -> str",
        ["place | place places work, so it returns a Placement. Annotate it -> Placement."],
        id="it returns something else",
    ),
    pytest.param(
        "def place(routing: Routing) -> Placement",
        "def place(routing: Routing, request: Discount) -> Placement",
        ["place › request | request can't be given to a coordinator. A parameter is annotated Routing or Desk."],
        id="it wants the request",
    ),
]


def _paths(found: list[str]) -> list[str]:
    """Without the place in the file, which is not what is tested here."""
    return [one.partition(" ")[2] for one in found]


def test_a_lane_may_have_a_coordinator_and_nothing_is_to_be_thought_about_it() -> None:
    business = small_business(lane=_LANE, workers=_CODE)

    coordinator = business.lanes["discounts"].coordinator
    assert coordinator is not None
    assert (coordinator.name, coordinator.arguments) == ("dispatcher", {"routing": "routing"})
    assert not [one for one in warnings(business) if "dispatcher" in one.path]


@pytest.mark.parametrize(("old", "new", "expected"), DECLARED)
def test_a_coordinator_is_nothing_else(old: str, new: str, expected: list[str]) -> None:
    assert old in _DESK

    assert _paths(told(lane=_LANE.replace(_DESK, _DESK.replace(old, new)), workers=_CODE)) == expected


def test_a_field_of_a_right_is_one_too() -> None:
    found = told(
        lane=_LANE.replace(_DESK, _DESK.replace("writes: []", "writes: [], only: {till.sale: [total]}")), workers=_CODE
    )

    assert (
        f"workers › dispatcher › only | a coordinator has no only: it places work and nothing else. Write only: {{}}. {_WAY_OUT}"
        in _paths(found)
    )


@pytest.mark.parametrize(("old", "new", "expected"), FUNCTIONS)
def test_its_function_is_given_the_routing_and_returns_a_placement(old: str, new: str, expected: list[str]) -> None:
    assert old in _CODE

    assert _paths(told(lane=_LANE, workers=_CODE.replace(old, new))) == expected


def test_it_does_no_step() -> None:
    lane = _LANE.replace("    worker: giver\n", "    worker: dispatcher\n")

    assert "steps › give › worker | dispatcher coordinates, it does no step. Name the worker who does it." in _paths(
        told(lane=lane, workers=_CODE)
    )


def test_a_lane_has_one_and_only_where_there_is_somebody_to_hand_a_step_to() -> None:
    second = _DESK.replace("dispatcher:", "other:").replace("job: Dispatcher", "job: Planner")
    two = told(lane=_LANE.replace(_DESK, f"{_DESK}\n{second}"), workers=_CODE)
    alone = told(lane=_LANE.replace("    peer: night\n", ""), workers=_CODE)

    assert _paths(two) == [
        "workers › other › coordinates | dispatcher places this lane's work already. A lane has one coordinator."
    ]
    assert _paths(alone) == [
        "workers › dispatcher › coordinates | no step of this lane has a peer to be handed to. Name peers in `peer` or `escalates`."
    ]
