"""Gives each test its own Slack team."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.playing import Playing, playing


@pytest.fixture
def slack() -> Iterator[Playing]:
    """A team whose app hears no events."""
    with playing() as running:
        yield running


@pytest.fixture
def slack_with_events() -> Iterator[Playing]:
    """A team whose app hears every event."""
    events = ("app_mention", "message.im", "message.channels", "app_home_opened")
    with playing(events=events) as running:
        yield running
