"""Mistakes in what a worker says of itself: each is told with its place and what would be right."""

import pytest

from tests.unit.contracts.small_business import LANE, told, told_after

REQUIRED = (
    *("job", "outcome", "accountable", "done", "tier", "may", "reads", "writes", "takes", "gives"),
    *("evidence", "fails", "stops", "next", "escalates", "cost", "runtime"),
)

# What stood there, what stands there now, and everything that is told of it.
WORKERS = [
    pytest.param(
        "kpi: fair-prices, done",
        "done",
        [
            (
                "lane.yaml:16:3 workers › looker | looker moves no KPI, so its lane stays at stage 2 or below. "
                "Name a kpi, or write stage: 2."
            )
        ],
        id="no number above stage 2",
    ),
    pytest.param(
        "may: recommend",
        "may: decide",
        [
            (
                "lane.yaml:16:157 workers › looker › may | a worker of tier 1 recommends, it decides nothing. "
                "Write may: recommend, or give it a higher tier."
            )
        ],
        id="a decision at tier 1",
    ),
    pytest.param(
        "may: decide",
        "may: guess",
        ["lane.yaml:26:10 workers › giver › may | guess is not one of decide or recommend."],
        id="neither decides nor recommends",
    ),
    pytest.param(
        "takes: [request, sale]",
        "takes: [request, sales]",
        [
            "lane.yaml:27:22 workers › giver › takes › #2 | unknown input sales. Did you mean sale?",
            (
                "lane.yaml:27:12 workers › giver › takes | give is given sale, which giver does not take. "
                "Write takes: [request, sales, sale]."
            ),
        ],
        id="an input that nobody writes",
    ),
    pytest.param(
        "takes: [request, sale]",
        "takes: [request]",
        [
            (
                "lane.yaml:27:12 workers › giver › takes | give is given sale, which giver does not take. "
                "Write takes: [request, sale]."
            )
        ],
        id="a function that is given more than its worker takes",
    ),
    pytest.param(
        "gives: [given]",
        "gives: [giving]",
        ["lane.yaml:28:13 workers › giver › gives › #1 | giver writes no field giving. Did you mean given?"],
        id="a field that it does not write",
    ),
    pytest.param(
        "evidence: [till.discount]",
        "evidence: [till.refund]",
        [
            (
                "lane.yaml:29:16 workers › giver › evidence › #1 | till.refund is neither kept by a step of giver "
                "nor one of its writes. Known: till.discount."
            )
        ],
        id="evidence that nothing leaves",
    ),
    pytest.param(
        "evidence: [sale.json], fails",
        "evidence: [], fails",
        ["lane.yaml:16:211 workers › looker › evidence | looker keeps sale.json too. Write evidence: [sale.json]."],
        id="evidence that it does not tell of",
    ),
    pytest.param(
        "the till is off: transient, the",
        "the till is off: passing, the",
        [
            "lane.yaml:30:30 workers › giver › fails › the till is off | passing is not one of transient, deterministic, judgment or governance."
        ],
        id="a failure of no class",
    ),
    pytest.param(
        "next: giver",
        "next: requester",
        [
            "lane.yaml:16:292 workers › looker › next | after looker the step of giver comes, not that of requester. Write next: giver."
        ],
        id="a next one who is not",
    ),
    pytest.param(
        "next: requester",
        "next: looker",
        [
            "lane.yaml:32:11 workers › giver › next | after giver nobody's step comes, not that of looker. Write next: requester."
        ],
        id="a next one after the last",
    ),
    pytest.param(
        "    escalates: [lane-owner]",
        "    escalates: [lane-ower]",
        [
            "lane.yaml:33:17 workers › giver › escalates › #1 | lane-ower is no worker, peers, lane-owner, group:NAME or person:NAME. Did you mean lane-owner?"
        ],
        id="an escalation to nobody",
    ),
    pytest.param(
        "    escalates: [lane-owner]",
        "    escalates: [looker, lane-owner]",
        [
            (
                "lane.yaml:33:17 workers › giver › escalates › #1 | looker has another job than giver. "
                "Name a worker whose job is Giver, or write lane-owner."
            )
        ],
        id="an escalation to a worker of another job",
    ),
    pytest.param(
        "    escalates: [lane-owner]",
        '    escalates: ["person:gill", "group:stuff"]',
        [
            "lane.yaml:33:18 workers › giver › escalates › #1 | unknown person gill. Did you mean gil?",
            "lane.yaml:33:33 workers › giver › escalates › #2 | unknown group stuff. Did you mean staff?",
        ],
        id="an escalation to people who are unknown",
    ),
    pytest.param(
        '    cost: {usual: "0.01", at_most: "0.02"}',
        '    cost: {usual: "0.03", at_most: "0.02"}',
        [
            "lane.yaml:34:37 workers › giver › cost › at_most | a run usually costs 0.03, which is above 0.02, the most it should."
        ],
        id="a cost above the most",
    ),
    pytest.param(
        'cost: {usual: "0.01", at_most: "0.02"}, runtime',
        'cost: {usual: "-1", at_most: "0.02"}, runtime',
        ["lane.yaml:16:339 workers › looker › cost › usual | -1 is out of range. Write a number at least 0."],
        id="a cost below nothing",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), WORKERS)
def test_a_worker_agrees_with_its_steps_and_its_tier(old: str, new: str, expected: list[str]) -> None:
    assert sorted(told_after("lane", old, new)) == sorted(expected)


@pytest.mark.parametrize("field", REQUIRED)
def test_a_worker_lacks_nothing(field: str) -> None:
    lines = LANE.split("\n")
    start = lines.index("  giver:")
    at = next(index for index in range(start, len(lines)) if lines[index].startswith(f"    {field}:"))

    assert told(lane="\n".join([*lines[:at], *lines[at + 1 :]])) == [
        f"lane.yaml:17:3 workers › giver | {field} is missing."
    ]


LOOKER = next(line for line in LANE.split("\n") if line.startswith("  looker:"))
NIGHT = LOOKER.replace("looker", "night", 1).replace("runtime: default", "runtime: batch")
# What the peer's declaration has instead of what, the peer that the step names, and everything that is told of it.
PEERS = [
    pytest.param(("", ""), "night", [], id="the same job on another runtime"),
    pytest.param(
        ("", ""),
        "nigth",
        ["lane.yaml:40:11 steps › look › peer | unknown worker nigth. Did you mean night?"],
        id="an unknown peer",
    ),
    pytest.param(
        ("runtime: batch", "runtime: default"),
        "night",
        [
            (
                "lane.yaml:40:11 steps › look › peer | night runs on default, as looker does. "
                "A peer is the same job on another runtime."
            )
        ],
        id="a peer on the same runtime",
    ),
    pytest.param(
        ("reads: [till.sale]", "reads: []"),
        "night",
        [
            (
                "lane.yaml:40:11 steps › look › peer | night has other rights than looker. "
                "Give both the same tier, reads, writes, only, takes and gives."
            )
        ],
        id="a peer with other rights",
    ),
]


# How long a peer has, whether there is one, and everything that is told of it.
TIMES = [
    pytest.param("2m", True, [], id="long enough"),
    pytest.param(
        "20s",
        True,
        [
            (
                "lane.yaml:41:18 steps › look › peer_within | a peer would be passed over before the step's own deadline "
                "ends it. Give it 30s at least, or shorten `deadline`."
            )
        ],
        id="shorter than the step's deadline",
    ),
    pytest.param(
        "2m",
        False,
        ["lane.yaml:40:18 steps › look › peer_within | look has no peer. Name one as `peer`, or take this away."],
        id="no peer at all",
    ),
]


GIVERS = "    escalates: [lane-owner]"
# What the giver's ladder is instead, and everything that is told of it.
LADDERS = [
    pytest.param('    escalates: ["person:olu", "group:staff", lane-owner]', [], id="people in order"),
    pytest.param(
        "    escalates: [lane-owner, looker]",
        [
            "lane.yaml:33:29 workers › giver › escalates › #2 | looker stands after people. Name workers first: people are asked last."
        ],
        id="a worker after people",
    ),
    pytest.param(
        "    escalates: [peers, lane-owner]",
        [
            (
                "lane.yaml:33:17 workers › giver › escalates › #1 | giver has no peers. "
                "Declare another worker of the same job, or take it away."
            )
        ],
        id="peers of whom there are none",
    ),
    pytest.param(
        "    escalates: [lane-owner]\n    patience: {lane-owner: {for: 1h, remind: [30m]}}",
        [],
        id="patience of the owner",
    ),
    pytest.param(
        "    escalates: [lane-owner]\n    patience: {lane-ower: {for: 1h}}",
        [
            (
                "lane.yaml:34:27 workers › giver › patience › lane-ower | lane-ower is not among the people whom giver "
                "escalates to. Did you mean lane-owner?"
            )
        ],
        id="patience with nobody",
    ),
    pytest.param(
        "    escalates: [lane-owner]\n    patience: {lane-owner: {for: 1h, remind: [2h]}}",
        [
            (
                "lane.yaml:34:47 workers › giver › patience › lane-owner › remind › #1 | the reminder would come when the "
                "time is over. Remind earlier than `for` ends."
            )
        ],
        id="a reminder when the time is over",
    ),
]


@pytest.mark.parametrize(("ladder", "expected"), LADDERS)
def test_a_ladder_names_workers_first_and_people_who_are_there(ladder: str, expected: list[str]) -> None:
    assert told_after("lane", GIVERS, ladder) == expected


@pytest.mark.parametrize(("change", "peer", "expected"), PEERS)
def test_a_peer_is_the_same_job_elsewhere(change: tuple[str, str], peer: str, expected: list[str]) -> None:
    assert change[0] in NIGHT
    lane = LANE.replace(LOOKER, f"{LOOKER}\n{NIGHT.replace(*change)}")

    assert told(lane=lane.replace("    worker: looker\n", f"    worker: looker\n    peer: {peer}\n")) == expected


@pytest.mark.parametrize(("within", "has_peer", "expected"), TIMES)
def test_a_peer_has_the_time_that_a_step_may_take(within: str, has_peer: bool, expected: list[str]) -> None:
    lane = LANE.replace(LOOKER, f"{LOOKER}\n{NIGHT}")
    peer = "    peer: night\n" if has_peer else ""

    assert (
        told(lane=lane.replace("    worker: looker\n", f"    worker: looker\n{peer}    peer_within: {within}\n"))
        == expected
    )
