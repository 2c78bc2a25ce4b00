"""An address counts only as far as this very team vouches for it."""

from typing import Any

import pytest

from gateway.identity import SlackUser, _homes, _proven_email
from storage.directory import Installation

INSTALLED = Installation("morning", "T1", "U0BOT", b"sealed")
ANNA: dict[str, Any] = {
    "id": "U1",
    "team_id": "T1",
    "deleted": False,
    "is_bot": False,
    "is_email_confirmed": True,
    "profile": {"email": "anna@morning.example"},
}


def test_the_confirmed_address_of_a_member_of_the_team_counts() -> None:
    assert _proven_email(ANNA, "T1") == "anna@morning.example"


def test_a_member_of_several_workspaces_of_one_organisation_counts_in_each() -> None:
    assert _proven_email(ANNA | {"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, "T1") is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"deleted": True},
        {"is_bot": True},
        {"is_stranger": True},
        {"is_email_confirmed": False},
        {"team_id": "T2"},
        {"team_id": "T2", "enterprise_user": {"teams": ["T2"]}},
        {"profile": {}},
        {"profile": {"email": None}},
        {"profile": {"email": "no address"}},
    ],
)
def test_nobody_else_brings_an_address_of_ours(changed: dict[str, Any]) -> None:
    assert _proven_email(ANNA | changed, "T1") is None


@pytest.mark.parametrize(("home", "guest"), [(None, False), ("T1", False), ("T2", True), ("E1", True)])
def test_whoever_is_a_member_of_another_team_is_a_guest(home: str | None, guest: bool) -> None:
    assert SlackUser(INSTALLED, "U1", home).is_guest is guest


def test_a_guest_is_at_home_in_their_own_organisation_alone() -> None:
    of_ours = ANNA | {"enterprise_user": {"enterprise_id": "E1", "teams": ["T1", "T2"]}}

    assert _homes(of_ours) == {"E1", "T1", "T2"}
    assert _homes(ANNA) == _homes({}) == _homes({"enterprise_user": None}) == set()
