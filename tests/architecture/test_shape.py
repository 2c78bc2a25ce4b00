"""Functions and files stay small enough to be read at once, and say why they exist."""

import ast
import statistics
import sys

from tests.architecture.sources import APART, OURS, ROOT, Function, sources

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
MEDIAN_FUNCTION = 8
MIGRATIONS = "storage/migrations/versions/"


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = {
        f"{source.path} {function.name}: {_lines(function)}"
        for source in sources(*OURS, *APART)
        for function in source.functions()
        if _lines(function) > LONGEST_FUNCTION and not source.path.startswith(MIGRATIONS)
    }

    assert long == set()


def test_half_of_the_functions_have_at_most_eight_lines() -> None:
    lengths = [_lines(function) for source in sources(*OURS) for function in source.functions()]

    assert statistics.median(lengths) <= MEDIAN_FUNCTION


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        source.path
        for source in sources(*OURS, *APART)
        if source.text.count("\n") > LONGEST_FILE and not source.path.startswith(MIGRATIONS)
    }

    assert long == set()


def test_every_module_says_why_it_exists() -> None:
    silent = {source.path for source in sources(*OURS, *APART) if not ast.get_docstring(source.tree)}

    assert silent == set()


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {path: path.rpartition("/")[2].removesuffix(".py") for path in (one.path for one in sources(*OURS))}

    assert {path for path, name in names.items() if name in sys.stdlib_module_names and name != "__main__"} == set()


def test_locks_name_versions_and_hashes_and_no_place() -> None:
    locks = sorted(ROOT.glob("*.lock"))

    assert [lock.name for lock in locks] == ["requirements-development.lock", "requirements.lock"]
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
