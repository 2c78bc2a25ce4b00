"""An address counts only as far as this very team vouches for it."""

from typing import Any

import pytest

from gateway.identity import _proven_email

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
