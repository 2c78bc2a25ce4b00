"""A whole Chargehand whose Slack is the stand-in."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chargehand import worlds
from tests.stories.stack import Stack, running
from tests.witness.clerk import Clerk, clerk_before
from tests.witness.people import SIGNING_SECRET, People
from tests.witness.slack import BOT_TOKEN, TEAM, StandIn, standing_in

MORNING = Path(__file__).parents[2] / "examples" / "morning"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A deployment, its people, the Slack that it speaks to, and the record of all it said there."""

    stack: Stack
    people: People
    slack: StandIn
    clerk: Clerk


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witnessed]:
    """The morning company in the stand-in's team; stories share it and keep to orders of their own."""
    home = tmp_path_factory.mktemp("witness")
    company = _morning_in(TEAM, home / "morning")
    worlds.build(company, home / "home")
    with standing_in() as slack, clerk_before(slack.address) as (clerk, address):
        settings = {
            "CHARGEHAND_BUSINESS": str(company),
            "SLACK_API_URL": f"{address}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }
        with running(home / "home", **settings) as stack:
            yield Witnessed(stack, People(stack.web, slack), slack, clerk)


def _morning_in(team: str, folder: Path) -> Path:
    """The morning company as it is but for its Slack team."""
    shutil.copytree(MORNING, folder)
    company = folder / "company.yaml"
    text = company.read_text(encoding="utf-8")
    assert "slack_team: T0MORNING" in text
    company.write_text(text.replace("slack_team: T0MORNING", f"slack_team: {team}"), encoding="utf-8")
    return folder
