"""The sandbox is told exactly the people, channels and secrets of the companies that run here."""

import json

import pytest
from pydantic import SecretStr

from chargehand.sandbox_config import bot_tokens, sandbox_config
from chargehand.settings import Settings
from contracts.company import Company, PersonDeclaration, Portfolio, Workspace
from sandbox.config import Config


def company(name: str, *, team: str | None = None) -> Company:
    people = (
        PersonDeclaration(id="anna", name="Anna K.", email="anna@morning.example", role="Support", timezone="UTC"),
        PersonDeclaration(id="bo-2", name="Bo", email="bo@morning.example", role="Finance", active=False),
        PersonDeclaration(id="cleo", name="Cleo", email="cleo@morning.example", role="Operator"),
    )
    return Company(
        company=name,
        name=f"The {name} company",
        currency="USD",
        timezone="UTC",
        slack_team=team,
        slack_channels={"support": ("helpers", "cleo"), "finance": ("bo-2",)},
        last_resort="cleo",
        strategy="Keep customers",
        workspaces=(Workspace(id="w", name="W", portfolios=(Portfolio(id="p", name="P", manager="cleo"),)),),
        people=people,
        groups={"helpers": ("anna",)},
    )


@pytest.fixture
def settings() -> Settings:
    """Settings with a played Slack."""
    return Settings.model_construct(
        url="http://127.0.0.1:8123",
        listen="",
        slack_bot_token=SecretStr("xoxb-1"),
        slack_signing_secret=SecretStr("signs"),
    )


def test_the_sandbox_accepts_it(settings: Settings) -> None:
    config = Config.model_validate_json(json.dumps(sandbox_config([company("morning", team="T0MORNING")], settings)))

    team = config.teams[0]
    assert (team.id, team.bot_token, team.signing_secret) == ("T0MORNING", "xoxb-1", "signs")
    assert team.request_url == "http://127.0.0.1:8123/slack/events"
    assert [(user.id, user.email, user.deleted) for user in team.users] == [
        ("U0ANNA", "anna@morning.example", False),
        ("U0BO2", "bo@morning.example", True),
        ("U0CLEO", "cleo@morning.example", False),
    ]


def test_a_channel_holds_people_and_the_people_of_groups(settings: Settings) -> None:
    config = Config.model_validate_json(json.dumps(sandbox_config([company("morning")], settings)))

    channels = {channel.name: channel.members for channel in config.teams[0].channels}
    assert channels == {"support": ("U0ANNA", "U0CLEO"), "finance": ("U0BO2",)}


def test_two_companies_have_teams_and_tokens_of_their_own(settings: Settings) -> None:
    companies = [company("morning"), company("evening")]

    tokens = bot_tokens(companies, settings)

    assert tokens == {"T0MORNING": "xoxb-1", "T0EVENING": "xoxb-1-T0EVENING"}
    config = Config.model_validate_json(json.dumps(sandbox_config(companies, settings)))
    assert {team.id: team.bot_token for team in config.teams} == tokens


def test_a_gateway_that_listens_everywhere_is_reached_on_loopback(settings: Settings) -> None:
    everywhere = settings.model_copy(update={"listen": "0.0.0.0:9000"})

    config = Config.model_validate_json(json.dumps(sandbox_config([company("morning")], everywhere)))

    assert config.teams[0].request_url == "http://127.0.0.1:9000/slack/events"
