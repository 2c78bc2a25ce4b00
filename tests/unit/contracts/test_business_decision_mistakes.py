"""Mistakes in whom a decision is put to, for how long and before what."""

import pytest

from tests.unit.contracts.small_business import told_after

# What stood there, what stands there now, and everything that is told of it.
DECISIONS = [
    pytest.param(
        'who: "group:staff"',
        'who: "group:staf"',
        ["lane.yaml:67:16 approve › large discount › steps › #1 › who | unknown group staf. Did you mean staff?"],
        id="an unknown group",
    ),
    pytest.param(
        'who: "group:staff"',
        'who: "staff"',
        [
            "lane.yaml:67:16 approve › large discount › steps › #1 › who | staff is not group:NAME, person:NAME or manager-of:requester. Write person:staff, or group:staff."
        ],
        id="somebody without a kind",
    ),
    pytest.param(
        'who: "group:staff"',
        'who: "person:requester"',
        [
            "lane.yaml:67:16 approve › large discount › steps › #1 › who | nobody decides on their own request. Write manager-of:requester."
        ],
        id="the requester",
    ),
    pytest.param(
        'who: "manager-of:requester"',
        'who: "manager-of:nobody"',
        [
            "lane.yaml:68:16 approve › large discount › steps › #2 › who | unknown person nobody. Known: ines, olu and gil."
        ],
        id="the manager of nobody",
    ),
    pytest.param(
        'who: "manager-of:requester"',
        'who: "manager-of:olu"',
        [
            "lane.yaml:68:16 approve › large discount › steps › #2 › who | Olu Adeniyi has no manager. Write person:NAME."
        ],
        id="the manager of somebody without one",
    ),
    pytest.param(
        "for: 1h, remind: [30m]",
        "for: 1 hour, remind: [30m]",
        ["lane.yaml:67:35 approve › large discount › steps › #1 › for | 1 hour is no duration. Write 1h."],
        id="a duration in words",
    ),
    pytest.param(
        "for: 1h, remind: [30m]",
        "for: 1h, remind: [2h]",
        [
            "lane.yaml:67:48 approve › large discount › steps › #1 › remind › #1 | the reminder would come when the time is over. Remind earlier than `for` ends."
        ],
        id="a reminder after the end",
    ),
    pytest.param(
        '    steps:\n      - {who: "group:staff", for: 1h, remind: [30m]}\n      - {who: "manager-of:requester", for: 1h}\n',
        "    steps: []\n",
        ["lane.yaml:66:12 approve › large discount › steps | the list is empty, at least 1 belongs here."],
        id="nobody to ask",
    ),
    pytest.param(
        "before: give\n    when",
        "before: look\n    when",
        [
            "lane.yaml:61:13 approve › large discount › before | look proposes nothing that could be approved. Name a step that returns a Proposal."
        ],
        id="a step that proposes nothing",
    ),
    pytest.param(
        "question: Take",
        "quorum: 3\n    question: Take",
        [
            "lane.yaml:64:13 approve › large discount › quorum | 3 have to agree, but at most 2 are asked. Ask a larger group, or lower the quorum."
        ],
        id="more votes than people",
    ),
    pytest.param(
        "approve:\n",
        "retries: {first_s: 9, longest_s: 5}\napprove:\n",
        ["lane.yaml:59:20 retries › first_s | the first wait, 9 s, is above the longest, 5 s."],
        id="a wait that is above the longest",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), DECISIONS)
def test_a_decision_is_put_to_somebody_in_time(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected
