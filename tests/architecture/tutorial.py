"""Reads the files that a page tells a newcomer to write: `<!-- tutorial: FILE -->` and the block below it."""

import re
from collections.abc import Iterator

_WRITTEN = re.compile(r"<!-- tutorial: ([^ ,]+)(?:, more)? -->\n```[a-z]+\n(.*?)```", re.DOTALL)


def written_in(page: str) -> Iterator[tuple[str, str]]:
    """Each file of the tutorial with what is written into it, in the order of the page; a file may come again."""
    yield from ((found[1], found[2]) for found in _WRITTEN.finditer(page))
