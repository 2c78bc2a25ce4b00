"""Mistakes in prerequisites: names that do not exist, more than one kind, reads that nobody has the right to."""

import pytest

from tests.unit.contracts.small_business import LANE, told

MISTAKES = [
    ("person: inez", ["lane.yaml:6:79 prerequisites › P › person | unknown person inez. Did you mean ines?"]),
    ("group: stuff", ["lane.yaml:6:78 prerequisites › P › group | unknown group stuff. Did you mean staff?"]),
    ("setting: till.pth", ["lane.yaml:6:80 prerequisites › P › setting | till has no setting pth. Did you mean path?"]),
    ("setting: tell.path", ["lane.yaml:6:80 prerequisites › P › setting | unknown system tell. Did you mean till?"]),
    (
        "answers: till.discount",
        [
            "lane.yaml:6:80 prerequisites › P › answers | no worker of this lane may read till.discount. Known: till.sale."
        ],
    ),
    (
        "answers: till.sale",
        [
            "lane.yaml:6:80 prerequisites › P › answers | till.sale can't be read with what it is given: missing a required argument: 'number'."
        ],
    ),
    (
        "group: staff, owner: gil",
        ["lane.yaml:6:92 prerequisites › P › owner | Gil Sá is not active. Name somebody who is."],
    ),
    (
        "group: staff, person: ines",
        ["lane.yaml:6:17 prerequisites › P | name one of setting, answers, person, group."],
    ),
    ("owner: olu", ["lane.yaml:6:17 prerequisites › P | name one of setting, answers, person, group."]),
]


@pytest.mark.parametrize(("said", "expected"), MISTAKES, ids=[said for said, _ in MISTAKES])
def test_a_mistake_in_a_prerequisite_is_told(said: str, expected: list[str]) -> None:
    lane = LANE.replace(
        "owner: olu\n",
        f"owner: olu\nprerequisites: [{{name: P, because: It is missing., action: Bring it., {said}}}]\n",
        1,
    )

    assert told(lane=lane) == expected


@pytest.mark.parametrize(
    "said", ["person: gil", "group: staff", "setting: till.path", 'answers: till.sale, given: {number: "1"}']
)
def test_a_good_prerequisite_is_none(said: str) -> None:
    lane = LANE.replace(
        "owner: olu\n",
        f"owner: olu\nprerequisites: [{{name: P, because: It is missing., action: Bring it., {said}}}]\n",
        1,
    )

    assert told(lane=lane) == []
