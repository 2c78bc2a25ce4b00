"""One running deployment for a module's stories, brought up as a newcomer does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.stack import Stack, running


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The morning company, up on free ports; stories share it and keep to orders of their own."""
    with running(tmp_path_factory.mktemp("story") / "home") as stack:
        yield stack


@pytest.fixture
def own_home(tmp_path: Path) -> Path:
    """A home folder for a story that needs a deployment of its own."""
    return tmp_path / "home"
