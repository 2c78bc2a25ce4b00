"""What tests of the parts that the composition root puts together share."""

import pytest

from tests.integration.engine.dying import Reaper


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    """Kills nobody before it is told whom."""
    return Reaper(monkeypatch)
