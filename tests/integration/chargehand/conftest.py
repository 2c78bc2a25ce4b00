"""What tests of the parts that the composition root puts together share."""

from types import SimpleNamespace

import pytest
import tenacity

from tests.integration.engine.dying import Reaper


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    """Kills nobody before it is told whom."""
    return Reaper(monkeypatch)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made before something was asked again, in seconds; none of them is waited for."""
    made: list[float] = []
    monkeypatch.setattr(tenacity.nap, "time", SimpleNamespace(sleep=made.append))
    return made
