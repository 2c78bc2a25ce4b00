"""Every named failpoint is passed somewhere, and nothing is passed that has no name."""

import ast

from storage.failpoints import NAMES
from tests.architecture.sources import FLOORS, last_word, sources


def test_the_failpoints_that_are_listed_are_the_ones_that_are_passed() -> None:
    assert _passed() == set(NAMES)


def _passed() -> set[str]:
    """Constant names, and templates such as f"{point}.before_commit" for every `point="…"` that is given."""
    found: set[str] = set()
    points: set[str] = set()
    endings: set[str] = set()
    for source in sources(*FLOORS):
        for word, call in source.calls():
            points |= {given.value.value for given in call.keywords if given.arg == "point" and _is_text(given.value)}  # type: ignore[attr-defined]
            if word == "passing":
                name = call.args[0]
                assert _is_text(name) or isinstance(name, ast.JoinedStr), f"{source.path}: {ast.unparse(call)}"
                found |= {str(name.value)} if isinstance(name, ast.Constant) else set()
                endings |= {_ending(name)} if isinstance(name, ast.JoinedStr) else set()
    return found | {f"{point}{ending}" for point in points for ending in endings}


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _ending(name: ast.JoinedStr) -> str:
    place, ending = name.values
    assert isinstance(place, ast.FormattedValue)
    assert last_word(place.value) == "point"
    assert isinstance(ending, ast.Constant)
    return str(ending.value)
